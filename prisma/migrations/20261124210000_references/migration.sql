-- Reference pictures: rows beside the tree, with a letter and a number below 0.
ALTER TABLE "Revision" ADD COLUMN "letter" TEXT;
ALTER TABLE "Revision" ADD COLUMN "sourceHash" TEXT;
