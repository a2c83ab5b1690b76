import { type Edit, lookOf } from '../engine/edits/index.js';
import { UserError } from '../engine/errors.js';
import { VAGUE, vaguely } from './amounts.js';
import { Asking, MISSING } from './asking.js';
import { type Action, asEdit, type Command, type Subject } from './command.js';
import { isWay, move } from './move.js';
import { resize } from './resize.js';

const MORE = new RegExp(
  `^(?:even |still |some |and )?(?:(${VAGUE}) )?(?:more|further)(?: of (?:it|that|the same))?(?: like that)?$`,
  'i',
);
const LESS = new RegExp(
  `^(?:(${VAGUE}) )?less(?: of (?:it|that))?$|^not (?:so|that|as|quite so) (?:much|far)$|^(?:(?:that|it)(?: is|'s| was) )?(?:(${VAGUE}) )?too (?:much|far)$`,
  'i',
);
const SIZE = new RegExp(
  `^(?:even )?(?:(?:${VAGUE}|\\d+ ?%) )?(?:bigger|larger|smaller|tinier|taller)(?: again)?$|^(?:twice|half) as (?:big|large|small)$`,
  'i',
);

/** "a bit back", "halfway back", "the other way": of a move or a turn. */
const BACK = new RegExp(`^(?:go )?(?:(${VAGUE}) back|back (${VAGUE}))$`, 'i');
const OTHER_WAY = /^(?:in )?(?:the |that's the )?(?:other|opposite|wrong) (?:way|direction)(?: a?round)?$/i;
/** "closer to the hat". */
const CLOSER = new RegExp(`^(?:(?:even|still|${VAGUE}) )?(?:closer|nearer) to (.+)$`, 'i');
/** "too big", "that's too bright now", "not so big". */
const TOO = new RegExp(
  `^(?:(?:it|that|this)(?:'s| is| looks?) )?(?:still )?(?:(${VAGUE}) )?(?:too|not (?:so|that|quite so)) (\\p{L}+)(?: now)?$`,
  'iu',
);
const AGAINST: Record<string, string> = {
  ...{ big: 'smaller', large: 'smaller', huge: 'smaller', small: 'bigger', tiny: 'bigger', little: 'bigger' },
};

/** Nobody says more than this to ask for more. */
const LONGEST = 60;

export const more: Command = {
  name: 'more',
  help: 'the last move, size, turn or look once more, or some of it back',
  examples: ['a bit more', 'more', 'less', 'a bit more to the left', 'even bigger'],
  verbs: [],
  parse(text, subject) {
    if (text.length > LONGEST) return undefined;
    // "3 left 40" names an item
    if (isWay(text) && !/^\d+ (?!px|pix|%|per)/i.test(text)) return ofLast('move', text, subject, move);
    if (SIZE.test(text)) return ofLast('make', text, subject, resize);
    const [, closer] = CLOSER.exec(text) ?? [];
    if (closer) return ofLast('move', `next to ${closer}`, subject, move);
    const [, much, size = ''] = TOO.exec(text) ?? [];
    const against = AGAINST[size.toLowerCase()];
    if (against) return ofLast('make', `${much ? `${much} ` : ''}${against}`, subject, resize);
    const [, ...back] = BACK.exec(text) ?? [];
    const isMoved = subject.done?.kind === 'move' || subject.done?.kind === 'rotate';
    if (isMoved && (back.length > 0 || OTHER_WAY.test(text))) {
      const far = vaguely(back.find(Boolean) ?? '', { little: 0.25, half: 0.5, lot: 0.75 }) ?? 2;
      return asEdit(onceMore(subject.done!, -far)!);
    }
    const [less, again] = [LESS.exec(text), MORE.exec(text)];
    const said = again ?? less;
    if (!said) return undefined;
    const how = said.slice(1).find(Boolean) ?? '';
    const share = vaguely(how, { little: 0.5, half: 0.5, lot: again ? 2 : 1 }) ?? 1;
    // who wants less of it wants some of it back
    const edit = subject.done && onceMore(subject.done, again ? share : -share / 2);
    if (edit) return asEdit(edit);
    throw new UserError(
      subject.done && !again
        ? `there is no less of that: "undo" takes it back, then say how much, for example "blur 2 a little"`
        : `${again ? 'more' : 'less'} of what? say for example "make 2 bigger", "move 2 left 10%" or "make 2 darker"`,
    );
  },
};

/** A way or a size alone is meant of what was spoken of last. @throws Asking where there is nothing */
function ofLast(before: string, text: string, subject: Subject, command: Command): Action | undefined {
  const { last, items } = subject;
  const asked = `${before} ${MISSING} ${text.replace(/^(?:even|still) /i, '')}`;
  if (last !== undefined) return command.parse(asked.replace(MISSING, String(last + 1)), subject);
  const example = asked.replace(MISSING, String(Math.min(2, items.length)));
  throw new Asking(`which item is to go or be "${text}"? say for example "${example}"`, asked);
}

/** So much of an edit again; less than nothing takes back. Undefined where there is no more or less of it. */
function onceMore(done: Edit, share: number): Edit | undefined {
  switch (done.kind) {
    case 'move':
      // no -0, which rows do not keep
      return { ...done, dx: Math.round(done.dx * share) + 0, dy: Math.round(done.dy * share) + 0 };
    case 'resize':
      return { ...done, scale: Math.round(done.scale ** share * 1e4) / 1e4 };
    case 'rotate':
      return { ...done, degrees: done.degrees * share };
    case 'grow': {
      const pixels = Math.round(done.pixels * share);
      return pixels === 0 ? undefined : { ...done, pixels };
    }
    case 'look': {
      const words = lookAgain(done.words, share);
      return words === undefined ? undefined : { ...done, words };
    }
    default:
      return undefined;
  }
}

function lookAgain(said: string, share: number): string | undefined {
  const look = lookOf(said);
  // a colour is there or not
  if (!look || look.kind === 'colour') return undefined;
  const amount = look.amount * share;
  const percent = `${Math.min(100, Math.max(1, Math.round(Math.abs(amount) * 100)))}%`;
  switch (look.kind) {
    case 'light':
      return `${percent} ${amount > 0 ? 'brighter' : 'darker'}`;
    case 'warmth':
      return `${percent} ${amount > 0 ? 'warmer' : 'cooler'}`;
    case 'saturation':
      return `${percent} ${amount > 0 ? 'more saturated' : 'less saturated'}`;
    case 'contrast':
      return `${percent} ${amount > 0 ? 'more contrast' : 'less contrast'}`;
    // what is blurred does not come back sharper
    case 'blur':
      return amount > 0 ? `${percent} blurred` : undefined;
    case 'sharpen':
      return amount > 0 ? `${percent} sharper` : undefined;
  }
}
