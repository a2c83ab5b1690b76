-- How a picture was drawn, where that is to be told with it: {"rough": true, "blurred": true}.
ALTER TABLE "Revision" ADD COLUMN "drawn" JSONB;
