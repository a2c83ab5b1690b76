import * as s from './state.js';
import { saying } from './talk.js';
import { moveWords, removeWords } from './words.js';

/** Everything that pointers do, by keys. */

export const ARROWS: Record<string, readonly [number, number]> = {
  ...{ ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] },
};
/** An item that is nudged is let go when the arrows rest this long, in ms. */
const REST = 700;

/** Whether the key belongs to a field where one writes, or to a control of its own. */
const writes = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && target.matches('input, textarea, select, [contenteditable]');

export function onKey(event: KeyboardEvent): void {
  const control = event.ctrlKey || event.metaKey;
  if (s.place.peek().kind !== 'thread' || s.outlining.peek() || writes(event.target)) return;
  if (control && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    return saying(event.shiftKey ? 'redo' : 'undo');
  }
  if (control && event.key.toLowerCase() === 'y') {
    event.preventDefault();
    return saying('redo');
  }
  if (control || event.altKey) return;
  const act = plain(event);
  if (act) {
    event.preventDefault();
    act();
  }
}

function plain(event: KeyboardEvent): (() => void) | undefined {
  const { key, shiftKey } = event;
  const chosen = s.selected.peek();
  if (key === 'Escape' && (s.picking.peek() || s.asking.peek() || s.held.peek() || chosen.length > 0))
    return escape;
  if (key === 'c' || key === 'o') return () => peek(key === 'c' ? 'parent' : 'original');
  if (key === 'p' && s.can('pick') && !s.readOnly.peek()) return beginPicking;
  if (key === 'n') return () => (s.numbers.value = !s.numbers.peek());
  if (/^[1-9]$/.test(key)) return () => pick(Number(key) - 1, shiftKey);
  if (chosen.length === 0 || s.readOnly.peek()) return undefined;
  const arrow = ARROWS[key];
  if (arrow && chosen.length === 1) return () => nudge(chosen[0]!, arrow, shiftKey ? 10 : 1);
  if (key === 'Delete' || key === 'Backspace') return () => saying(removeWords(chosen));
  if (key === 'Enter' && event.target === document.body) return () => (s.asking.value = 'replace');
  if (key === 'r') return () => (s.asking.value = 'replace');
  if (key === 'm') return () => (s.asking.value = 'make');
  return undefined;
}

export function onKeyUp({ key }: KeyboardEvent): void {
  if (key === 'c' || key === 'o') s.peeked.value = undefined;
}

function escape(): void {
  if (s.picking.peek()) s.picking.value = false;
  else if (s.held.peek()) {
    clearTimeout(resting);
    s.held.value = undefined;
  } else if (s.asking.peek()) s.asking.value = undefined;
  else s.selected.value = [];
}

/** Selects an item, or one more. */
export function pick(item: number, adds: boolean): void {
  // of numbers that are about to change none is meant
  if (!s.fresh.peek() || !s.labels.peek()?.shapes[item]) return;
  const before = s.selected.peek();
  if (adds || s.adding.peek())
    s.selected.value = before.includes(item) ? before.filter((i) => i !== item) : [...before, item];
  else s.selected.value = before.length === 1 && before[0] === item ? before : [item];
  s.adding.value = false;
  s.asking.value = undefined;
  const now = s.selected.peek().map((i) => `${i + 1} ${s.nameOf(i)}`);
  s.announced.value = now.length > 0 ? `${now.join(', ')} selected` : 'nothing selected';
}

/** Shows the picture before, or the one that was sent, until the key or the button is let go. */
export function peek(what: 'parent' | 'original'): void {
  const before = what === 'parent' ? s.parentOf(s.subject.peek()) : s.history.peek()[0];
  s.peeked.value = before?.id;
}

let resting: ReturnType<typeof setTimeout> | undefined;
function nudge(item: number, [x, y]: readonly [number, number], by: number): void {
  const picture = s.subject.peek();
  if (!picture?.width || !picture.height) return;
  const step = Math.max(1, Math.round(Math.max(picture.width, picture.height) / 200)) * by;
  const now = s.held.peek();
  const before = now?.item === item ? now : { item, dx: 0, dy: 0, factor: 1, degrees: 0 };
  s.held.value = { ...before, dx: before.dx + x * step, dy: before.dy + y * step };
  clearTimeout(resting);
  resting = setTimeout(() => {
    const { dx, dy } = s.held.peek() ?? { dx: 0, dy: 0 };
    s.held.value = undefined;
    const words = moveWords(item, dx, dy);
    if (words) saying(words);
  }, REST);
}

/** The next click or drag makes an item of what is there. */
export function beginPicking(): void {
  s.selected.value = [];
  s.asking.value = s.boxed.value = undefined;
  s.picking.value = true;
}
