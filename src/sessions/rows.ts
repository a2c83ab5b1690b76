import type { EditOptions } from '../engine/editor.js';
import type { Item } from '../engine/edits/index.js';
import type { StepsTaken } from '../engine/engine.js';
import type { Prisma, Revision, Session } from './prisma/client.js';

/** Rows as everybody sees them, and what their JSON columns hold. */

export type { Post, Revision, Session, Task } from './prisma/client.js';
export { Status } from './prisma/client.js';
export type Tx = Prisma.TransactionClient;

export const itemsOf = (revision: Revision | undefined): readonly Item[] =>
  (revision?.items ?? []) as unknown as readonly Item[];

export const settingsOf = (session: Session): Partial<EditOptions> =>
  session.settings as Partial<EditOptions>;

/** How long its items were learned, once they are. */
export const learnedStepsOf = ({ learnedSteps }: Session): StepsTaken | undefined =>
  (learnedSteps ?? undefined) as StepsTaken | undefined;

/** Postgres stores no NUL in a text, and no half of a surrogate pair in JSON, which a name that was cut may end with. */
export const wellFormed = (text: string): string =>
  Buffer.from(text.replaceAll('\0', ' '), 'utf8').toString('utf8');

/** As a JSON column takes it. */
export const storable = (value: unknown): Prisma.InputJsonValue =>
  JSON.parse(JSON.stringify(value), (_, part: unknown) =>
    typeof part === 'string' ? wellFormed(part) : part,
  ) as Prisma.InputJsonValue;
