/** The last edit, done again in another way: with other seeds, with more of its item, with other items, to another item. */
import {
  type Edit,
  goesTogether,
  itemsAfter,
  itemsIn,
  type PictureEdit,
  type TurnPicture,
  withFree,
  withItemAs,
} from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { giveUp } from '../sessions/ending.js';
import { type Standing, Status, itemsOf } from '../sessions/sessions.js';
import { editOf } from '../sessions/storedEdit.js';
import { shownOf, type Turn } from './turn.js';

export async function again(turn: Turn, count: number, { shown }: Standing): Promise<void> {
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

/**
 * What the words name becomes part of an item. Where the item was edited last, that was without this part: on the
 * picture before, the part is added and the edit done again, with the same seed (D-Edit's figure 10).
 */
export async function addTo(
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
export async function letChange(turn: Turn, items: readonly number[], standing: Standing): Promise<void> {
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

/** The last edit again, on the picture before and with the same seed, to another item than it was of. */
export async function instead(turn: Turn, item: number, standing: Standing): Promise<void> {
  const shown = shownOf(standing);
  const last = standing.parent?.edit ? standing.parent : undefined;
  const before = last && (await turn.tree.parentOf(last));
  if (!last || !before)
    throw new UserError(
      `what about item ${item + 1}? say for example "remove ${item + 1}" or "make ${item + 1} red"`,
    );
  const edit = await editOf(turn.sessions.blobs, last);
  // words that came while the edit is still being done speak of the picture before it
  const were =
    last.id === shown.id ? itemsAfter([...itemsOf(before).keys()], edit) : [...itemsOf(shown).keys()];
  const was = were?.[item];
  const other = was === undefined ? undefined : doneTo(edit, was);
  if (!other)
    throw new UserError(
      `what was done last cannot be done to item ${item + 1} instead: say "undo", then what to do with it`,
    );
  if (last.status !== Status.DONE)
    await giveUp(turn.sessions, turn.tx, last, Status.CANCELLED, 'undone before it was done');
  await turn.edit({ session: turn.session, shown: before, parent: before }, [other], {
    options: [last.options as object],
  });
}

/** An edit of one item or of the whole picture as one of this item; undefined where it cannot be, or is. */
function doneTo(edit: Edit, item: number): Edit | undefined {
  const [own, ...more] = itemsIn(edit);
  if (edit.kind === 'turnPicture') return turned(edit, item);
  if (edit.kind === 'look' && own === undefined) return { ...edit, items: [item], others: false };
  if (!goesTogether(edit) || own === undefined || more.length > 0 || own === item) return undefined;
  return withItemAs(edit, own, item);
}

/** What turned the whole picture, as a turn of one item; upright mirrors are for pictures alone. */
function turned({ mirrored, quarters }: TurnPicture, item: number): Edit | undefined {
  if (!mirrored) return { kind: 'rotate', item, degrees: quarters === 3 ? -90 : quarters * 90 };
  return quarters === 0 ? { kind: 'flip', item } : undefined;
}
