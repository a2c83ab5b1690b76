import { panned, type Point, type Size, toPicture, type View, zoomed } from './view.js';

/** What pointers, fingers and pens do on the canvas, as data. */
export interface Input {
  readonly kind: 'down' | 'move' | 'up' | 'cancel';
  /** Of the pointer: fingers have one each. */
  readonly id: number;
  /** On the stage, in CSS pixels. */
  readonly at: Point;
  readonly touch: boolean;
  /** Shift: selects one more. */
  readonly adds: boolean;
  /** Space, or the middle button: pans whatever lies there. */
  readonly pans: boolean;
  /** One finger draws here: it neither pans nor carries, but two of them still pinch. */
  readonly draws?: boolean;
  /** Something that is no item yet is pointed at: a click is a place in it, a drag a box around it. */
  readonly picks?: boolean;
  /** A handle of the selected item, when the pointer went down on one. */
  readonly handle?: 'scale' | 'rotate';
}

/** What the canvas shows when something is done on it. */
export interface Scene {
  readonly view: View;
  readonly picture: Size;
  readonly room: Size;
  readonly selected: readonly number[];
  itemAt(at: Point): number | undefined;
  /** What lies behind the others is not carried by accident. */
  isGround(item: number): boolean;
  /** Middle of an item, on the stage. */
  centreOf(item: number): Point | undefined;
  /** Whether things may be changed here. */
  readonly editable: boolean;
}

/** How an item is held: by how much it is moved, scaled and turned until it is let go. */
export interface Held {
  readonly item: number;
  /** In pixels of the picture. */
  readonly dx: number;
  readonly dy: number;
  readonly factor: number;
  /** Clockwise. */
  readonly degrees: number;
}

export type Gesture =
  | { readonly kind: 'none' }
  /** Down, and nothing yet: a click, or the beginning of something. */
  | { readonly kind: 'press'; readonly id: number; readonly from: Point; readonly input: Input }
  | { readonly kind: 'pan'; readonly id: number; readonly last: Point }
  | { readonly kind: 'box'; readonly id: number; readonly from: Point }
  | { readonly kind: 'pinch'; readonly fingers: readonly (readonly [id: number, at: Point])[] }
  | {
      readonly kind: 'hold';
      readonly id: number;
      readonly from: Point;
      readonly held: Held;
      readonly by: 'move' | 'scale' | 'rotate';
    };

export type Effect =
  | { readonly kind: 'select'; readonly item: number; readonly adds: boolean }
  | { readonly kind: 'clear' }
  | { readonly kind: 'view'; readonly view: View }
  | { readonly kind: 'hold'; readonly held: Held | undefined }
  /** A box is drawn, or no longer. */
  | { readonly kind: 'box'; readonly box: Boxed | undefined }
  /** Something was pointed at, or a box drawn around it. */
  | { readonly kind: 'pick'; readonly box: Boxed }
  /** Let go: this is to be said. */
  | { readonly kind: 'drop'; readonly held: Held; readonly by: 'move' | 'scale' | 'rotate' };

/** Corners of a box on the stage; of a place they are one point. */
export interface Boxed {
  readonly from: Point;
  readonly to: Point;
}

export const NONE: Gesture = { kind: 'none' };
/** How far a click may slip, in CSS pixels. */
const SLIP = { mouse: 4, touch: 10 } as const;

export interface Step {
  readonly gesture: Gesture;
  readonly effects: readonly Effect[];
}
const step = (gesture: Gesture, ...effects: Effect[]): Step => ({ gesture, effects });

/** One thing done with a pointer: what is going on afterwards, and what comes of it. */
export function reduce(gesture: Gesture, input: Input, scene: Scene): Step {
  if (input.kind === 'cancel')
    return step(NONE, { kind: 'hold', held: undefined }, { kind: 'box', box: undefined });
  switch (gesture.kind) {
    case 'none':
      return input.kind === 'down' ? begin(input, scene) : step(gesture);
    case 'press':
      return press(gesture, input, scene);
    case 'box':
      return boxing(gesture, input);
    case 'pan':
      return pan(gesture, input, scene);
    case 'pinch':
      return pinch(gesture, input, scene);
    case 'hold':
      return hold(gesture, input, scene);
  }
}

function begin(input: Input, scene: Scene): Step {
  const { id, at, pans, handle } = input;
  const [item] = scene.selected;
  if (pans) return step({ kind: 'pan', id, last: at });
  if (handle && item !== undefined && scene.editable)
    return step({ kind: 'hold', id, from: at, by: handle, held: still(item) });
  return step({ kind: 'press', id, from: at, input });
}

const still = (item: number): Held => ({ item, dx: 0, dy: 0, factor: 1, degrees: 0 });

