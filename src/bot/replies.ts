import type { Notice } from '../sessions/notice.js';
import type { OutgoingPost } from '../sessions/outbox.js';
import type { Engine } from '../engine/engine.js';
import { sceneOf } from '../sessions/work/work.js';
import { itemsOf, type Revision, type Sessions } from '../sessions/sessions.js';
import { messageOf } from '../sessions/said.js';
import { describeItems, ROUGH } from './describe.js';
import type { Reply, ReplyPicture } from './platform.js';

const AFTER_EDIT = [
  { label: 'Undo', say: 'undo' },
  { label: 'Again', say: 'again' },
  { label: 'Show numbers', say: 'show' },
  { label: 'Compare', say: 'compare' },
] as const;

const BLURRED =
  '\nThe checkpoint\'s own safety checker flagged what was drawn, so it is blurred: say it in other words, or "again".';
const REFINED = ' (drawn finer)';

/** Puts what lies in the outbox into words and pictures. */
export class Replies {
  constructor(
    private readonly sessions: Sessions,
    /** Draws what is put together only when it is told. */
    private readonly engine: Pick<Engine, 'strip' | 'cutOut'>,
  ) {}

  async of(post: OutgoingPost): Promise<Reply> {
    const notice = post.notice as unknown as Notice;
    const { blobs } = this.sessions;
    switch (notice.kind) {
      case 'words':
        return {
          ...{ kind: notice.as, text: notice.text },
          ...(notice.offers ? { offers: notice.offers } : {}),
          ...(notice.help ? { help: true } : {}),
        };
      case 'said':
        return { kind: 'said', text: notice.text, said: notice.event };
      case 'link':
        return { kind: 'note', text: notice.text, link: { label: notice.label, url: notice.url } };
      case 'failed':
        return { kind: 'refusal', text: failure(notice) };
      case 'cut':
        return await this.#overlay(
          await this.#revision(post.revisionId!),
          (items) =>
            `${remarked(notice)}I see ${items.length} items: ${describeItems(items)}. Say for example "${example(items)}".`,
        );
      case 'reference':
        return await this.#reference(await this.#revision(post.revisionId!), remarked(notice));
      case 'numbers':
        return await this.#overlay(
          await this.#revision(post.revisionId!),
          (items) => `Now: ${describeItems(items)}.`,
        );
      case 'standing':
        return await this.#overlay(await this.#revision(post.revisionId!), () => notice.text);
      case 'result':
        return await this.#result(
          await this.#revision(post.revisionId!),
          `${notice.rough ? `\n${ROUGH}` : ''}${notice.blurred ? BLURRED : ''}`,
        );
      case 'refined': {
        const replaces = await messageOf(this.sessions, post.revisionId!);
        const reply = await this.#result(await this.#revision(post.revisionId!), REFINED);
        return { ...reply, ...(replaces ? { replaces } : {}) };
      }
      case 'strip': {
        const all = await this.sessions.views.strip(notice.strip);
        const png = await this.engine.strip(await Promise.all(all.map((r) => blobs.get(r.pictureKey!))));
        const listed = all.map(({ say, drawn }, i) => `${i + 1} ${say}${drawnAs(drawn)}`).join(', ');
        const isAny = (how: keyof Drawn) => all.some(({ drawn }) => (drawn as Drawn | null)?.[how]);
        const remark = `${isAny('rough') ? `\n${ROUGH}` : ''}${isAny('blurred') ? BLURRED : ''}`;
        return {
          kind: 'strip',
          strip: notice.strip,
          text: `${listed}. Say "use 1" to go on from the first.${remark}`,
          picture: {
            name: 'strip.png',
            png,
            alt: `${all.length} pictures side by side: ${listed}`,
          },
          actions: all.slice(0, 5).map((_, i) => ({ label: `Use ${i + 1}`, say: `use ${i + 1}` })),
        };
      }
      case 'compare': {
        const [before, after] = await Promise.all([
          this.#revision(notice.before),
          this.#revision(notice.after),
        ]);
        const pictures = await Promise.all([before, after].map(({ pictureKey }) => blobs.get(pictureKey!)));
        return {
          kind: 'compare',
          text: `1 is the picture as it came, 2 is "${after.say}".`,
          picture: {
            name: 'compare.png',
            png: await this.engine.strip(pictures),
            alt: `the picture before and after "${after.say}"`,
          },
        };
      }
      case 'cutOut': {
        const revision = await this.#revision(notice.revision);
        const names = notice.items.map((item) => itemsOf(revision)[item]!.name).join(' and ');
        return {
          kind: 'cutout',
          text: `${names}, cut out. The picture itself is as it was.`,
          picture: {
            name: 'cutout.png',
            png: await this.engine.cutOut(await sceneOf(this.sessions, revision), notice.items),
            alt: `${names} without the rest of the picture`,
          },
        };
      }
      case 'export': {
        const revision = await this.#revision(notice.revision);
        const [overlay, labels] = await Promise.all([
          blobs.get(revision.overlayKey!),
          blobs.get(revision.labelsKey!),
        ]);
        const items = Buffer.from(`${JSON.stringify(numbered(itemsOf(revision)), null, 2)}\n`);
        return {
          kind: 'export',
          text: 'The picture, its numbered overlay, its label map (0-based) and its items.',
          picture: await this.#picture(revision, 'export'),
          files: [
            { name: 'overlay.png', bytes: overlay },
            { name: 'labels.png', bytes: labels },
            { name: 'items.json', bytes: items },
          ],
        };
      }
    }
  }

  async #revision(id: string): Promise<Revision> {
    return await this.sessions.views.revision(id);
  }

  async #picture(revision: Revision, name: string): Promise<ReplyPicture> {
    const what = revision.edit ? `the picture after "${revision.say}"` : 'the picture as it came';
    return {
      name: `${name}.png`,
      png: await this.sessions.blobs.get(revision.pictureKey!),
      alt: `${what}, with ${describeItems(itemsOf(revision))}`,
    };
  }

  async #result(revision: Revision, remark: string): Promise<Reply> {
    return {
      kind: 'result',
      text: `${revision.number}: ${revision.say}${remark}`,
      picture: await this.#picture(revision, 'result'),
      actions: AFTER_EDIT,
      items: numbered(itemsOf(revision)),
    };
  }

  /** The overlay of a reference; its numbers are said in words, and no button means an item of it. */
  async #reference(revision: Revision, remarks: string): Promise<Reply> {
    const letter = revision.letter!;
    const items = itemsOf(revision);
    const named = items.map(({ name }, i) => `${letter}${i + 1} ${name}`).join(', ');
    const hint =
      items.length > 1
        ? `Say for example "replace 2 with ${letter}2".`
        : `I see no thing in it, only a ground: "replace 1 with ${letter}1" takes that.`;
    return {
      kind: 'reference',
      text: `${remarks}Reference ${letter}: ${named}. ${hint}`,
      picture: {
        name: 'reference.png',
        png: await this.sessions.blobs.get(revision.overlayKey!),
        alt: `reference picture ${letter} with its items outlined and numbered: ${named}`,
      },
    };
  }

  async #overlay(revision: Revision, text: (items: readonly { name: string }[]) => string): Promise<Reply> {
    const items = itemsOf(revision);
    return {
      kind: 'overlay',
      text: text(items),
      picture: {
        name: 'overlay.png',
        png: await this.sessions.blobs.get(revision.overlayKey!),
        alt: `the picture with its items outlined and numbered: ${describeItems(items)}`,
      },
      items: numbered(items),
      ...(revision.edit ? { actions: AFTER_EDIT } : {}),
    };
  }
}

