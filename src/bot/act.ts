import type { Action } from '../commands/command.js';
import { helpText } from '../commands/index.js';
import { goesTogether, itemsAfter, itemsIn, type PictureEdit, withFree } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { cancel, giveUp } from '../sessions/ending.js';
import { editOf } from '../sessions/storedEdit.js';
import { dropPerson, dropSession } from '../sessions/retention.js';
import { itemsOf, learnedStepsOf, type Revision, type Standing, Status } from '../sessions/sessions.js';
import { describeHistory, describeItems, describeStatus, learnedIn } from './describe.js';
import { STILL_CUTTING, type Turn } from './turn.js';

export interface Means {
  /** A mask that came with the words: one byte a pixel of the picture that is shown. */
  readonly mask?: Uint8Array | undefined;
  readonly maskLink?: MaskLink | undefined;
  /** The strip that the words answer; the newest one otherwise. */
  readonly strip?: string | undefined;
}

/** A signed link to the mask editor; undefined where people of that platform could not open it. */
export type MaskLink = (session: string, user: string, item: number, platform: string) => string | undefined;

/**
 * Does what one action asks for, at the picture where the words apply.
 * @throws UserError for what cannot be done, in words for the person
 */
export async function act(turn: Turn, action: Action, standing: Standing, means: Means): Promise<void> {
  const { tree, tx, session, sessions } = turn;
  switch (action.kind) {
    case 'edit':
      return await turn.edit(standing, [action.edit]);
    case 'series':
      return await turn.edit(standing, action.edits, { labels: action.labels });
    case 'again':
      return await again(turn, action.count, standing);
    case 'use': {
      const choices = await tree.newestStrip(means.strip);
      const chosen = choices[action.number - 1];
      if (choices.length === 0 && /^keep/i.test(turn.said.trim()))
        throw new UserError(
          `there is no strip to choose from: to take everything else out say "keep only ${action.number}"`,
        );
      if (chosen) return await turn.stand(chosen, `Going on from picture ${action.number} of the strip.`);
      throw new UserError(
        choices.length > 0
          ? `the strip has pictures 1 to ${choices.length}: say for example "use 1"`
          : 'there is no strip to choose from: say "again 4" first',
      );
    }
    case 'set':
      await sessions.set(tx, session, { [action.setting]: action.value });
      return await turn.note(
        action.setting === 'redraw'
          ? `From now on: redraw ${Math.round(action.value * 100)}%.`
          : `From now on: ${action.setting} ${action.value}.`,
      );
    case 'rename':
      await tree.rename(shownOf(standing), action.item, action.name);
      return await turn.note(`Item ${action.item + 1} is now called ${action.name}.`);
    case 'cutOut': {
      const { id } = shownOf(standing);
      return await turn.tell({ kind: 'cutOut', revision: id, items: action.items }, id);
    }
    case 'mark':
      return await mark(turn, action.name, standing, means);
    case 'addTo':
      return await addTo(turn, action, standing);
    case 'letChange':
      return await letChange(turn, action.items, standing);
    case 'reshape':
      return await reshape(turn, action.item, standing, means);
    case 'go':
      return await go(turn, standing);
    case 'undo':
      return await undo(turn, standing);
    case 'redo': {
      const next = standing.shown && (await tree.newestChildOf(standing.shown));
      if (next) return await turn.stand(next, `Done again: ${next.say}.`);
      throw new UserError('there is nothing to redo: the newest picture of this branch is the current one');
    }
    case 'show': {
      const shown = shownOf(standing);
      return await turn.stand(shown, `${nameOf(shown)}: ${describeItems(itemsOf(shown))}`);
    }
    case 'compare': {
      const root = await tree.root();
      const { shown } = standing;
      if (!shown || !root || shown.id === root.id)
        throw new UserError('there is nothing to compare yet: say an edit first, for example "remove 2"');
      return await turn.tell({ kind: 'compare', before: root.id, after: shown.id }, shown.id);
    }
    case 'history': {
      const text = describeHistory(await tree.all(), session.headId ?? undefined);
      return await turn.tell({ kind: 'words', as: 'history', text });
    }
    case 'status':
      return await turn.note(
        describeStatus(
          await tree.learning(),
          await tree.unfinished(),
          await tree.unfinishedElsewhere(),
          sessions.now(),
          learnedStepsOf(session),
        ),
      );
    case 'cancel': {
      const count = await cancel(sessions, tx, session);
      return await turn.note(count > 0 ? 'Cancelled.' : 'There is nothing to cancel.');
    }
    case 'export': {
      const { id } = shownOf(standing);
      return await turn.tell({ kind: 'export', revision: id }, id);
    }
    case 'forget':
      // the last word is the platform's own affair: the row that would carry it goes with everything else
      return await dropSession(tx, session);
    case 'forgetMe':
      return await dropPerson(tx, turn.event);
    case 'help':
      return await turn.tell({
        ...{ kind: 'words', as: 'note', text: helpText(action.topic) },
        ...(action.topic ? {} : { help: true }),
      });
  }
}

/** @throws UserError while there are no numbers to speak of */
function shownOf({ shown }: Standing): Revision {
  if (!shown) throw new UserError(STILL_CUTTING);
  return shown;
}

async function go(turn: Turn, standing: Standing): Promise<void> {
  const { sessions, tx, session } = turn;
  const shown = shownOf(standing);
  const begins = await sessions.learning.begin(tx, session, standing.parent ?? shown, sessions.now());
  const status = (await turn.tree.learning())?.status;
  const steps = learnedStepsOf(session);
  await turn.note(
    begins
      ? 'I learn the items now; you can already say what to change.'
      : status === Status.DONE
        ? `The items are ${steps ? learnedIn(steps) : 'learned'}: say what to change.`
        : 'You can say what to change.',
  );
}