function press(gesture: Gesture & { kind: 'press' }, input: Input, scene: Scene): Step {
  if (input.kind === 'down')
    return step({
      kind: 'pinch',
      fingers: [
        [gesture.id, gesture.from],
        [input.id, input.at],
      ],
    });
  if (input.id !== gesture.id) return step(gesture);
  const { from } = gesture;
  if (gesture.input.draws) return step(input.kind === 'up' ? NONE : gesture);
  if (input.kind === 'up' && gesture.input.picks)
    return step(NONE, { kind: 'pick', box: { from, to: from } });
  if (input.kind === 'up') {
    const item = scene.itemAt(from);
    return item === undefined
      ? step(NONE, { kind: 'clear' })
      : step(NONE, { kind: 'select', item, adds: gesture.input.adds });
  }
  const slip = SLIP[gesture.input.touch ? 'touch' : 'mouse'];
  if (Math.hypot(input.at.x - from.x, input.at.y - from.y) < slip) return step(gesture);
  if (gesture.input.picks) return boxing({ kind: 'box', id: gesture.id, from }, input);
  const item = scene.itemAt(from);
  const chosen = item !== undefined && scene.selected.includes(item);
  // a finger that slides over the picture looks around; a mouse on a thing takes it along
  const carries =
    item !== undefined && scene.editable && !scene.isGround(item) && (chosen || !gesture.input.touch);
  if (!carries) return pan({ kind: 'pan', id: gesture.id, last: from }, input, scene);
  const begun = hold({ kind: 'hold', id: gesture.id, from, by: 'move', held: still(item) }, input, scene);
  const selecting: Effect[] =
    scene.selected.length === 1 && chosen ? [] : [{ kind: 'select', item, adds: false }];
  return step(begun.gesture, ...selecting, ...begun.effects);
}

function boxing(gesture: Gesture & { kind: 'box' }, input: Input): Step {
  const { id, from } = gesture;
  if (input.kind === 'down')
    return step(
      {
        kind: 'pinch',
        fingers: [
          [id, from],
          [input.id, input.at],
        ],
      },
      { kind: 'box', box: undefined },
    );
  if (input.id !== id) return step(gesture);
  const box = { from, to: input.at };
  if (input.kind === 'move') return step(gesture, { kind: 'box', box });
  return step(NONE, { kind: 'box', box: undefined }, { kind: 'pick', box });
}

function pan(gesture: Gesture & { kind: 'pan' }, input: Input, scene: Scene): Step {
  if (input.kind === 'down')
    return step({
      kind: 'pinch',
      fingers: [
        [gesture.id, gesture.last],
        [input.id, input.at],
      ],
    });
  if (input.id !== gesture.id) return step(gesture);
  if (input.kind === 'up') return step(NONE);
  const { at } = input;
  const view = panned(scene.view, at.x - gesture.last.x, at.y - gesture.last.y, scene.picture, scene.room);
  return step({ ...gesture, last: at }, { kind: 'view', view });
}

function pinch(gesture: Gesture & { kind: 'pinch' }, input: Input, scene: Scene): Step {
  const { fingers } = gesture;
  if (!fingers.some(([id]) => id === input.id)) return step(gesture);
  if (input.kind === 'up') {
    const [left] = fingers.filter(([id]) => id !== input.id);
    return step(left ? { kind: 'pan', id: left[0], last: left[1] } : NONE);
  }
  const after = fingers.map(([id, at]) => [id, id === input.id ? input.at : at] as const);
  const [was, is] = [spanOf(fingers), spanOf(after)];
  const slid = panned(
    scene.view,
    is.middle.x - was.middle.x,
    is.middle.y - was.middle.y,
    scene.picture,
    scene.room,
  );
  const view = zoomed(slid, is.length / Math.max(1, was.length), is.middle, scene.picture, scene.room);
  return step({ kind: 'pinch', fingers: after }, { kind: 'view', view });
}

function spanOf(fingers: readonly (readonly [number, Point])[]): { length: number; middle: Point } {
  const [a, b] = [fingers[0]![1], fingers[1]![1]];
  return {
    length: Math.hypot(a.x - b.x, a.y - b.y),
    middle: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 },
  };
}

function hold(gesture: Gesture & { kind: 'hold' }, input: Input, scene: Scene): Step {
  // a second finger while something is carried means: never mind
  if (input.kind === 'down') return step(NONE, { kind: 'hold', held: undefined });
  if (input.id !== gesture.id) return step(gesture);
  const { by, held } = gesture;
  if (input.kind === 'up') return step(NONE, { kind: 'drop', held, by }, { kind: 'hold', held: undefined });
  const now = heldAt(gesture, input, scene);
  return step({ ...gesture, held: now }, { kind: 'hold', held: now });
}

function heldAt({ from, by, held }: Gesture & { kind: 'hold' }, { at, adds }: Input, scene: Scene): Held {
  if (by === 'move') {
    const [a, b] = [toPicture(scene.view, from), toPicture(scene.view, at)];
    return { ...held, dx: b.x - a.x, dy: b.y - a.y };
  }
  const centre = scene.centreOf(held.item) ?? from;
  if (by === 'scale') {
    const reach = (point: Point): number => Math.max(1, Math.hypot(point.x - centre.x, point.y - centre.y));
    return { ...held, factor: Math.min(4, Math.max(0.1, reach(at) / reach(from))) };
  }
  const angle = (point: Point): number =>
    (Math.atan2(point.y - centre.y, point.x - centre.x) * 180) / Math.PI;
  const degrees = angle(at) - angle(from);
  return { ...held, degrees: adds ? Math.round(degrees / 15) * 15 : degrees };
}
