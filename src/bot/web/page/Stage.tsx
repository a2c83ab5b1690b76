import { batch } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Bar } from './Bar.js';
import { Ghost } from './Ghost.js';
import { type Effect, type Gesture, type Input, NONE, reduce, type Scene } from './gestures.js';
import { pick } from './keys.js';
import { itemAt } from './labels.js';
import { Badges, Handles, Marks } from './Marks.js';
import { Outliner } from './Outliner.js';
import { pickAt, Picker } from './Picker.js';
import { Question } from './Question.js';
import * as s from './state.js';
import { saying } from './talk.js';
import { fit, kept, panned, type Point, type Size, toPicture, toScreen, type View, zoomed } from './view.js';
import { moveWords, resizeWords, rotateWords } from './words.js';

/** Screen pixels of the picture's longest side above which the small copy is not fine enough. */
const COPY_SIDE = 1600;

/** The picture that is on the stage and where it lies. */
export function laidOut(natural: Size | undefined): { picture: Size; view: View } | undefined {
  const { width, height } = s.shown.value ?? s.task.value ?? {};
  const picture = width && height ? { width, height } : natural;
  if (!picture) return undefined;
  const room = s.room.value;
  return { picture, view: s.view.value ? kept(s.view.value, picture, room) : fit(picture, room) };
}

export function Stage({ outlineAt }: { outlineAt?: string }) {
  const stage = useRef<HTMLDivElement>(null);
  const [natural, setNatural] = useState<Size>();
  const [image, setImage] = useState<HTMLImageElement | null>(null);
  useRoom(stage);
  useStage(stage, natural);
  const laid = laidOut(natural);
  const { shown, local } = s;
  const small = shown.value ? s.address(shown.value.id, 'view') : (outlineAt ?? local.value?.src);
  const { picture, view } = laid ?? {};
  const large =
    shown.value && picture && view && isFine(picture, view)
      ? s.address(shown.value.id, 'picture')
      : undefined;
  const style = view && picture && placed(view, picture);
  return (
    <section
      class="stage"
      id="stage"
      ref={stage}
      aria-label="Picture"
      // until the outlines are those of this picture, nothing on it can be meant
      aria-busy={s.place.value.kind === 'thread' && !s.fresh.value}
      data-mode={s.outlining.value ? 'outline' : s.picking.value ? 'pick' : 'edit'}
    >
      {small && (
        <img
          id="shown"
          class={local.value && !shown.value ? 'coming' : ''}
          ref={setImage}
          src={small}
          alt={altText()}
          draggable={false}
          onLoad={(event) => {
            const { naturalWidth: width, naturalHeight: height } = event.currentTarget;
            setNatural({ width, height });
            s.onScreen.value = shown.value?.id;
          }}
          // outlines over nothing are better than none
          onError={() => (s.onScreen.value = shown.value?.id)}
          {...(style ? { style } : {})}
        />
      )}
      {large && <img class="fine" src={large} alt="" draggable={false} {...(style ? { style } : {})} />}
      {view && picture && !s.peeked.value && !s.outlining.value && (
        <>
          <Marks view={view} picture={picture} />
          <Ghost view={view} picture={picture} image={image} />
          <Badges view={view} picture={picture} />
          <Handles view={view} picture={picture} />
          <Bar view={view} picture={picture} />
          {s.picking.value && <Picker view={view} picture={picture} />}
        </>
      )}
      {view && picture && s.outlining.value && <Outliner view={view} picture={picture} stage={stage} />}
      {s.peeked.value && <p class="peek">{peekText()}</p>}
      <Question />
    </section>
  );
}

const placed = (view: View, picture: Size) => ({
  ...{ left: '0', top: '0', width: `${picture.width}px`, height: `${picture.height}px` },
  transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
});

const isFine = (picture: Size, view: View): boolean =>
  Math.max(picture.width, picture.height) > COPY_SIDE &&
  view.scale * devicePixelRatio * Math.max(picture.width, picture.height) > COPY_SIDE * 1.3;

function altText(): string {
  const picture = s.shown.value;
  if (!picture) return 'the picture you sent';
  const items = picture.items.map((name, i) => `${i + 1} ${name}`).join(', ');
  return `${picture.number === 0 ? 'the picture as it came' : `the picture after "${picture.say}"`}, with ${items}`;
}

function peekText(): string {
  const picture = s.shown.value;
  return picture?.number === 0 ? 'as it came' : `${picture?.number}: ${picture?.say}`;
}