interface Drawn {
  readonly rough: boolean;
  readonly blurred: boolean;
}

/** What there is to say of one picture of several. */
function drawnAs(drawn: unknown): string {
  const { rough, blurred } = (drawn ?? {}) as Partial<Drawn>;
  const how = [...(rough ? ['rough'] : []), ...(blurred ? ['blurred'] : [])];
  return how.length > 0 ? ` (${how.join(', ')})` : '';
}

const numbered = (items: readonly { readonly name: string }[]) =>
  items.map(({ name }, i) => ({ number: i + 1, name }));

/** What of the items that were asked for was not seen, before what was. */
const remarked = ({ remarks = [] }: { readonly remarks?: readonly string[] }): string =>
  remarks.map((remark) => `${remark}. `).join('');

const example = (items: readonly unknown[]): string =>
  items.length > 1 ? 'replace 2 with a cat' : 'replace 1 with a cat';

function failure({ what, say, why }: Extract<Notice, { kind: 'failed' }>): string {
  if (what === 'segment') return `I cannot use this ${say || 'picture'}: ${why}`;
  if (what === 'learn') return `I could not learn the items (${why}); edits go on without it.`;
  if (what === 'refine') return `"${say}" stays as it is, a finer picture could not be made: ${why}`;
  return `"${say}" could not be done: ${why}`;
}
