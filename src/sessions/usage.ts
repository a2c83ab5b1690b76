import { UserError } from '../engine/errors.js';
import type { Prisma } from './prisma/client.js';

export interface Quotas {
  /** A person's pictures and edits a UTC day; 0: without limit. */
  readonly uploadsPerDay: number;
  readonly editsPerDay: number;
}

export const NO_QUOTAS: Quotas = { uploadsPerDay: 0, editsPerDay: 0 };

/**
 * Counts what a person does today.
 * @throws UserError when the day's share is used up
 */
export async function charge(
  { quotas, now }: { readonly quotas: Quotas; readonly now: () => Date },
  tx: Prisma.TransactionClient,
  { platform, user }: { readonly platform: string; readonly user: string },
  what: 'uploads' | 'edits',
  count = 1,
): Promise<void> {
  const key = { platform, user, day: now().toISOString().slice(0, 10) };
  const used = await tx.usage.upsert({
    where: { platform_user_day: key },
    create: { ...key, [what]: count },
    update: { [what]: { increment: count } },
  });
  const limit = what === 'uploads' ? quotas.uploadsPerDay : quotas.editsPerDay;
  if (limit > 0 && used[what] > limit) {
    throw new UserError(
      `that would be more than ${limit} ${what === 'uploads' ? 'pictures' : 'edits'} today: come back after midnight UTC, or ask whoever runs this bot for more`,
    );
  }
}
