import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.js';
import { Said } from './Said.js';
import { type } from './focus.js';
import * as s from './state.js';
import { addReference, saying, takeBack } from './talk.js';
import { Working } from './Working.js';

/** What was said and answered, and the field where one says the next thing. */
export function Conversation() {
  return (
    <aside class="talk" aria-label="Conversation">
      <Log />
      <Working />
      <Speak />
    </aside>
  );
}

function Log() {
  const log = useRef<HTMLDivElement>(null);
  const end = useRef(true);
  const { replies, pending } = s;
  useEffect(() => {
    // who reads further up is left there
    if (end.current) log.current!.scrollTop = log.current!.scrollHeight;
  }, [replies.value, pending.value]);
  const newest = replies.value.findLast(({ kind }) => kind === 'result')?.id;
  const lastStrip = replies.value.findLast(({ kind }) => kind === 'strip')?.id;
  return (
    <div
      id="log"
      ref={log}
      role="log"
      aria-label="What was said"
      tabIndex={0}
      onScroll={({ currentTarget: at }) => {
        end.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
      }}
    >
      {replies.value.map((reply) => (
        <Said key={reply.id} reply={reply} newest={reply.id === newest || reply.id === lastStrip} />
      ))}
      {pending.value.map((one) => (
        <Mine key={one.id} {...one} />
      ))}
    </div>
  );
}

/** One's own words on their way; where they stay, they can be sent again or changed. */
function Mine({ id, text, failed }: s.Pending) {
  if (!failed) return <article class="mine">{text}</article>;
  const change = (): void => {
    takeBack(id);
    type(text);
  };
  return (
    <article class="mine failed">
      {text}
      <p role="alert">{failed.why}</p>
      <p class="row">
        <button type="button" class="small" onClick={failed.again}>
          Send again
        </button>
        <button type="button" class="small" onClick={change}>
          Change
        </button>
      </p>
    </article>
  );
}

function Speak() {
  const field = useRef<HTMLInputElement>(null);
  const back = useSignal(0);
  const said = s.replies.value.filter(({ kind }) => kind === 'said').map(({ text }) => text);
  const on = s.chosen.value && s.history.value.find(({ id }) => id === s.chosen.value);
  const send = (event: Event): void => {
    event.preventDefault();
    const text = field.current!.value;
    if (!text.trim()) return;
    field.current!.value = '';
    back.value = 0;
    saying(text);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Escape' && on) s.chosen.value = undefined;
    if (event.key !== 'ArrowUp' && event.key !== 'ArrowDown') return;
    const next = Math.min(said.length, Math.max(0, back.value + (event.key === 'ArrowUp' ? 1 : -1)));
    if (next === back.value) return;
    event.preventDefault();
    back.value = next;
    field.current!.value = said.at(-next) ?? '';
    if (next === 0) field.current!.value = '';
  };
  return (
    <form id="form" onSubmit={send} inert={s.refused.value}>
      {on && (
        <p id="answering">
          Goes on from {on.number === 0 ? 'the picture as it came' : `${on.number}: ${on.say}`}{' '}
          <button type="button" class="small" onClick={() => (s.chosen.value = undefined)}>
            Never mind
          </button>
        </p>
      )}
      <label class="hidden" for="text">
        Say what to change
      </label>
      <input
        id="text"
        ref={field}
        placeholder={example()}
        onKeyDown={onKey}
        {...{ maxLength: 1000, autocomplete: 'off', enterkeyhint: 'send', autocapitalize: 'none' }}
      />
      <label class="button" title="Add a reference picture">
        <Icon name="plus" />
        <span class="hidden">Add a reference picture</span>
        <input
          id="reference"
          class="hidden"
          type="file"
          accept="image/*"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) void addReference(file);
            currentTarget.value = '';
          }}
        />
      </label>
      <button type="submit" class="main" aria-label="Send">
        <Icon name="send" />
      </button>
    </form>
  );
}

function example(): string {
  const [item] = s.selected.value;
  if (item !== undefined) return `Try: replace ${item + 1} with a cat`;
  return s.names.value.length > 1 ? 'Try: replace 2 with a cat' : 'Say what to change';
}
