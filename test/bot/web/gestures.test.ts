import { describe, expect, it } from 'vitest';
import { contoursOf, pathOf, simplified } from '../../../src/bot/web/page/contours.js';
import {
  type Effect,
  type Gesture,
  type Input,
  NONE,
  reduce,
  type Scene,
} from '../../../src/bot/web/page/gestures.js';
import { itemAt, shapesOf } from '../../../src/bot/web/page/labels.js';
import { equal, packed, unpack } from '../../../src/bot/web/page/runs.js';
import { framesOf } from '../../../src/bot/web/page/tree.js';
import { fit, kept, toPicture, zoomed } from '../../../src/bot/web/page/view.js';
import {
  mergeWords,
  moveWords,
  pickWords,
  removeWords,
  resizeWords,
  rotateWords,
} from '../../../src/bot/web/page/words.js';
import type { ShownRevision } from '../../../src/bot/web/wire.js';
import { parse } from '../../../src/commands/index.js';

const picture = { width: 400, height: 300 };
const room = { width: 800, height: 800 };

/** Left half: item 0, the ground; right half: item 1. */
const scene = (more: Partial<Scene> = {}): Scene => ({
  ...{ view: fit(picture, room), picture, room, selected: [], editable: true },
  itemAt: ({ x, y }) => (y < 100 || y > 700 ? undefined : x < 400 ? 0 : 1),
  isGround: (item) => item === 0,
  centreOf: () => ({ x: 600, y: 400 }),
  ...more,
});

/** Feeds inputs one after the other; gives where it ends and everything that came of it. */
function play(inputs: readonly Partial<Input>[], among = scene()): { gesture: Gesture; effects: Effect[] } {
  let gesture = NONE;
  const effects: Effect[] = [];
  for (const input of inputs) {
    const full = {
      kind: 'move',
      id: 1,
      at: { x: 0, y: 0 },
      touch: false,
      adds: false,
      pans: false,
      ...input,
    };
    const next = reduce(gesture, full as Input, among);
    gesture = next.gesture;
    effects.push(...next.effects);
  }
  return { gesture, effects };
}
const at = (x: number, y: number) => ({ at: { x, y } });

describe('what pointers do', () => {
  it('selects by a click, one more with shift, nothing outside the picture', () => {
    const click = (x: number, y: number, adds = false) =>
      play([
        { kind: 'down', adds, ...at(x, y) },
        { kind: 'up', ...at(x + 2, y) },
      ]).effects;
    expect(click(600, 400)).toEqual([{ kind: 'select', item: 1, adds: false }]);
    expect(click(600, 400, true)).toEqual([{ kind: 'select', item: 1, adds: true }]);
    expect(click(600, 20)).toEqual([{ kind: 'clear' }]);
  });

  it('carries an item, and says how far in pixels of the picture', () => {
    const { effects, gesture } = play([
      { kind: 'down', ...at(600, 400) },
      at(640, 420),
      at(700, 380),
      { kind: 'up', ...at(700, 380) },
    ]);
    expect(gesture).toBe(NONE);
    expect(effects[0]).toEqual({ kind: 'select', item: 1, adds: false });
    const drop = effects.find(({ kind }) => kind === 'drop') as Effect & { kind: 'drop' };
    expect([drop.held.dx, drop.held.dy]).toEqual([50, -10]); // the picture is shown twice as large
    expect(effects.at(-1)).toEqual({ kind: 'hold', held: undefined });
  });

  it('looks around when the ground is dragged, and when one finger slides', () => {
    const close = scene({ view: { scale: 6, x: -400, y: -400 } });
    for (const begin of [
      { ...at(100, 400), touch: false },
      { ...at(600, 400), touch: true },
    ]) {
      const { effects } = play([{ kind: 'down', ...begin }, at(150, 430)], close);
      expect(effects.map(({ kind }) => kind)).toEqual(['view']);
    }
  });

  it('pinches with two fingers, drops nothing, and goes on with the one that stays', () => {
    const { effects, gesture } = play([
      { kind: 'down', touch: true, ...at(300, 400) },
      { kind: 'down', id: 2, touch: true, ...at(500, 400) },
      { id: 2, touch: true, ...at(700, 400) },
      { kind: 'up', id: 2, touch: true, ...at(700, 400) },
    ]);
    const view = effects.find(({ kind }) => kind === 'view') as Effect & { kind: 'view' };
    expect(view.view.scale).toBeCloseTo(4);
    expect(gesture.kind).toBe('pan');
    expect(effects.some(({ kind }) => kind === 'drop' || kind === 'select')).toBe(false);
  });

  it('scales and turns by the handles, and lets go of it when a second finger comes', () => {
    const chosen = scene({ selected: [1] });
    const by = (handle: 'scale' | 'rotate', ...moves: Partial<Input>[]) =>
      play([{ kind: 'down', handle, ...at(700, 400) }, ...moves], chosen).effects;
    const scaled = by('scale', at(750, 400), { kind: 'up', ...at(750, 400) });
    expect(scaled.find(({ kind }) => kind === 'drop')).toMatchObject({ by: 'scale', held: { factor: 1.5 } });
    const turned = by('rotate', at(600, 500), { kind: 'up', ...at(600, 500) });
    expect(turned.find(({ kind }) => kind === 'drop')).toMatchObject({ by: 'rotate', held: { degrees: 90 } });
    const never = by('scale', at(750, 400), { kind: 'down', id: 2, ...at(10, 10) });
    expect(never.some(({ kind }) => kind === 'drop')).toBe(false);
  });

  it('changes nothing where one may only look', () => {
    const { effects } = play(
      [{ kind: 'down', ...at(600, 400) }, at(700, 400), { kind: 'up', ...at(700, 400) }],
      scene({ editable: false }),
    );
    expect(effects.some(({ kind }) => kind === 'drop')).toBe(false);
  });
});

