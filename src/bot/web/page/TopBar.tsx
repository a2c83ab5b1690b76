import { useState } from 'preact/hooks';
import { focused } from './focus.js';
import { Icon, type IconName } from './icons.js';
import { beginPicking, peek } from './keys.js';
import { Menu } from './Menu.js';
import * as s from './state.js';
import { saying, setShared, setTitle } from './talk.js';

interface PressProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly pressed?: boolean;
  readonly disabled?: boolean;
  readonly class?: string;
  readonly title?: string;
}
const Press = ({ icon, label, onClick, pressed, disabled, class: kind, title }: PressProps) => (
  <button
    type="button"
    class={`tool ${kind ?? ''}`}
    aria-label={label}
    title={title ?? label}
    disabled={disabled ?? false}
    onClick={onClick}
    {...(pressed === undefined ? {} : { 'aria-pressed': pressed })}
  >
    <Icon name={icon} />
  </button>
);

export function TopBar() {
  const { kind } = s.place.value;
  const inThread = kind === 'thread';
  return (
    <header>
      <h1>
        <a class="brand" id="home" href="/#" title="All pictures">
          {kind !== 'gallery' && <Icon name="back" />}
          <span>dedit</span>
        </a>
      </h1>
      {inThread && <Title />}
      <Badge />
      {s.lost.value && (
        <p id="lost" role="status">
          Connection lost. Trying again…
        </p>
      )}
      <span class="space" />
      {inThread && s.subject.value && <Tools />}
      {kind !== 'gallery' && kind !== 'mask' && (
        <a class="button new" id="new" href="/#" aria-label="New picture">
          <Icon name="plus" />
          <span>New picture</span>
        </a>
      )}
    </header>
  );
}

/** What one may expect here: a demonstration draws like one. */
function Badge() {
  const name = s.checkpoint.value || s.about.value?.checkpoints[0];
  if (!name) return null;
  const demo = name === 'pocket';
  const label = name.split('/').at(-1)!;
  return (
    <span
      class={demo ? 'model demo' : 'model'}
      title={
        demo
          ? 'A tiny model that shows the method: it draws simple things only.'
          : `The model here is ${name}.`
      }
    >
      {demo ? 'demo model' : label}
    </span>
  );
}

function Title() {
  const [editing, setEditing] = useState(false);
  const at = s.place.value;
  if (at.kind !== 'thread') return null;
  const name = s.title.value ?? 'Untitled';
  if (at.readOnly) return <span class="title">{s.title.value ?? 'A shared picture'}</span>;
  if (!editing)
    return (
      <button
        type="button"
        class="title"
        title="Rename"
        aria-label={`${name}: rename`}
        onClick={() => setEditing(true)}
      >
        {name}
      </button>
    );
  const done = (text: string): void => {
    setEditing(false);
    if (text !== (s.title.value ?? '')) void setTitle(at.thread, text).catch(() => {});
  };
  return (
    <input
      class="title"
      aria-label="Name of this picture"
      maxLength={80}
      defaultValue={s.title.value ?? ''}
      ref={focused}
      onBlur={(event) => done(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') event.currentTarget.blur();
        if (event.key === 'Escape') setEditing(false);
      }}
    />
  );
}

