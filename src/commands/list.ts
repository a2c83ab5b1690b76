import { again } from './again.js';
import { blend } from './blend.js';
import { cancel } from './cancel.js';
import type { Command } from './command.js';
import { compare } from './compare.js';
import { copy } from './copy.js';
import { crop } from './crop.js';
import { cutOut } from './cutOut.js';
import { exportFiles } from './export.js';
import { forget, forgetMe } from './forget.js';
import { go } from './go.js';
import { grow } from './grow.js';
import { help } from './help.js';
import { history } from './history.js';
import { imagine } from './imagine.js';
import { instead } from './instead.js';
import { keepOnly } from './keepOnly.js';
import { letChange } from './letChange.js';
import { look } from './look.js';
import { make } from './make.js';
import { merge } from './merge.js';
import { more } from './more.js';
import { move } from './move.js';
import { order } from './order.js';
import { put } from './put.js';
import { reconstruct } from './reconstruct.js';
import { redo } from './redo.js';
import { remove } from './remove.js';
import { rename } from './rename.js';
import { replace } from './replace.js';
import { reshape } from './reshape.js';
import { resize } from './resize.js';
import { add, newItem, select } from './select.js';
import { settings } from './settings.js';
import { show } from './show.js';
import { split } from './split.js';
import { status } from './status.js';
import { swap } from './swap.js';
import { flip, rotate } from './rotate.js';
import { undo } from './undo.js';
import { use } from './use.js';

/** Commands that name no item; a message may go on with one of these after "and" or a comma. */
export const alone: readonly Command[] = [
  ...[undo, redo, history, show, compare, status, cancel, exportFiles, help, go, newItem, again, reconstruct],
  ...settings,
];

/** What loses pictures: only ever said on its own, and never read out of a misspelling. */
export const losing: readonly Command[] = [forgetMe, forget];

/** Commands that name an item, the particular before the general. */
export const onItems: readonly Command[] = [
  ...[
    more,
    instead,
    put,
    keepOnly,
    cutOut,
    crop,
    remove,
    order,
    copy,
    rotate,
    flip,
    look,
    move,
    resize,
    swap,
    grow,
    reshape,
    merge,
    split,
    blend,
    imagine,
  ],
  ...[letChange, rename, select, add, replace, make],
];

/** What takes something away, from the picture or from where one stands: never read out of a misspelling either. */
export const taking: readonly Command[] = [...losing, ...[remove, keepOnly, crop, use, cancel, undo, redo]];

/** Every command, in the order they are tried; `use` is neither: "the second one" after "and" is an item. */
export const commands: readonly Command[] = [...losing, ...alone, use, ...onItems];

/** Every command again, as people read of them: in the help, and in docs/commands.md. */
export const groups: readonly { readonly title: string; readonly commands: readonly Command[] }[] = [
  { title: 'Change an item', commands: [replace, put, make, look, remove, keepOnly, blend] },
  { title: 'Change where it is', commands: [move, copy, swap, resize, rotate, flip, order, grow, reshape] },
  { title: 'Change what counts as an item', commands: [rename, merge, split, select, newItem, add, go] },
  { title: 'Draw', commands: [again, more, instead, use, letChange, imagine, reconstruct] },
  {
    title: 'Go back, look and keep',
    commands: [undo, redo, history, show, compare, crop, cutOut, exportFiles],
  },
  { title: 'Set how edits are made', commands: settings },
  { title: 'Everything else', commands: [status, cancel, help, forget, forgetMe] },
];
