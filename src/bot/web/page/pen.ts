import { useEffect, useRef, useState } from 'preact/hooks';
import { ARROWS } from './keys.js';
import type { Placed } from './Marks.js';
import type { MaskCanvas, Tool } from './maskCanvas.js';
import { type Point, toPicture } from './view.js';

interface PenOptions extends Placed {
  readonly mask: MaskCanvas | undefined;
  readonly stage: { readonly current: HTMLDivElement | null };
  readonly tool: Tool;
  /** Width of the brush on the screen, in CSS pixels. */
  readonly size: number;
  /** Told when a stroke is done. */
  readonly changed: () => void;
}

interface Stroke {
  readonly pointer: number;
  readonly from: Point;
  last: Point;
  points: Point[];
}

const KEYBOARD = -1;

/** Draws strokes with a mouse, a pen, one finger, or the keyboard; a second finger means a pinch: never mind. */
export function usePen(options: PenOptions) {
  const now = useRef(options);
  now.current = options;
  const stroke = useRef<Stroke | undefined>(undefined);
  const [caret, setCaret] = useState<Point>();
  const [trail, setTrail] = useState('');
  const last = useRef<Point | undefined>(undefined);

  const onMask = (at: Point): Point => {
    const { view, picture, mask } = now.current;
    const point = toPicture(view, at);
    return {
      x: (point.x * mask!.canvas.width) / picture.width,
      y: (point.y * mask!.canvas.height) / picture.height,
    };
  };
  const width = (): number => {
    const { size, view, mask, picture } = now.current;
    return Math.max(1, (size / view.scale) * (mask!.canvas.width / picture.width));
  };
  const begin = (pointer: number, at: Point): void => {
    const { mask, tool } = now.current;
    if (!mask) return;
    const point = onMask(at);
    stroke.current = { pointer, from: point, last: point, points: [point] };
    if (tool === 'brush' || tool === 'eraser') mask.stroke(point, point, width(), tool === 'eraser');
  };
  const goOn = (at: Point): void => {
    const { mask, tool } = now.current;
    const drawing = stroke.current;
    if (!mask || !drawing) return;
    const point = onMask(at);
    if (tool === 'brush' || tool === 'eraser') mask.stroke(drawing.last, point, width(), tool === 'eraser');
    else if (tool === 'lasso') drawing.points.push(point);
    drawing.last = point;
    setTrail(trailOf(tool, drawing));
  };
  const end = (): void => {
    const { mask, tool, changed } = now.current;
    const drawing = stroke.current;
    stroke.current = undefined;
    setTrail('');
    if (!mask || !drawing) return;
    if (tool === 'lasso') mask.fill(drawing.points);
    if (tool === 'square') mask.square(drawing.from, drawing.last);
    if (tool === 'circle') mask.circle(drawing.from, drawing.last);
    mask.keep();
    changed();
  };
  const forget = (): void => {
    if (stroke.current) now.current.mask?.forget();
    stroke.current = undefined;
    setTrail('');
  };

  useEffect(() => {
    const stage = now.current.stage.current!;
    const at = ({ clientX, clientY }: PointerEvent): Point => {
      const box = stage.getBoundingClientRect();
      return { x: clientX - box.left, y: clientY - box.top };
    };
    const down = (event: PointerEvent): void => {
      if ((event.target as Element).closest('.outliner, .working') || stage.dataset.space === 'true') return;
      if (stroke.current) return forget();
      if (!event.isPrimary || event.button !== 0) return;
      stage.setPointerCapture(event.pointerId);
      begin(event.pointerId, at(event));
    };
    const move = (event: PointerEvent): void => {
      const over = (event.target as Element).closest('.outliner');
      if (event.isPrimary) setCaret(over ? undefined : (last.current = at(event)));
      if (stroke.current?.pointer !== event.pointerId) return;
      const all = event.getCoalescedEvents?.() ?? [];
      for (const each of all.length > 0 ? all : [event]) goOn(at(each));
    };
    const up = (event: PointerEvent): void => {
      if (stroke.current?.pointer === event.pointerId) end();
    };
    const cancel = (event: PointerEvent): void => {
      if (stroke.current?.pointer === event.pointerId) forget();
    };
    const leave = (): void => setCaret(undefined);
    const all = [
      ['pointerdown', down],
      ['pointermove', move],
      ['pointerup', up],
      ['pointercancel', cancel],
      ['pointerleave', leave],
    ] as const;
    for (const [name, listener] of all) stage.addEventListener(name, listener);
    return () => {
      for (const [name, listener] of all) stage.removeEventListener(name, listener);
    };
  }, []);

  /** Arrows move the brush; space draws as long as it is held. */
  const onKey = (event: KeyboardEvent): void => {
    const { stage } = now.current;
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    const { clientWidth, clientHeight } = stage.current!;
    const from = last.current ?? { x: clientWidth / 2, y: clientHeight / 2 };
    const far = event.shiftKey ? 40 : 8;
    const [dx, dy] = arrow ?? [0, 0];
    last.current = {
      x: Math.min(clientWidth, Math.max(0, from.x + dx * far)),
      y: Math.min(clientHeight, Math.max(0, from.y + dy * far)),
    };
    setCaret(last.current);
    if (event.key === ' ' && !stroke.current && !event.repeat) begin(KEYBOARD, last.current);
    else if (arrow && stroke.current?.pointer === KEYBOARD) goOn(last.current);
  };
  const onKeyUp = ({ key }: KeyboardEvent): void => {
    if (key === ' ' && stroke.current?.pointer === KEYBOARD) end();
  };
  return { caret, trail, onKey, onKeyUp };
}

function trailOf(tool: Tool, { from, last, points }: Stroke): string {
  if (tool === 'lasso') return `M${points.map(({ x, y }) => `${x} ${y}`).join('L')}`;
  if (tool === 'square') return `M${from.x} ${from.y}H${last.x}V${last.y}H${from.x}Z`;
  if (tool !== 'circle') return '';
  const [rx, ry] = [Math.abs(from.x - last.x) / 2, Math.abs(from.y - last.y) / 2];
  const middle = (from.y + last.y) / 2;
  return `M${from.x} ${middle}A${rx} ${ry} 0 1 0 ${last.x} ${middle}A${rx} ${ry} 0 1 0 ${from.x} ${middle}`;
}
