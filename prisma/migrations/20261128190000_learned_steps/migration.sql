-- How many micro-steps learning took, of how many it might have.
ALTER TABLE "Session" ADD COLUMN "learnedSteps" JSONB;
