import type { EditOptions } from '../engine/editor.js';
import type { Item } from '../engine/edits/index.js';
import type { Prisma, Revision, Session } from './prisma/client.js';

/** Rows as everybody sees them, and what their JSON columns hold. */

export type { Post, Revision, Session, Task } from './prisma/client.js';
export { Status } from './prisma/client.js';
export type Tx = Prisma.TransactionClient;

export const itemsOf = (revision: Revision | undefined): readonly Item[] =>
  (revision?.items ?? []) as unknown as readonly Item[];

export const settingsOf = (session: Session): Partial<EditOptions> =>
  session.settings as Partial<EditOptions>;

export const storable = (value: unknown): Prisma.InputJsonValue => value as Prisma.InputJsonValue;
