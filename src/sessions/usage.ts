import { UserError } from '../engine/errors.js';
import type { Prisma } from './prisma/client.js';

export interface Quotas {
  /** A person's pictures and edits a UTC day; 0: without limit. */
  readonly uploadsPerDay: number;
  readonly editsPerDay: number;
  /** What a person's pictures, and all together, may take on the disk, in bytes; 0: without limit. */
  readonly bytesEach?: number;
  readonly bytesTogether?: number;
}

export const NO_QUOTAS: Quotas = { uploadsPerDay: 0, editsPerDay: 0 };

interface Asking {
  readonly quotas: Quotas;
  readonly now: () => Date;
}
type Person = { readonly platform: string; readonly user: string };

const dayOf = (date: Date): string => date.toISOString().slice(0, 10);

/**
 * Counts what a person does today.
 * @throws UserError when the day's share, or the room for pictures, is used up
 */
export async function charge(
  asking: Asking,
  tx: Prisma.TransactionClient,
  person: Person,
  what: 'uploads' | 'edits',
  count = 1,
): Promise<void> {
  await checkRoom(asking, tx, person);
  const key = { platform: person.platform, user: person.user, day: dayOf(asking.now()) };
  const used = await tx.usage.upsert({
    where: { platform_user_day: key },
    create: { ...key, [what]: count },
    update: { [what]: { increment: count } },
  });
  const limit = limitOf(asking, what);
  if (limit > 0 && used[what] > limit) throw usedUp(limit, what);
}

/** What could not be done is not counted: words that name nothing in the picture cost no edit. */
export async function giveBack(
  tx: Pick<Prisma.TransactionClient, 'usage'>,
  { platform, user }: Person,
  asked: Date,
): Promise<void> {
  await tx.usage.updateMany({
    where: { platform, user, day: dayOf(asked), edits: { gt: 0 } },
    data: { edits: { decrement: 1 } },
  });
}

/**
 * What `charge` would say of one thing more, without counting it: before a picture is stored that nobody is to look at.
 * @throws UserError as `charge`
 */
export async function checkShare(
  asking: Asking,
  tx: Pick<Prisma.TransactionClient, 'usage' | 'session'>,
  person: Person,
  what: 'uploads' | 'edits',
): Promise<void> {
  await checkRoom(asking, tx, person);
  const limit = limitOf(asking, what);
  if (limit === 0) return;
  const key = { platform: person.platform, user: person.user, day: dayOf(asking.now()) };
  const used = await tx.usage.findUnique({ where: { platform_user_day: key } });
  if ((used?.[what] ?? 0) >= limit) throw usedUp(limit, what);
}

const limitOf = ({ quotas }: Asking, what: 'uploads' | 'edits'): number =>
  what === 'uploads' ? quotas.uploadsPerDay : quotas.editsPerDay;

const usedUp = (limit: number, what: 'uploads' | 'edits'): UserError =>
  new UserError(
    `that would be more than ${limit} ${what === 'uploads' ? 'pictures' : 'edits'} today: come back after midnight UTC, or ask whoever runs this bot for more`,
  );

/** @throws UserError when a person's pictures, or everybody's, take what they may */
async function checkRoom(
  { quotas: { bytesEach = 0, bytesTogether = 0 } }: Asking,
  tx: Pick<Prisma.TransactionClient, 'session'>,
  { platform, user }: Person,
): Promise<void> {
  if (bytesEach > 0) {
    const { _sum } = await tx.session.aggregate({ where: { platform, owner: user }, _sum: { bytes: true } });
    if (Number(_sum.bytes ?? 0) >= bytesEach)
      throw new UserError(
        `your pictures take ${Math.floor(bytesEach / 2 ** 20)} MB, all that one person may have here: say "forget" in a thread you need no more, or "forget me"`,
      );
  }
  if (bytesTogether > 0) {
    const { _sum } = await tx.session.aggregate({ _sum: { bytes: true } });
    if (Number(_sum.bytes ?? 0) >= bytesTogether)
      throw new UserError('there is no room for more pictures here: ask whoever runs this bot to make some');
  }
}