describe('the view', () => {
  it('fills the room in one dimension and keeps what is under the pointer there', () => {
    const fitted = fit(picture, room);
    expect(picture.width * fitted.scale).toBe(room.width);
    const under = { x: 500, y: 450 };
    const close = zoomed(fitted, 3, under, picture, room);
    const [before, after] = [toPicture(fitted, under), toPicture(close, under)];
    expect([after.x, after.y].map(Math.round)).toEqual([before.x, before.y].map(Math.round));
    expect(kept({ scale: 0.1, x: 900, y: 900 }, picture, room)).toEqual(fitted);
  });
});

describe('pointing at something that is no item yet', () => {
  const picks = (inputs: readonly Partial<Input>[]) =>
    play(inputs.map((input) => ({ ...input, picks: true }))).effects;
  const from = { x: 100, y: 200 };
  it('is a click, or a box that is drawn', () => {
    expect(
      picks([
        { kind: 'down', at: from },
        { kind: 'up', at: from },
      ]),
    ).toEqual([{ kind: 'pick', box: { from, to: from } }]);
    const to = { x: 300, y: 260 };
    expect(picks([{ kind: 'down', at: from }, { at: to }, { kind: 'up', at: to }])).toEqual([
      { kind: 'box', box: { from, to } },
      { kind: 'box', box: undefined },
      { kind: 'pick', box: { from, to } },
    ]);
  });
  it('is none when a second finger pinches', () => {
    const other = { x: 400, y: 300 };
    const effects = picks([
      { kind: 'down', at: from, touch: true },
      { at: other, touch: true },
      { kind: 'down', id: 2, at: other, touch: true },
      { kind: 'up', at: from, touch: true },
      { kind: 'up', id: 2, at: other, touch: true },
    ]);
    expect(effects.map(({ kind }) => kind)).not.toContain('pick');
    expect(effects.at(-1)).toEqual({ kind: 'box', box: undefined });
  });
  it('is said in per cent of the picture', () => {
    expect(pickWords({ x: 0.4, y: 0.6 }, { x: 0.4, y: 0.6 })).toBe('select here 40% 60%');
    expect(pickWords({ x: 0.5, y: 0.6 }, { x: 0.1, y: -0.2 })).toBe('select here 10% 0% to 50% 60%');
  });
});

