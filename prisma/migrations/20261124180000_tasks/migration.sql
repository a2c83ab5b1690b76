-- CreateEnum
CREATE TYPE "TaskKind" AS ENUM ('segment', 'learn', 'edit', 'refine');

-- CreateTable
CREATE TABLE "Task" (
    "id" TEXT NOT NULL,
    "kind" "TaskKind" NOT NULL,
    "sessionId" TEXT NOT NULL,
    "revisionId" TEXT NOT NULL,
    "status" "Status" NOT NULL DEFAULT 'PENDING',
    "afterLearning" BOOLEAN NOT NULL DEFAULT false,
    "turn" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "notBefore" TIMESTAMP(3),
    "heartbeatAt" TIMESTAMP(3),
    "error" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "doneAt" TIMESTAMP(3),

    CONSTRAINT "Task_pkey" PRIMARY KEY ("id")
);

-- What ran is interrupted by this; a picture of number 0 was cut, any other was made by an edit.
INSERT INTO "Task" ("id", "kind", "sessionId", "revisionId", "status", "afterLearning", "turn", "attempts", "error", "createdAt", "doneAt")
SELECT gen_random_uuid()::text, (CASE WHEN "number" = 0 THEN 'segment' ELSE 'edit' END)::"TaskKind", "sessionId", "id",
       CASE WHEN "status" = 'RUNNING' THEN 'PENDING' ELSE "status" END, "number" > 0, "createdAt", "attempts", "error", "createdAt", "doneAt"
FROM "Revision";

-- Learning was said to wait also where there will be nothing to learn from.
INSERT INTO "Task" ("id", "kind", "sessionId", "revisionId", "status", "turn", "attempts", "error", "createdAt")
SELECT gen_random_uuid()::text, 'learn', s."id", r."id",
       CASE WHEN s."learning" NOT IN ('PENDING', 'RUNNING') THEN s."learning"
            WHEN r."status" IN ('FAILED', 'CANCELLED') THEN 'CANCELLED'::"Status"
            ELSE 'PENDING'::"Status" END,
       s."createdAt", s."learningAttempts", s."learningError", s."createdAt"
FROM "Session" s JOIN "Revision" r ON r."sessionId" = s."id" AND r."number" = 0;

UPDATE "Revision" SET "status" = 'PENDING' WHERE "status" = 'RUNNING';

-- AlterTable
DROP INDEX "Session_learning_idx";
ALTER TABLE "Session" DROP COLUMN "learning", DROP COLUMN "learningError", DROP COLUMN "learningAttempts", DROP COLUMN "heartbeatAt";
ALTER TABLE "Revision" DROP COLUMN "attempts", DROP COLUMN "heartbeatAt";

-- CreateIndex
CREATE UNIQUE INDEX "Task_revisionId_kind_key" ON "Task"("revisionId", "kind");
CREATE INDEX "Task_status_turn_idx" ON "Task"("status", "turn");
CREATE INDEX "Task_sessionId_status_idx" ON "Task"("sessionId", "status");
CREATE INDEX "Revision_parentId_idx" ON "Revision"("parentId");

-- AddForeignKey
ALTER TABLE "Task" ADD CONSTRAINT "Task_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;
ALTER TABLE "Task" ADD CONSTRAINT "Task_revisionId_fkey" FOREIGN KEY ("revisionId") REFERENCES "Revision"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- pg-boss said what is next until now. Its schema goes, unless somebody else keeps a queue in it.
DO $$
DECLARE others INTEGER;
BEGIN
  IF to_regclass('pgboss.queue') IS NULL THEN RETURN; END IF;
  EXECUTE 'SELECT count(*) FROM pgboss.queue WHERE name NOT IN (''jobs'', ''dead-jobs'') AND name NOT LIKE ''\_\_pgboss\_\_%''' INTO others;
  IF others = 0 THEN DROP SCHEMA pgboss CASCADE; END IF;
END $$;
