import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.js';
import { ARROWS } from './keys.js';
import type { Placed } from './Marks.js';
import * as s from './state.js';
import { saying } from './talk.js';
import { type Point, toPicture } from './view.js';
import { pickWords } from './words.js';
import type { Boxed } from './gestures.js';

/** Says which place or box of the picture is meant. */
export function pickAt({ from, to }: Boxed, { view, picture }: Placed): void {
  const share = (at: Point): Point => {
    const { x, y } = toPicture(view, at);
    return { x: x / picture.width, y: y / picture.height };
  };
  const [a, b] = [share(from), share(to)];
  s.picking.value = false;
  s.boxed.value = undefined;
  const outside = ({ x, y }: Point): boolean => x < 0 || y < 0 || x > 1 || y > 1;
  if (outside(a) && outside(b)) return;
  saying(pickWords(a, b));
}

function outlineNew(): void {
  s.picking.value = false;
  s.boxed.value = undefined;
  s.outlining.value = { item: s.NEW };
}

/** Pointing at something that is no item yet: with a pointer on the stage, or with keys. */
export function Picker(placed: Placed) {
  const pad = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => pad.current?.focus({ preventScroll: true }), []);
  const box = s.boxed.value;
  const { width, height } = s.room.value;
  const middle = { x: width / 2, y: height / 2 };
  const onKey = (event: KeyboardEvent): void => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    const now = s.boxed.peek() ?? { from: middle, to: middle };
    if (event.key === 'Enter') return pickAt(now, placed);
    const far = event.shiftKey ? 40 : 8;
    const [dx, dy] = arrow ?? [0, 0];
    const to = {
      x: Math.min(width, Math.max(0, now.to.x + dx * far)),
      y: Math.min(height, Math.max(0, now.to.y + dy * far)),
    };
    // space sets the first corner: arrows draw the box from there
    if (event.key === ' ') boxing.current = !boxing.current;
    s.boxed.value = { from: boxing.current ? now.from : to, to };
  };
  const boxing = useRef(false);
  return (
    <>
      <svg class="marks" aria-hidden="true">
        {box && <Shape {...box} />}
      </svg>
      <div
        class="pad"
        ref={pad}
        tabIndex={0}
        role="application"
        aria-label="The thing to select: arrows move, Enter selects what is there, space begins a box"
        onKeyDown={onKey}
      />
      <div class="outliner" role="toolbar" aria-label="Select something else">
        <span>Click the thing, or draw a box around it.</span>
        <button type="button" onClick={outlineNew}>
          <Icon name="outline" />
          Draw its outline
        </button>
        <button type="button" onClick={() => (s.picking.value = false)}>
          Close
        </button>
      </div>
    </>
  );
}

function Shape({ from, to }: Boxed) {
  const place = from.x === to.x && from.y === to.y;
  const d = place
    ? `M${to.x - 9} ${to.y}H${to.x + 9}M${to.x} ${to.y - 9}V${to.y + 9}`
    : `M${from.x} ${from.y}H${to.x}V${to.y}H${from.x}Z`;
  return (
    <>
      <path class="under" d={d} />
      <path class="trail" d={d} />
    </>
  );
}
