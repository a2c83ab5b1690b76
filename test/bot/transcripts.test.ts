/** The same conversations through every adapter: the same rows, the same pictures, the same words on the screen. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Dedit } from '../../src/app/dedit.js';
import type { Session } from '../../src/sessions/sessions.js';
import { photo } from '../support/conversation.js';
import { putDatabase } from '../support/database.js';
import { FakeEngine } from '../support/fakeEngine.js';
import { canPlay, CHROMIUM, type Person, people } from '../support/people.js';

const FOLDER = 'test/transcripts';
/** "kind: beginning of the text" of everything the bot said in the thread so far. */
async function told(dedit: Dedit, session: Session): Promise<string[]> {
  const posts = await dedit.sessions.prisma.post.findMany({
    where: { sessionId: session.id },
    orderBy: { order: 'asc' },
  });
  const replies = await Promise.all(posts.map((post) => dedit.replies.of({ ...post, session })));
  // what people said themselves, where the platform keeps it, is no answer
  const answers = replies.filter(({ kind }) => kind !== 'said');
  return answers.map(({ kind, text }) => `${kind}: ${text.replace(/^[→ ]+/, '')}`);
}

/** What every platform must leave behind alike. */
const left = new Map<string, unknown>();

describe.each(Object.keys(people) as (keyof typeof people)[])('%s', (name) => {
  if (!canPlay(name)) {
    it.skip(`no browser at ${CHROMIUM}: apt-get install chromium`, () => {});
    return;
  }
  let dir: string;
  let dedit: Dedit;
  let person: Person;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'dedit-transcripts-'));
    await putDatabase(dir);
    dedit = await Dedit.open({
      ...{ dataDir: dir, sync: false },
      checkpoints: ['pocket'],
      engine: () => new FakeEngine(),
      maskLink: (session, item) => `http://localhost/mask/${session}.${item}`,
    });
    person = await people[name](dedit, join(dir, 'out'));
    await dedit.serve([person.platform]);
  }, 60_000);
  afterAll(async () => {
    await dedit?.close();
    await person?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it.each(readdirSync(FOLDER))(
    '%s',
    async (file) => {
      const { prisma } = dedit.sessions;
      let session: Session | undefined;
      let heard = 0;
      const expected: string[] = [];
      const check = async (): Promise<void> => {
        if (!session) return;
        await dedit.settled(name, session.thread);
        const all = await told(dedit, session);
        expect(all.slice(heard).map((line, i) => line.slice(0, expected[i]?.length ?? Infinity))).toEqual(
          expected,
        );
        await expect
          .poll(
            async () => {
              const screen = await person.seen();
              return expected.filter((line) => !screen.includes(line.slice(line.indexOf(': ') + 2)));
            },
            { timeout: 5000 },
          )
          .toEqual([]);
        heard = all.length;
        expected.length = 0;
      };
      for (const line of readFileSync(join(FOLDER, file), 'utf8').split('\n')) {
        if (line === '' || line.startsWith('#')) continue;
        if (!line.startsWith('> ')) {
          expected.push(line);
          continue;
        }
        await check();
        const said = line.slice(2);
        const before = await prisma.event.count();
        const emoji = /^react (.+)$/.exec(said)?.[1];
        const [attached, items] = /^attach(?: items: (.+))?$/.exec(said) ?? [];
        if (attached) await person.attach(await photo(64, 48), items);
        else if (said === 'reference') await person.reference(await photo(48, 48));
        else if (emoji) await person.react(emoji);
        else await person.say(said);
        await expect.poll(() => prisma.event.count(), { timeout: 8000 }).toBe(before + 1);
        if (attached)
          session = await prisma.session.findFirstOrThrow({
            where: { platform: name },
            orderBy: { createdAt: 'desc' },
          });
      }
      await check();
      const revisions = await prisma.revision.findMany({
        where: { sessionId: session!.id },
        orderBy: { number: 'asc' },
      });
      const rows = revisions.map(({ number, say, edit, options, status, items, stripId }) => ({
        ...{ number, say, edit, options, status, items, strip: stripId !== null },
      }));
      const pictures = await Promise.all(
        // what could not be done has no picture
        revisions.map(
          async ({ pictureKey }) =>
            pictureKey && Buffer.from(await dedit.sessions.blobs.get(pictureKey)).toString('base64'),
        ),
      );
      const state = { rows, pictures };
      if (left.has(file)) expect(state).toEqual(left.get(file));
      else left.set(file, state);
    },
    60_000,
  );
});
