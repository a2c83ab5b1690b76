-- What a person calls a picture, and the key of its read-only link while it is shared.
ALTER TABLE "Session" ADD COLUMN "title" TEXT;
ALTER TABLE "Session" ADD COLUMN "shareKey" TEXT;
CREATE UNIQUE INDEX "Session_shareKey_key" ON "Session"("shareKey");
