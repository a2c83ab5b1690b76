-- The draft of a picture that was drawn finer.
ALTER TABLE "Revision" ADD COLUMN "draftKey" TEXT;
