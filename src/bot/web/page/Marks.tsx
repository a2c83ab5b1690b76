import { can } from './state.js';
import * as s from './state.js';
import { pick } from './keys.js';
import type { Shape } from './labels.js';
import { type Point, type Size, toScreen, type View } from './view.js';

/** What is drawn over the picture from its label map: outlines, numbers, handles. Nothing tints the picture. */

export interface Placed {
  readonly view: View;
  readonly picture: Size;
}

/** From pixels of the map to the stage. */
export function placer({ view, picture }: Placed): ((at: Point) => Point) | undefined {
  const map = s.labels.value;
  if (!map) return undefined;
  const [sx, sy] = [picture.width / map.width, picture.height / map.height];
  return ({ x, y }) => toScreen(view, { x: x * sx, y: y * sy });
}

export function Marks({ view, picture }: Placed) {
  const map = s.labels.value;
  if (!map || map.of !== s.shown.value?.id) return null;
  const [sx, sy] = [(view.scale * picture.width) / map.width, (view.scale * picture.height) / map.height];
  const working = s.work.value?.stage === 'edit' ? s.queue.value[0] : undefined;
  const touched = (working?.parent === s.shown.value.id && working.about) || [];
  const { preview } = s.work.value ?? {};
  const outline = (item: number, kind: string) => {
    const shape = map.shapes[item];
    return shape && <path key={`${kind}${item}`} class={kind} d={shape.path} />;
  };
  return (
    <svg class="marks" aria-hidden="true">
      <g transform={`translate(${view.x} ${view.y}) scale(${sx} ${sy})`}>
        {preview && (
          <>
            <clipPath id="forming">
              <path d={touched.map((item) => map.shapes[item]?.path ?? '').join('')} />
            </clipPath>
            <image
              {...{ href: preview, width: map.width, height: map.height }}
              preserveAspectRatio="none"
              clip-path="url(#forming)"
            />
          </>
        )}
        {touched.map((item) => outline(item, 'working-on'))}
        {s.selected.value.map((item) => [
          outline(item, s.held.value?.item === item ? 'lifted' : 'under'),
          outline(item, 'chosen'),
        ])}
        {s.hovered.value !== undefined &&
          !s.selected.value.includes(s.hovered.value) &&
          !s.held.value && [outline(s.hovered.value, 'under'), outline(s.hovered.value, 'hover')]}
      </g>
    </svg>
  );
}

export function Badges(placed: Placed) {
  const map = s.labels.value;
  const place = placer(placed);
  if (!map || !place) return null;
  return (
    <ul class={s.numbers.value ? 'badges' : 'badges quiet'} aria-label="Items">
      {map.shapes.map((shape) => shape && <Badge key={shape.item} shape={shape} at={place(shape.badge)} />)}
    </ul>
  );
}

function Badge({ shape: { item }, at }: { shape: Shape; at: Point }) {
  const chosen = s.selected.value.includes(item);
  const pointed = s.hovered.value === item;
  const { width, height } = s.room.value;
  const inside = at.x >= 0 && at.y >= 0 && at.x <= width && at.y <= height;
  if (s.held.value?.item === item) return null;
  return (
    <li style={{ transform: `translate(${at.x}px, ${at.y}px)` }} hidden={!inside}>
      <button
        type="button"
        class={`badge${chosen ? ' chosen' : ''}${pointed ? ' pointed' : ''}`}
        aria-pressed={chosen}
        aria-label={`${item + 1} ${s.nameOf(item)}`}
        // pointers are the stage's affair: a click without one comes from a key or from assistive technology
        onClick={(event) => event.detail === 0 && pick(item, event.shiftKey)}
        onFocus={() => (s.hovered.value = item)}
        onBlur={() => (s.hovered.value = undefined)}
      >
        {item + 1}
        {(chosen || pointed) && <span>{` ${s.nameOf(item)}`}</span>}
      </button>
    </li>
  );
}

/** Box of an item on the stage, kept within what is seen. */
export function boxOf(shape: Shape, place: (at: Point) => Point) {
  const { left, top, right, bottom } = shape.box;
  const [a, b] = [place({ x: left, y: top }), place({ x: right, y: bottom })];
  return { left: a.x, top: a.y, right: b.x, bottom: b.y };
}

const MARGIN = 10;

export function Handles(placed: Placed) {
  const [item, ...more] = s.selected.value;
  const shape = item === undefined ? undefined : s.labels.value?.shapes[item];
  const place = placer(placed);
  if (!shape || shape.ground || more.length > 0 || !place || s.readOnly.value || s.held.value) return null;
  const box = boxOf(shape, place);
  const { width, height } = s.room.value;
  const within = ({ x, y }: Point): Point => ({
    x: Math.min(width - MARGIN, Math.max(MARGIN, x)),
    y: Math.min(height - MARGIN, Math.max(MARGIN, y)),
  });
  const corners = [
    ['nw', { x: box.left, y: box.top }],
    ['ne', { x: box.right, y: box.top }],
    ['se', { x: box.right, y: box.bottom }],
    ['sw', { x: box.left, y: box.bottom }],
  ] as const;
  const turn = within({ x: (box.left + box.right) / 2, y: box.bottom + 26 });
  const style = ({ x, y }: Point) => ({ transform: `translate(${x}px, ${y}px)` });
  return (
    <div class="handles" aria-hidden="true">
      {corners.map(([name, at]) => (
        <div key={name} class={`handle ${name}`} data-handle="scale" style={style(within(at))} />
      ))}
      {can('rotate') && <div class="handle turn" data-handle="rotate" style={style(turn)} />}
    </div>
  );
}