describe('the words of a gesture', () => {
  const subject = { width: 400, height: 300, items: [{ name: 'grass' }, { name: 'dog' }, { name: 'ball' }] };
  const edit = (words: string | undefined) => {
    const [action] = parse(words!, subject);
    return action?.kind === 'edit' ? action.edit : action;
  };
  it('are ones that are understood, and mean what was done', () => {
    expect(edit(moveWords(2, 42.4, -10.2))).toMatchObject({ kind: 'move', item: 2, dx: 42, dy: -10 });
    expect(edit(moveWords(1, 0, 7))).toMatchObject({ kind: 'move', item: 1, dx: 0, dy: 7 });
    expect(edit(resizeWords(1, 1.5))).toMatchObject({ kind: 'resize', item: 1, scale: 1.5 });
    expect(edit(mergeWords([1, 2]))).toEqual({ kind: 'merge', items: [1, 2] });
    expect(edit(mergeWords([0, 1, 2]))).toEqual({ kind: 'merge', items: [0, 1, 2] });
    expect(parse(removeWords([0, 2]), subject)).toHaveLength(2);
    expect(edit(pickWords({ x: 0.25, y: 0.5 }, { x: 0.25, y: 0.5 }))).toMatchObject({
      ...{ kind: 'mark', what: { kind: 'point', at: { x: 100, y: 150 } } },
    });
    expect(parse('edge 12, then new item', subject).map(({ kind }) => kind)).toEqual(['set', 'mark']);
    expect(rotateWords(1, 370)).toBe('rotate 2 10');
  });
  it('are none when nothing was moved', () => {
    expect([moveWords(1, 0.3, -0.2), resizeWords(1, 1.001), rotateWords(1, 360)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('outlines', () => {
  it('are smooth: a slope of single steps is one line', () => {
    const size = 24;
    const data = Uint8Array.from({ length: size * size }, (_, i) => Number(i % size <= i / size));
    const corners = pathOf(contoursOf(data, size, size, 1)).match(/Q/g)!;
    expect(corners.length).toBeLessThan(8);
  });

  const rows = (...lines: string[]) => ({
    width: lines[0]!.length,
    height: lines.length,
    data: Uint8Array.from(lines.join(''), Number),
  });
  const area = (polygon: readonly (readonly [number, number])[]) =>
    polygon.reduce((sum, [x, y], i) => {
      const [u, v] = polygon[(i + 1) % polygon.length]!;
      return sum + (x * v - u * y) / 2;
    }, 0);

  it('enclose exactly the pixels of the item, holes and separate pieces too', () => {
    const map = rows('0000000', '0111100', '0101101', '0111100', '0000001');
    const found = contoursOf(map.data, map.width, map.height, 1);
    const inside = map.data.filter((label) => label === 1).length;
    expect(found.reduce((sum, polygon) => sum + area(polygon), 0)).toBe(inside);
    const all = contoursOf(map.data, map.width, map.height, 0);
    expect(all.reduce((sum, polygon) => sum + area(polygon), 0)).toBe(map.data.length - inside);
  });

  it('lose corners that nobody sees, never more than the tolerance', () => {
    const round = Array.from({ length: 400 }, (_, i) => {
      const angle = (i / 400) * 2 * Math.PI;
      return [100 + 80 * Math.cos(angle), 100 + 80 * Math.sin(angle)] as const;
    });
    const fewer = simplified(round, 0.75);
    expect(fewer.length).toBeLessThan(60);
    expect(Math.abs(area(fewer) / area(round) - 1)).toBeLessThan(0.02);
  });

  it('know the box, the middle and the ground, and put the number inside', () => {
    const map = rows('00000000', '01111000', '01000000', '01111000', '00000000');
    const shapes = shapesOf(map);
    expect(shapes[1]!.box).toEqual({ left: 1, top: 1, right: 5, bottom: 4 });
    const { x, y } = shapes[1]!.badge;
    expect(itemAt({ ...map, shapes }, x / map.width, y / map.height)).toBe(1);
    expect(shapes.map((shape) => shape!.ground)).toEqual([true, false]);
  });

  it('are kept as runs, to the pixel', () => {
    const mask = Uint8Array.from([0, 0, 1, 1, 1, 0, 1]);
    const pixels = new Uint32Array(mask.length);
    unpack(packed(mask), pixels, 7);
    expect([...pixels].map(Boolean).map(Number)).toEqual([...mask]);
    expect(packed(mask).area).toBe(4);
    expect(equal(packed(mask), packed(mask.with(0, 1)))).toBe(false);
  });
});

describe('the filmstrip', () => {
  it('keeps a line on its lane and gives each branch one of its own; what failed has no frame', () => {
    const revision = (number: number, parent: number | null, status = 'DONE') =>
      ({ id: `r${number}`, number, parent: parent === null ? null : `r${parent}`, status }) as ShownRevision;
    const frames = framesOf([
      revision(0, null),
      revision(1, 0),
      revision(2, 1),
      revision(3, 0),
      revision(4, 3, 'FAILED'),
      revision(5, 1),
    ]);
    expect(frames.map(({ revision: { number }, lane }) => [number, lane])).toEqual([
      [0, 0],
      [1, 0],
      [2, 0],
      [3, 1],
      [5, 2],
    ]);
    expect(frames.at(-1)!.parent).toEqual({ column: 1, lane: 0 });
  });
});
