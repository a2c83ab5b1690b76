import { useEffect, useRef } from 'preact/hooks';
import { ghostOf } from './labels.js';
import type { Placed } from './Marks.js';
import * as s from './state.js';
import { toScreen } from './view.js';

/** The pixels of an item that is carried, scaled or turned, where they would come to lie. */
export function Ghost({ view, picture, image }: Placed & { image: HTMLImageElement | null }) {
  const host = useRef<HTMLDivElement>(null);
  const held = s.held.value;
  const map = s.labels.value;
  const shape = held && map?.shapes[held.item];
  useEffect(() => {
    if (!shape || !map || !image || !host.current) return;
    const scale = Math.min(4, (view.scale * picture.width * devicePixelRatio) / map.width);
    host.current.replaceChildren(ghostOf(image, map, shape, scale));
  }, [shape, map, image]);
  if (!held || !shape || !map) return null;
  const [sx, sy] = [picture.width / map.width, picture.height / map.height];
  const { left, top, right, bottom } = shape.box;
  const at = toScreen(view, { x: left * sx + held.dx, y: top * sy + held.dy });
  const [width, height] = [(right - left) * sx * view.scale, (bottom - top) * sy * view.scale];
  const origin = `${((shape.centre.x - left) / (right - left)) * 100}% ${((shape.centre.y - top) / (bottom - top)) * 100}%`;
  return (
    <div
      class="ghost"
      ref={host}
      style={{
        ...{ left: `${at.x}px`, top: `${at.y}px`, width: `${width}px`, height: `${height}px` },
        transformOrigin: origin,
        transform: `rotate(${held.degrees}deg) scale(${held.factor})`,
      }}
    />
  );
}
