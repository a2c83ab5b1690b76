import type { Session } from './prisma/client.js';
import type { Sessions } from './sessions.js';

const LONGEST_TITLE = 80;

/** What a picture is called in its owner's gallery; nothing but spaces takes the name away. */
export async function nameSession({ prisma }: Sessions, id: string, title: string): Promise<void> {
  const named = title.replace(/\s+/g, ' ').trim().slice(0, LONGEST_TITLE);
  await prisma.session.update({ where: { id }, data: { title: named || null } });
}

/** Whoever knows the key may look; undefined takes the link back for good. */
export async function shareSession({ prisma }: Sessions, id: string, key: string | undefined): Promise<void> {
  await prisma.session.update({ where: { id }, data: { shareKey: key ?? null } });
}

export async function sharedSession({ prisma }: Sessions, key: string): Promise<Session | undefined> {
  return (await prisma.session.findUnique({ where: { shareKey: key } })) ?? undefined;
}
