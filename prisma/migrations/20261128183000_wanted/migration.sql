-- What a person wants the items of a picture they sent to be, in words.
ALTER TABLE "Revision" ADD COLUMN "wanted" JSONB;
