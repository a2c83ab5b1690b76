-- What the picture's own pixels answer, what is drawn, and what nobody waits for are done side by side.
CREATE TYPE "Lane" AS ENUM ('pixels', 'drawing', 'background');
ALTER TABLE "Task" ADD COLUMN "lane" "Lane" NOT NULL DEFAULT 'drawing';
-- an edit that waits here is drawn in its turn, whatever answers it
UPDATE "Task" SET "lane" = 'pixels' WHERE "kind" = 'segment';
UPDATE "Task" SET "lane" = 'background' WHERE "kind" IN ('learn', 'refine');
