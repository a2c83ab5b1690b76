-- CreateEnum
CREATE TYPE "Status" AS ENUM ('PENDING', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED');

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "platform" TEXT NOT NULL,
    "thread" TEXT NOT NULL,
    "owner" TEXT NOT NULL,
    "checkpoint" TEXT NOT NULL,
    "settings" JSONB NOT NULL DEFAULT '{}',
    "headId" TEXT,
    "learning" "Status" NOT NULL DEFAULT 'PENDING',
    "learningError" TEXT,
    "learningAttempts" INTEGER NOT NULL DEFAULT 0,
    "learnedKey" TEXT,
    "heartbeatAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "usedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Revision" (
    "id" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "parentId" TEXT,
    "number" INTEGER NOT NULL,
    "say" TEXT NOT NULL,
    "edit" JSONB,
    "options" JSONB NOT NULL DEFAULT '{}',
    "stripId" TEXT,
    "user" TEXT NOT NULL,
    "status" "Status" NOT NULL DEFAULT 'PENDING',
    "error" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "heartbeatAt" TIMESTAMP(3),
    "width" INTEGER,
    "height" INTEGER,
    "items" JSONB,
    "sourceKey" TEXT,
    "pictureKey" TEXT,
    "labelsKey" TEXT,
    "overlayKey" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "doneAt" TIMESTAMP(3),

    CONSTRAINT "Revision_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Post" (
    "id" TEXT NOT NULL,
    "order" SERIAL NOT NULL,
    "sessionId" TEXT NOT NULL,
    "revisionId" TEXT,
    "notice" JSONB NOT NULL,
    "message" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "notBefore" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "refused" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Post_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Event" (
    "platform" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Event_pkey" PRIMARY KEY ("platform","id")
);

-- CreateTable
CREATE TABLE "Usage" (
    "platform" TEXT NOT NULL,
    "user" TEXT NOT NULL,
    "day" TEXT NOT NULL,
    "uploads" INTEGER NOT NULL DEFAULT 0,
    "edits" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "Usage_pkey" PRIMARY KEY ("platform","user","day")
);

-- CreateIndex
CREATE UNIQUE INDEX "Session_platform_thread_key" ON "Session"("platform", "thread");
CREATE INDEX "Session_usedAt_idx" ON "Session"("usedAt");
CREATE INDEX "Session_learning_idx" ON "Session"("learning");
CREATE UNIQUE INDEX "Revision_sessionId_number_key" ON "Revision"("sessionId", "number");
CREATE INDEX "Revision_status_idx" ON "Revision"("status");
CREATE INDEX "Revision_stripId_idx" ON "Revision"("stripId");
CREATE INDEX "Post_message_refused_notBefore_idx" ON "Post"("message", "refused", "notBefore");
CREATE INDEX "Post_sessionId_message_idx" ON "Post"("sessionId", "message");
CREATE INDEX "Event_createdAt_idx" ON "Event"("createdAt");

-- AddForeignKey
ALTER TABLE "Revision" ADD CONSTRAINT "Revision_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Revision" ADD CONSTRAINT "Revision_parentId_fkey" FOREIGN KEY ("parentId") REFERENCES "Revision"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Post" ADD CONSTRAINT "Post_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
