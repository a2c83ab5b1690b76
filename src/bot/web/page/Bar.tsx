import { useEffect, useRef } from 'preact/hooks';
import { focused } from './focus.js';
import { Icon, type IconName } from './icons.js';
import { boxOf, type Placed, placer } from './Marks.js';
import { can } from './state.js';
import * as s from './state.js';
import { saying } from './talk.js';
import { mergeWords, removeWords, swapWords } from './words.js';

/** What can be done with what is selected, beside it. */
export function Bar(placed: Placed) {
  const bar = useRef<HTMLDivElement>(null);
  const items = s.selected.value;
  const first = items[0];
  const place = placer(placed);
  const shape = first === undefined ? undefined : s.labels.value?.shapes[first];
  const hidden = !shape || !place || s.readOnly.value || s.held.value !== undefined;
  const asking = s.asking.value;
  useEffect(() => {
    if (hidden || !bar.current) return;
    const { offsetWidth: width, offsetHeight: height, style } = bar.current;
    const room = s.room.value;
    const box = boxOf(shape, place);
    const left = Math.min(room.width - width - 8, Math.max(8, (box.left + box.right - width) / 2));
    const above = box.top - height - 16;
    const below = box.bottom + (can('rotate') ? 44 : 16);
    const top = above >= 8 ? above : below + height <= room.height - 8 ? below : room.height - height - 8;
    style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  });
  if (hidden) return null;
  const names = items.map((item) => `${item + 1} ${s.nameOf(item)}`).join(', ');
  return (
    <div class="bar" ref={bar} role="toolbar" aria-label={`What to do with ${names}`}>
      {items.length > 1 ? (
        <Several items={items} />
      ) : asking && asking !== 'more' ? (
        <Prompt key={asking} item={first!} what={asking} />
      ) : (
        <One item={first!} />
      )}
    </div>
  );
}

interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly expanded?: boolean;
}
function Tool({ icon, label, onClick, expanded }: ToolProps) {
  return (
    <button
      type="button"
      onClick={onClick}
      {...(expanded === undefined ? {} : { 'aria-expanded': expanded })}
    >
      <Icon name={icon} />
      {label}
    </button>
  );
}
const Say = ({ icon, label, words }: { icon: IconName; label: string; words: string }) => (
  <Tool icon={icon} label={label} onClick={() => saying(words)} />
);

function One({ item }: { item: number }) {
  const n = item + 1;
  const open = (what: 'replace' | 'make' | 'rename') => () => (s.asking.value = what);
  const more = s.asking.value === 'more';
  return (
    <>
      <Tool icon="replace" label="Replace…" onClick={open('replace')} />
      <Tool icon="make" label="Make…" onClick={open('make')} />
      <Say icon="remove" label="Remove" words={`remove ${n}`} />
      {s.asks.value ? (
        <>
          <Tool icon="rename" label="Rename…" onClick={open('rename')} />
          <Say icon="split" label="Split" words={`split ${n}`} />
        </>
      ) : (
        <>
          {can('copy') && <Say icon="copy" label="Copy" words={`copy ${n} right 20%`} />}
          <CutOut item={item} />
        </>
      )}
      <Tool icon="outline" label="Outline" onClick={() => (s.outlining.value = { item })} />
      <Tool
        icon="more"
        label="More"
        expanded={more}
        onClick={() => (s.asking.value = more ? undefined : 'more')}
      />
      {more && <More item={item} />}
    </>
  );
}

/** With the command, its edges are worked out; without, the item's own pixels are to be had at once. */
function CutOut({ item }: { item: number }) {
  const picture = s.subject.value;
  if (can('cut out')) return <Say icon="cut" label="Cut out" words={`cut out ${item + 1}`} />;
  if (!picture) return null;
  return (
    <a class="button" href={s.address(picture.id, `items/${item + 1}`)} download>
      <Icon name="cut" />
      Cut out
    </a>
  );
}