function Tools() {
  const at = s.subject.value!;
  const first = s.history.value[0];
  const writes = !s.readOnly.value;
  const newer = s.history.value.some(({ parent, status }) => parent === at.id && status === 'DONE');
  return (
    <div class="tools" role="toolbar" aria-label="Picture tools">
      {writes && (
        <>
          <Press
            icon="undo"
            label="undo"
            title="Undo (Ctrl+Z)"
            disabled={!at.parent}
            onClick={() => saying('undo')}
          />
          <Press
            icon="redo"
            label="redo"
            title="Redo (Ctrl+Shift+Z)"
            disabled={!newer}
            onClick={() => saying('redo')}
          />
          {s.can('pick') && (
            <Press
              icon="pick"
              label="Select something else"
              title="Select something else (P)"
              pressed={s.picking.value}
              onClick={() => (s.picking.value ? (s.picking.value = false) : beginPicking())}
            />
          )}
          {at.parent && (
            <button
              type="button"
              class="tool again wide"
              title="The same with other chances"
              aria-label="again"
              onClick={() => saying('again')}
            >
              Again
            </button>
          )}
        </>
      )}
      <Hold
        icon="compare"
        label="Hold to see the picture before"
        what="parent"
        disabled={!at.parent}
        id="compare"
      />
      <Hold
        icon="original"
        label="Hold to see the picture as it came"
        what="original"
        disabled={at.id === first?.id}
      />
      <Press
        icon="numbers"
        label="Numbers"
        title="Numbers (N)"
        class="wide"
        pressed={s.numbers.value}
        onClick={() => (s.numbers.value = !s.numbers.value)}
      />
      <Press
        icon="fit"
        label="Whole picture"
        class="wide"
        disabled={!s.view.value}
        onClick={() => (s.view.value = undefined)}
      />
      <Press icon="full" label="Full screen" class="wide" onClick={fullScreen} />
      <Downloads />
      {writes && <Share />}
    </div>
  );
}

function fullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.documentElement.requestFullscreen?.().catch(() => {});
}

interface HoldProps {
  readonly icon: IconName;
  readonly label: string;
  readonly what: 'parent' | 'original';
  readonly disabled: boolean;
  readonly id?: string;
}
/** Shows another picture for as long as it is held, by pointer or by key. */
function Hold({ icon, label, what, disabled, id }: HoldProps) {
  const end = (): void => void (s.peeked.value = undefined);
  return (
    <button
      type="button"
      class="tool"
      {...(id ? { id } : {})}
      aria-label={label}
      title={`${label} (${what === 'parent' ? 'C' : 'O'})`}
      disabled={disabled}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        peek(what);
      }}
      onPointerUp={end}
      onPointerCancel={end}
      onContextMenu={(event) => event.preventDefault()}
      onKeyDown={(event) => {
        if (event.key === ' ' || event.key === 'Enter') peek(what);
      }}
      onKeyUp={end}
      onBlur={end}
    >
      <Icon name={icon} />
    </button>
  );
}

function Downloads() {
  const at = s.subject.value!;
  return (
    <Menu icon="download" label="Download" id="download">
      <a href={s.address(at.id, 'picture')} download={`dedit-${at.number}.png`}>
        The picture
      </a>
      <a href={`${s.base.value}/zip`} download="dedit.zip">
        Everything, as a zip
      </a>
      <h2>Cut-outs, transparent</h2>
      {at.items.map((name, item) => (
        <a key={item} href={s.address(at.id, `items/${item + 1}`)} download={`${item + 1}-${name}.png`}>
          {item + 1} {name}
        </a>
      ))}
    </Menu>
  );
}

function Share() {
  const [copied, setCopied] = useState(false);
  const [trouble, setTrouble] = useState('');
  const change = (on: boolean) => (): void => {
    setCopied(false);
    setShared(on).catch((error: Error) => setTrouble(error.message));
  };
  const link = s.share.value && new URL(s.share.value, location.href).href;
  const forget = (): void => {
    if (confirm('Forget this picture, everything made of it and everything said about it?')) saying('forget');
  };
  return (
    <Menu icon="share" label="Share and forget">
      {link ? (
        <>
          <p>Whoever has this link may look, and change nothing.</p>
          <input
            readOnly
            aria-label="The link"
            id="share-link"
            value={link}
            onFocus={(event) => event.currentTarget.select()}
          />
          <button
            type="button"
            onClick={() =>
              void navigator.clipboard?.writeText(link).then(
                () => setCopied(true),
                () => {},
              )
            }
          >
            {copied ? 'Copied' : 'Copy the link'}
          </button>
          <button type="button" onClick={change(false)}>
            Take the link back
          </button>
        </>
      ) : (
        <button type="button" onClick={change(true)}>
          Make a link to look at it
        </button>
      )}
      {trouble && <p role="alert">{trouble}</p>}
      <button type="button" class="bad" id="forget" aria-label="forget this picture" onClick={forget}>
        Forget this picture…
      </button>
    </Menu>
  );
}
