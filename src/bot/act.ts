import type { Action } from '../commands/command.js';
import { helpText } from '../commands/index.js';
import { UserError } from '../engine/errors.js';
import { cancel, giveUp } from '../sessions/ending.js';
import { dropPerson, dropSession } from '../sessions/retention.js';
import { itemsOf, learnedStepsOf, type Revision, type Standing, Status } from '../sessions/sessions.js';
import { describeHistory, describeItems, describeStatus, learnedIn } from './describe.js';
import { addTo, again, instead, letChange } from './lastEdit.js';
import { shownOf, STILL_CUTTING, type Turn } from './turn.js';

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
    case 'instead':
      return await instead(turn, action.item, standing);
    case 'reshape':
      return await reshape(turn, action.item, standing, means);
    case 'go':
      return await go(turn, standing);
    case 'undo':
      return action.all ? await startOver(turn) : await undo(turn, standing);
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

/** Back to the picture as it came: nothing of what was made of it is lost. */
async function startOver(turn: Turn): Promise<void> {
  const { sessions, tx, session, tree } = turn;
  const root = await tree.root();
  if (root?.status !== Status.DONE) throw new UserError(STILL_CUTTING);
  if (session.headId === root.id)
    throw new UserError('this is the picture you sent: there is nothing to undo');
  await cancel(sessions, tx, session);
  await turn.stand(
    root,
    'Back at the picture as it came: "history" lists what was made of it, "redo" goes forward.',
  );
}

const nameOf = (revision: Revision): string =>
  revision.number === 0 ? 'The picture as it came' : `Picture ${revision.number}, "${revision.say}"`;