function More({ item }: { item: number }) {
  const n = item + 1;
  const steps: readonly (readonly [string, string, string?])[] = [
    ['← Left', `move ${n} left 10%`],
    ['→ Right', `move ${n} right 10%`],
    ['↑ Up', `move ${n} up 10%`],
    ['↓ Down', `move ${n} down 10%`],
    ['Larger', `resize ${n} 125%`],
    ['Smaller', `resize ${n} 80%`],
    ['Turn ↻', `rotate ${n} 15`, 'rotate'],
    ['Turn ↺', `rotate ${n} -15`, 'rotate'],
    ['Flip', `flip ${n}`, 'flip'],
    ['To the front', `bring ${n} to the front`, 'front'],
    ['Keep only this', `keep only ${n}`, 'keep'],
    ['Crop to this', `crop to ${n}`, 'crop'],
    ...(s.asks.value ? [] : [['Split', `split ${n}`] as const]),
    ['Grow outline', `grow ${n} 8`],
    ['Shrink outline', `shrink ${n} 8`],
  ];
  return (
    <div class="more" role="group" aria-label="More">
      {!s.asks.value && (
        <button type="button" onClick={() => (s.asking.value = 'rename')}>
          Rename…
        </button>
      )}
      <button type="button" onClick={() => (s.asking.value = 'move')}>
        Move…
      </button>
      <button type="button" onClick={() => (s.adding.value = true)} aria-pressed={s.adding.value}>
        Select one more
      </button>
      {steps.map(
        ([label, words, needs]) =>
          (!needs || can(needs)) && (
            <button key={words} type="button" onClick={() => saying(words)}>
              {label}
            </button>
          ),
      )}
    </div>
  );
}

function Several({ items }: { items: readonly number[] }) {
  const [a, b, ...rest] = items;
  return (
    <>
      <span class="count">{items.length} selected</span>
      <Say icon="merge" label="Merge" words={mergeWords(items)} />
      {rest.length === 0 && <Say icon="replace" label="Swap" words={swapWords([a!, b!])} />}
      <Say icon="remove" label="Remove" words={removeWords(items)} />
      <Tool icon="plus" label="One more" onClick={() => (s.adding.value = true)} />
      <Tool icon="close" label="None" onClick={() => (s.selected.value = [])} />
    </>
  );
}

const QUESTIONS = {
  replace: { before: 'Replace', between: 'with', placeholder: 'a golden retriever' },
  make: { before: 'Make', between: '', placeholder: 'red' },
  move: { before: 'Move', between: '', placeholder: 'right 10%, or next to 4' },
  rename: { before: 'Rename', between: 'to', placeholder: 'hat' },
} as const;

/** The words are typed where one looks. */
function Prompt({ item, what }: { item: number; what: keyof typeof QUESTIONS }) {
  const { before, between, placeholder } = QUESTIONS[what];
  const words = `${what} ${item + 1}${what === 'replace' ? ' with' : ''}`;
  return (
    <form
      class="prompt"
      onSubmit={(event) => {
        event.preventDefault();
        const text = new FormData(event.currentTarget).get('prompt')!.toString().trim();
        if (text) saying(`${words} ${text}`);
      }}
      onKeyDown={(event) => event.key === 'Escape' && (s.asking.value = undefined)}
    >
      <label for="prompt">
        {before} <b>{s.nameOf(item)}</b> {between}
      </label>
      <input
        id="prompt"
        name="prompt"
        ref={focused}
        {...{
          placeholder,
          maxLength: 300,
          autocomplete: 'off',
          autocapitalize: 'none',
          enterkeyhint: 'send',
        }}
      />
      <button type="submit" class="main" aria-label="Do it">
        <Icon name="check" />
      </button>
      <button type="button" aria-label="Close" onClick={() => (s.asking.value = undefined)}>
        <Icon name="close" />
      </button>
    </form>
  );
}