function useRoom(stage: { current: HTMLDivElement | null }): void {
  useEffect(() => {
    const element = stage.current!;
    const measure = (): void => {
      // an observer may tell of a last change, to nothing, when the stage is gone
      if (!element.isConnected) return;
      s.room.value = { width: Math.max(1, element.clientWidth), height: Math.max(1, element.clientHeight) };
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    measure();
    return () => observer.disconnect();
  }, []);
}

/** Pointers, the wheel and the space key on the stage. */
function useStage(ref: { current: HTMLDivElement | null }, natural: Size | undefined): void {
  const size = useRef<Size | undefined>(undefined);
  size.current = natural;
  useEffect(() => {
    const stage = ref.current!;
    let gesture: Gesture = NONE;
    let space = false;
    const at = ({ clientX, clientY }: MouseEvent): Point => {
      const box = stage.getBoundingClientRect();
      return { x: clientX - box.left, y: clientY - box.top };
    };
    const act = (event: PointerEvent, kind: Input['kind']): void => {
      const scene = sceneNow(size.current);
      if (!scene) return;
      const handle = (event.target as Element).closest?.<HTMLElement>('[data-handle]')?.dataset.handle;
      const input: Input = {
        ...{ kind, id: event.pointerId, at: at(event) },
        ...{ touch: event.pointerType === 'touch', adds: event.shiftKey, pans: space || event.button === 1 },
        draws: s.outlining.peek() !== undefined && !space,
        picks: s.picking.peek(),
        ...(handle ? { handle: handle as 'scale' | 'rotate' } : {}),
      };
      const next = reduce(gesture, input, scene);
      gesture = next.gesture;
      stage.dataset.gesture = gesture.kind;
      batch(() => next.effects.forEach((effect) => perform(effect, scene)));
    };
    const onDown = (event: PointerEvent): void => {
      const target = event.target as Element;
      if (event.button > 1 || target.closest('.bar, .working, .question, .outliner')) return;
      if (s.outlining.peek() && event.pointerType !== 'touch' && !space && event.button === 0) return;
      if (!(target instanceof HTMLButtonElement)) (document.activeElement as HTMLElement | null)?.blur?.();
      stage.setPointerCapture(event.pointerId);
      act(event, 'down');
    };
    const onMove = (event: PointerEvent): void => {
      if (gesture.kind !== 'none') return act(event, 'move');
      if (event.pointerType === 'touch' || s.outlining.peek() || s.picking.peek()) return;
      const overBar = (event.target as Element).closest('.bar, .working, .question');
      s.hovered.value = overBar ? undefined : sceneNow(size.current)?.itemAt(at(event));
    };
    const onUp = (event: PointerEvent): void => act(event, 'up');
    const onCancel = (event: PointerEvent): void => act(event, 'cancel');
    const onLeave = (): void => void (s.hovered.value = undefined);
    const onWheel = (event: WheelEvent): void => {
      if ((event.target as Element).closest('.bar')) return;
      event.preventDefault();
      const scene = sceneNow(size.current);
      if (!scene) return;
      const { view, picture, room } = scene;
      s.view.value = event.shiftKey
        ? panned(view, -event.deltaY - event.deltaX, 0, picture, room)
        : zoomed(view, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), at(event), picture, room);
    };
    const onSpace = (event: KeyboardEvent): void => {
      if (event.key !== ' ' || (event.target as Element).matches?.('input, textarea, button, a, summary'))
        return;
      event.preventDefault();
      space = event.type === 'keydown';
      stage.dataset.space = String(space);
    };
    stage.addEventListener('pointerdown', onDown);
    stage.addEventListener('pointermove', onMove);
    stage.addEventListener('pointerup', onUp);
    stage.addEventListener('pointercancel', onCancel);
    stage.addEventListener('pointerleave', onLeave);
    stage.addEventListener('wheel', onWheel, { passive: false });
    addEventListener('keydown', onSpace);
    addEventListener('keyup', onSpace);
    return () => {
      removeEventListener('keydown', onSpace);
      removeEventListener('keyup', onSpace);
    };
  }, []);
}

function sceneNow(natural: Size | undefined): Scene | undefined {
  const laid = laidOut(natural);
  if (!laid) return undefined;
  const { picture, view } = laid;
  const map = s.labels.peek();
  const fits = map && map.of === s.subject.peek()?.id && !s.peeked.peek() && !s.outlining.peek();
  return {
    ...{ view, picture, room: s.room.peek(), selected: s.selected.peek() },
    editable: !s.readOnly.peek(),
    itemAt: (at) => {
      const { x, y } = toPicture(view, at);
      return fits ? itemAt(map, x / picture.width, y / picture.height) : undefined;
    },
    isGround: (item) => map?.shapes[item]?.ground ?? true,
    centreOf: (item) => {
      const centre = map?.shapes[item]?.centre;
      if (!centre || !map) return undefined;
      const [sx, sy] = [picture.width / map.width, picture.height / map.height];
      return toScreen(view, { x: centre.x * sx, y: centre.y * sy });
    },
  };
}

function perform(effect: Effect, scene: Scene): void {
  switch (effect.kind) {
    case 'select':
      return pick(effect.item, effect.adds);
    case 'clear':
      s.selected.value = [];
      s.asking.value = undefined;
      return;
    case 'view':
      s.view.value = effect.view;
      return;
    case 'hold':
      s.held.value = effect.held;
      return;
    case 'box':
      s.boxed.value = effect.box;
      return;
    case 'pick':
      return pickAt(effect.box, scene);
    case 'drop': {
      const { item, dx, dy, factor, degrees } = effect.held;
      const words = {
        move: () => moveWords(item, dx, dy),
        scale: () => resizeWords(item, factor),
        rotate: () => rotateWords(item, degrees),
      }[effect.by]();
      if (words) saying(words);
    }
  }
}