async function again(turn: Turn, count: number, { shown }: Standing): Promise<void> {
  const parent = shown?.edit ? await turn.tree.parentOf(shown) : undefined;
  if (!shown || !parent)
    throw new UserError('there is no edit to do again: say one first, for example "replace 2 with a cat"');
  const edit = await editOf(turn.sessions.blobs, shown);
  const tried = await turn.tree.size();
  // seeds nobody has seen in this session yet
  const seeds = Array.from({ length: count }, (_, i) => 1000 + tried + i);
  await turn.edit(
    { session: turn.session, shown: parent, parent },
    seeds.map(() => edit),
    {
      say: shown.say,
      options: seeds.map((seed) => ({ ...(shown.options as object), seed })),
      ...(count > 1 ? { labels: seeds.map((seed) => `seed ${seed}`) } : {}),
    },
  );
}

async function reshape(
  turn: Turn,
  item: number,
  standing: Standing,
  { mask, maskLink }: Means,
): Promise<void> {
  const shown = shownOf(standing);
  if (mask) {
    const size = { width: shown.width!, height: shown.height! };
    return await turn.edit(standing, [{ kind: 'reshape', item, mask: { ...size, data: mask } }]);
  }
  const url = maskLink?.(turn.session.id, turn.event.user, item, turn.session.platform);
  if (!url)
    throw new UserError(
      `attach a black-and-white picture with the new outline in white and say "reshape ${item + 1}"`,
    );
  const name = itemsOf(shown)[item]?.name ?? 'the item';
  await turn.tell({
    kind: 'link',
    text: `Draw the new outline of ${name} (item ${item + 1}). The link draws in your name, whoever opens it, for an hour.`,
    label: 'Open the mask editor',
    url,
  });
}

/**
 * What the words name becomes part of an item. Where the item was edited last, that was without this part: on the
 * picture before, the part is added and the edit done again, with the same seed (D-Edit's figure 10).
 */
async function addTo(
  turn: Turn,
  { item, words }: { readonly item: number; readonly words: string },
  standing: Standing,
): Promise<void> {
  const shown = shownOf(standing);
  const last = shown.edit ? ((await editOf(turn.sessions.blobs, shown)) as PictureEdit) : undefined;
  const before = last && standing.parent?.id === shown.id ? await turn.tree.parentOf(shown) : undefined;
  // the item as it was before that edit
  const into = before && itemsAfter([...itemsOf(before).keys()], last!)?.[item];
  if (!before || into === undefined || !last || !changes(last, into))
    return await turn.edit(standing, [{ kind: 'onFound', words, into: item }]);
  await turn.edit(
    { session: turn.session, shown: before, parent: before },
    [{ kind: 'onFound', words, into, then: last }],
    { options: [shown.options as object] },
  );
}

/** Whether an edit, or one of those that it is, is of this item. */
const changes = (edit: PictureEdit, item: number): boolean =>
  edit.kind === 'together'
    ? edit.edits.some((one) => changes(one, item))
    : 'item' in edit && edit.item === item;

/** The last edit again, on the picture before and with the same seed, while other items are drawn anew with it. */
async function letChange(turn: Turn, items: readonly number[], standing: Standing): Promise<void> {
  const shown = shownOf(standing);
  const before = standing.parent?.id === shown.id ? await turn.tree.parentOf(shown) : undefined;
  if (!before || !shown.edit)
    throw new UserError(
      'there is no edit that they could change with: say one first, for example "replace 2 with a cat"',
    );
  const last = await editOf(turn.sessions.blobs, shown);
  const were = goesTogether(last) ? itemsAfter([...itemsOf(before).keys()], last) : undefined;
  if (!were)
    throw new UserError(
      `nothing can change with "${shown.say}": say another edit first, for example "replace 2 with a cat"`,
    );
  const own = itemsIn(last);
  const free = items.map((item) => {
    const was = were[item];
    if (was !== undefined && !own.includes(was)) return was;
    throw new UserError(`item ${item + 1} is what "${shown.say}" is about: name others, for example "again"`);
  });
  await turn.edit(
    { session: turn.session, shown: before, parent: before },
    [withFree(last as PictureEdit, free)],
    { options: [shown.options as object] },
  );
}

async function mark(
  turn: Turn,
  name: string | undefined,
  standing: Standing,
  { mask }: Means,
): Promise<void> {
  const { width, height } = shownOf(standing);
  if (!mask)
    throw new UserError(
      'point at it, "select here 40% 60%", or attach a black-and-white picture with the new item in white and say "new item hat"',
    );
  const what = { kind: 'mask', mask: { width: width!, height: height!, data: mask } } as const;
  await turn.edit(standing, [{ kind: 'mark', what, ...(name ? { name } : {}) }]);
}

async function undo(turn: Turn, { parent: from }: Standing): Promise<void> {
  if (from && from.status !== Status.DONE && from.edit) {
    await giveUp(turn.sessions, turn.tx, from, Status.CANCELLED, 'undone before it was done');
    return await turn.note(`Never mind "${from.say}".`);
  }
  const back = from && (await turn.tree.parentOf(from));
  if (!back) throw new UserError('this is the picture you sent: there is nothing to undo');
  await turn.stand(back, `Undone: ${from.say}.`);
}

const nameOf = (revision: Revision): string =>
  revision.number === 0 ? 'The picture as it came' : `Picture ${revision.number}, "${revision.say}"`;
