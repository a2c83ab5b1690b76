-- The pixels of covered items, so that they can be uncovered later.
ALTER TABLE "Revision" ADD COLUMN "layersKey" TEXT;
