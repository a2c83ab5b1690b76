import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icons.js';
import { readGrey } from './labels.js';
import type { Placed } from './Marks.js';
import { MaskCanvas, type Tool } from './maskCanvas.js';
import { usePen } from './pen.js';
import { maskPng } from './png.js';
import * as s from './state.js';
import { deliver, type Finished, sourceOf } from './outline.js';

const TOOLS: readonly (readonly [Tool, IconName, string, string])[] = [
  ['brush', 'brush', 'Brush', 'b'],
  ['eraser', 'eraser', 'Eraser', 'e'],
  ['lasso', 'lasso', 'Lasso', 'l'],
  ['square', 'square', 'Square', 's'],
  ['circle', 'circle', 'Circle', 'o'],
];
const SIZES = { least: 1, most: 120, first: 24 };

/** Drawing an item's new outline on the canvas itself. */
export function Outliner({ view, picture, stage }: Placed & { stage: { current: HTMLDivElement | null } }) {
  const { item } = s.outlining.value!;
  const host = useRef<HTMLDivElement>(null);
  const [mask, setMask] = useState<MaskCanvas>();
  const [tool, setTool] = useState<Tool>('brush');
  const [size, setSize] = useState(SIZES.first);
  const [feather, setFeather] = useState(0);
  const [path, setPath] = useState('');
  const [answer, setAnswer] = useState('');
  const [done, setDone] = useState<Finished>();

  useEffect(() => {
    let here = true;
    void readGrey(sourceOf(s.subject.peek()?.id)).then(
      (labels) => here && setMask(new MaskCanvas(labels, item)),
      (error: Error) => here && setAnswer(error.message),
    );
    return () => void (here = false);
  }, [item]);
  useEffect(() => {
    if (!mask || !host.current) return;
    mask.canvas.id = 'mask';
    mask.canvas.className = 'ready';
    host.current.replaceChildren(mask.canvas);
    setPath(mask.path());
  }, [mask]);

  const changed = (): void => setPath(mask!.path());
  const pen = usePen({ mask, stage, view, picture, tool, size, changed });
  const act = (what: 'undo' | 'redo' | 'invert' | 'clear') => (): void => {
    mask?.[what]();
    changed();
  };
  useKeys({ act, setTool, setSize, close: () => close() });
  const close = (): void => {
    if (s.place.peek().kind === 'thread') s.outlining.value = undefined;
  };
  const send = async (): Promise<void> => {
    setAnswer('Sending…');
    try {
      const png = await maskPng(mask!.inside(), mask!.canvas, picture);
      setDone(await deliver({ item, png, feather, revision: s.subject.peek()?.id }));
      setAnswer('');
    } catch (error) {
      setAnswer(error instanceof Error ? error.message : String(error));
    }
  };
  const [sx, sy] = mask
    ? [(view.scale * picture.width) / mask.canvas.width, (view.scale * picture.height) / mask.canvas.height]
    : [1, 1];
  const trouble = !mask
    ? ''
    : !mask.changed
      ? 'Draw the outline as it should be.'
      : mask.area === 0
        ? 'Nothing is inside: draw something.'
        : '';
  return (
    <>
      <div
        class="mask"
        ref={host}
        style={{
          ...{ width: `${picture.width}px`, height: `${picture.height}px` },
          transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`,
        }}
      />
      <svg class="marks" aria-hidden="true">
        <g transform={`translate(${view.x} ${view.y}) scale(${sx} ${sy})`}>
          <path class="under" d={path} />
          <path class="drawn" d={path} />
          {pen.trail && <path class="trail" d={pen.trail} />}
        </g>
        {pen.caret && (tool === 'brush' || tool === 'eraser') && (
          <circle id="brush" class="brush" cx={pen.caret.x} cy={pen.caret.y} r={size / 2} />
        )}
      </svg>
      <div
        class="pad"
        tabIndex={0}
        role="application"
        aria-label={`Outline of ${s.nameOf(item)}: arrows move, space draws`}
        onKeyDown={pen.onKey}
        onKeyUp={pen.onKeyUp}
      />
      <div class="outliner" role="toolbar" aria-label={`Outline of ${s.nameOf(item)}`}>
        {done ? (
          <Done done={done} />
        ) : (
          <>
            {TOOLS.map(([name, icon, label, key]) => (
              <button
                key={name}
                type="button"
                aria-pressed={tool === name}
                title={`${label} (${key.toUpperCase()})`}
                aria-label={label}
                onClick={() => setTool(name)}
              >
                <Icon name={icon} />
              </button>
            ))}
            <Range label="Size" value={size} least={SIZES.least} most={SIZES.most} set={setSize} />
            <Range label="Feather" value={feather} least={0} most={40} set={setFeather} />
            <button type="button" aria-label="Invert" title="Invert (I)" onClick={act('invert')}>
              <Icon name="invert" />
            </button>
            <button
              type="button"
              id="undo-stroke"
              aria-label="Undo stroke"
              disabled={!mask?.canUndo}
              onClick={act('undo')}
            >
              <Icon name="undo" />
            </button>
            <button type="button" aria-label="Redo stroke" disabled={!mask?.canRedo} onClick={act('redo')}>
              <Icon name="redo" />
            </button>
            <span id="answer" role="status">
              {answer || trouble}
            </span>
            {s.place.value.kind === 'thread' && (
              <button type="button" onClick={close}>
                Close
              </button>
            )}
            <button
              type="button"
              class="main"
              id="done"
              disabled={!mask || trouble !== ''}
              onClick={() => void send()}
            >
              Done
            </button>
          </>
        )}
      </div>
    </>
  );
}

function Done({ done }: { done: Finished }) {
  return (
    <>
      <span id="answer" role="status">
        {done.text}
      </span>
      {done.href && (
        <a class="button main" href={done.href}>
          {done.label}
        </a>
      )}
      <button type="button" onClick={() => location.reload()}>
        Draw again
      </button>
    </>
  );
}

interface RangeProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  readonly set: (value: number) => void;
}
const Range = ({ label, value, least, most, set }: RangeProps) => (
  <label class="range">
    <span>{label}</span>
    <input
      type="range"
      {...{ min: least, max: most, value }}
      onInput={(event) => set(Number(event.currentTarget.value))}
    />
  </label>
);

interface Keys {
  readonly act: (what: 'undo' | 'redo' | 'invert' | 'clear') => () => void;
  readonly setTool: (tool: Tool) => void;
  readonly setSize: (change: (size: number) => number) => void;
  readonly close: () => void;
}
function useKeys(keys: Keys): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { act, setTool, setSize, close } = now.current;
      const key = event.key.toLowerCase();
      const control = event.ctrlKey || event.metaKey;
      if (!control && (event.target as HTMLElement).matches?.('input:not([type=range])')) return;
      const grow = (by: number) => (): void =>
        setSize((size) => Math.min(SIZES.most, Math.max(SIZES.least, size + by)));
      const todo = control
        ? { z: act(event.shiftKey ? 'redo' : 'undo'), y: act('redo') }[key]
        : { i: act('invert'), escape: close, '[': grow(-4), ']': grow(4) }[key];
      const chosen = control ? undefined : TOOLS.find(([, , , letter]) => letter === key)?.[0];
      if (!todo && !chosen) return;
      event.preventDefault();
      todo?.();
      if (chosen) setTool(chosen);
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}
