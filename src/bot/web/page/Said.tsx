import type { ShownReply } from '../wire.js';
import { type } from './focus.js';
import * as s from './state.js';
import { saying } from './talk.js';

/** One thing that was said, by the person or to them. Pictures are on the canvas: here are their words. */
export function Said({ reply, newest }: { reply: ShownReply; newest: boolean }) {
  const { kind, text, link, files, offers, help } = reply;
  if (kind === 'said') return <article class="mine">{text}</article>;
  if (kind === 'strip') return <Variants reply={reply} newest={newest} />;
  return (
    <article class={kind} onPointerEnter={() => lightUp(reply)} onPointerLeave={() => lightUp(undefined)}>
      {kind === 'result' && <Thumb reply={reply} />}
      {(kind === 'compare' || kind === 'reference') && reply.picture && (
        <img class="wide" src={reply.picture.src} alt={reply.picture.alt} loading="lazy" />
      )}
      {help ? <Help /> : <Words kind={kind} text={text} />}
      {link && (
        <a class="button small" href={link.url}>
          {link.label}
        </a>
      )}
      {files && (
        <p class="row">
          {files.map(({ name, href }) => (
            <a key={name} class="button small" href={href} download={name}>
              {name}
            </a>
          ))}
        </p>
      )}
      {offers && (
        <p class="row">
          {offers.map((offer) => (
            <button key={offer} type="button" class="small" onClick={() => saying(offer)}>
              {offer}
            </button>
          ))}
        </p>
      )}
    </article>
  );
}

/** The picture that an answer is about is the one on the canvas while the pointer is on the answer. */
function lightUp(reply: ShownReply | undefined): void {
  const about = reply?.kind === 'result' ? reply.revision : undefined;
  s.peeked.value = about === s.subject.peek()?.id ? undefined : about;
}

function Words({ kind, text }: { kind: string; text: string }) {
  if (kind === 'history') return <pre>{text}</pre>;
  const lines = text.split('\n');
  if (lines.length < 4) return <p>{text}</p>;
  return (
    <details>
      <summary>{lines[0]}</summary>
      <pre>{lines.slice(1).join('\n')}</pre>
    </details>
  );
}

function Thumb({ reply }: { reply: ShownReply }) {
  const { revision, picture } = reply;
  if (!revision) return null;
  return (
    <button
      type="button"
      class="thumb"
      aria-label={`Look at ${reply.text}`}
      onClick={() => (s.chosen.value = revision === s.standing.value?.id ? undefined : revision)}
    >
      <img src={s.address(revision, 'thumb')} alt={picture?.alt ?? ''} loading="lazy" />
    </button>
  );
}

/** Pictures to choose from: pointing at one shows it on the canvas, a click goes on from it. */
function Variants({ reply, newest }: { reply: ShownReply; newest: boolean }) {
  const all = s.history.value.filter((one) => one.strip === reply.strip && one.status === 'DONE');
  const off = (): void => void (s.peeked.value = undefined);
  return (
    <article class="strip" aria-label={reply.text}>
      <p>{all.length} to choose from: look at each, and click the one to go on from.</p>
      <ol class="tiles">
        {all.map(({ id, say }, i) => (
          <li key={id}>
            <button
              type="button"
              class="tile"
              aria-label={`Use ${i + 1}, ${say}`}
              disabled={!newest}
              onPointerEnter={() => (s.peeked.value = id)}
              onPointerLeave={off}
              onFocus={() => (s.peeked.value = id)}
              onBlur={off}
              onClick={() => {
                off();
                saying(`use ${i + 1}`);
              }}
            >
              <img src={s.address(id, 'thumb')} alt="" loading="lazy" />
              <b>{i + 1}</b>
            </button>
          </li>
        ))}
      </ol>
    </article>
  );
}

/** What can be said, to click: an example goes into the field, where its number can be changed first. */
function Help() {
  return (
    <div class="help">
      {s.about.value?.help.map(({ title, examples }, i) => (
        <details key={title} open={i === 0}>
          <summary>{title}</summary>
          <p class="row">
            {examples.map((example) => (
              <button key={example} type="button" class="small" onClick={() => type(example)}>
                {example}
              </button>
            ))}
          </p>
        </details>
      ))}
    </div>
  );
}
