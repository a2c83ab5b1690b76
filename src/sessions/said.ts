import type { Notice, Question } from './notice.js';
import { storable } from './rows.js';
import type { Post, Revision, Session, Sessions, Tx } from './sessions.js';

/**
 * Keeps what was written with a picture: it is done once that is cut. It has its message already, the event that told
 * of it, and is never sent.
 */
export async function keepCaption(
  tx: Tx,
  session: Pick<Session, 'id'>,
  said: { readonly text: string; readonly event: string; readonly revision?: string },
): Promise<void> {
  const notice: Notice = { kind: 'said', text: said.text, event: said.event, caption: true };
  const revisionId = said.revision ?? null;
  await tx.post.create({
    data: { sessionId: session.id, revisionId, notice: storable(notice), message: said.event },
  });
}

/** What was written with the session's picture, or with one of its references. */
export async function captionOf(
  { prisma }: Sessions,
  sessionId: string,
  reference?: string,
): Promise<string | undefined> {
  const post = await prisma.post.findFirst({
    where: { sessionId, revisionId: reference ?? null, notice: { path: ['caption'], equals: true } },
  });
  return post ? (post.notice as { text: string }).text : undefined;
}

/** What one of the bot's messages tells. */
export async function postOf(tx: Tx, session: Session, message: string): Promise<Post | undefined> {
  return (await tx.post.findFirst({ where: { sessionId: session.id, message } })) ?? undefined;
}

/** `postOf` outside any transaction, for who only looks. */
export const postNow = async ({ prisma }: Sessions, session: Session, message: string) =>
  await postOf(prisma, session, message);

/** The message that showed the first picture of a revision. */
export async function messageOf({ prisma }: Sessions, revisionId: string): Promise<string | undefined> {
  const where = { revisionId, message: { not: null }, notice: { path: ['kind'], equals: 'result' } };
  return (await prisma.post.findFirst({ where, orderBy: { order: 'desc' } }))?.message ?? undefined;
}

/** The revision whose numbered overlay was told last in the thread. */
export async function numberedLast(tx: Tx, { id }: Pick<Session, 'id'>): Promise<Revision | undefined> {
  const kinds: Notice['kind'][] = ['cut', 'numbers', 'standing'];
  const post = await tx.post.findFirst({
    where: { sessionId: id, OR: kinds.map((kind) => ({ notice: { path: ['kind'], equals: kind } })) },
    orderBy: { order: 'desc' },
  });
  return (
    (post?.revisionId && (await tx.revision.findUnique({ where: { id: post.revisionId } }))) || undefined
  );
}

/** Posts that are looked through for a question; what people say themselves lies among them on some platforms. */
const NEWEST = 3;

/** The question that this person was asked last in the session, as long as nothing else was told since. */
export async function openQuestion(
  { prisma }: Sessions,
  { id }: Pick<Session, 'id'>,
  user: string,
): Promise<Question | undefined> {
  const newest = await prisma.post.findMany({
    where: { sessionId: id },
    orderBy: { order: 'desc' },
    take: NEWEST,
  });
  const told = newest.map(({ notice }) => notice as unknown as Notice).find(({ kind }) => kind !== 'said');
  const question = told?.kind === 'words' ? told.question : undefined;
  return question?.user === user ? question : undefined;
}
