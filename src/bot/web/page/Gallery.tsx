import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { ThreadSummary } from '../wire.js';
import { ask, tell } from './api.js';
import { focused } from './focus.js';
import { Icon } from './icons.js';
import * as s from './state.js';
import { begin, setTitle } from './talk.js';

/** Where one begins: a picture of one's own, a sample, or one from before. */
export function Gallery() {
  const threads = useSignal<readonly ThreadSummary[] | undefined>(undefined);
  const file = useRef<HTMLInputElement>(null);
  const load = (): void =>
    void ask<ThreadSummary[]>('/api/threads').then(
      (found) => (threads.value = found),
      (error: Error) => (s.trouble.value = error.message),
    );
  useEffect(load, []);
  const { about } = s;
  const some = (threads.value?.length ?? 0) > 0;
  return (
    <main id="start" class={some ? 'gallery' : 'gallery first'}>
      <h2>Change things in a picture</h2>
      <p class="lead">
        Point at a thing, and move it, replace it, or take it out. Everything else stays as it is.
      </p>
      <label class="drop" id="drop">
        <input
          id="file"
          ref={file}
          type="file"
          accept="image/jpeg,image/png,image/webp,image/gif,image/avif,image/tiff"
          aria-describedby="drop-hint"
          onChange={(event) => {
            const [picture] = event.currentTarget.files ?? [];
            if (picture) void begin(picture);
          }}
        />
        <Icon name="picture" />
        <strong>Choose a picture</strong>
        <span id="drop-hint">or drop or paste one: JPEG, PNG, WebP or GIF, up to 25 MiB</span>
      </label>
      <label class="wanted">
        Before you choose: things in it to look for, if you like
        <input
          id="items"
          type="text"
          maxLength={300}
          placeholder="dog, ball"
          value={s.wanted.value}
          onInput={(event) => (s.wanted.value = event.currentTarget.value)}
        />
      </label>
      <p id="start-error" class="error" role="alert">
        {s.trouble.value}
      </p>
      {(about.value?.samples.length ?? 0) > 0 && (
        <section aria-labelledby="samples-title">
          <h3 id="samples-title">Or try it with one of these</h3>
          <ul class="samples">
            {about.value!.samples.map((name) => (
              <li key={name}>
                <button type="button" class="sample" onClick={() => void sample(name)}>
                  <img src={`/samples/${name}/thumb`} alt={name.replace(/\.\w+$/, '')} />
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      {some && (
        <section aria-labelledby="earlier-title">
          <h3 id="earlier-title">Your pictures</h3>
          <ul id="threads">
            {threads.value!.map((thread) => (
              <Card key={thread.thread} thread={thread} changed={load} />
            ))}
          </ul>
        </section>
      )}
    </main>
  );
}

async function sample(name: string): Promise<void> {
  const response = await fetch(`/samples/${name}`);
  if (response.ok) await begin(new Blob([await response.arrayBuffer()], { type: 'image/png' }));
}

function Card({ thread: shown, changed }: { thread: ThreadSummary; changed: () => void }) {
  const { thread, revision, title, say, items, shared } = shown;
  const naming = useSignal(false);
  const name = title ?? (say || items.join(', ') || 'being cut');
  const rename = (text: string): void => {
    naming.value = false;
    if (text !== (title ?? '')) void setTitle(thread, text).then(changed, complain);
  };
  const forget = (): void => {
    if (!confirm(`Forget "${name}" and everything made of it?`)) return;
    void tell(`/api/threads/${thread}/messages`, { text: 'forget' })
      .then(() => new Promise((resolve) => setTimeout(resolve, 150)))
      .then(changed, complain);
  };
  return (
    <li class="card">
      <a href={`/#${thread}`}>
        {revision ? (
          <img src={`/api/threads/${thread}/revisions/${revision}/thumb`} alt="" loading="lazy" />
        ) : (
          <span class="blank" />
        )}
        <span class="name">{name}</span>
      </a>
      {naming.value && (
        <input
          aria-label="New name"
          maxLength={80}
          defaultValue={title ?? ''}
          ref={focused}
          onBlur={(event) => rename(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
        />
      )}
      <p class="row">
        {shared && <span class="shared">shared</span>}
        <button
          type="button"
          class="tool"
          aria-label={`Rename ${name}`}
          title="Rename"
          onClick={() => (naming.value = true)}
        >
          <Icon name="rename" />
        </button>
        <a
          class="button tool"
          aria-label={`Download ${name}`}
          title="Download all"
          href={`/api/threads/${thread}/zip`}
          download
        >
          <Icon name="download" />
        </a>
        <button type="button" class="tool" aria-label={`Forget ${name}`} title="Forget" onClick={forget}>
          <Icon name="remove" />
        </button>
      </p>
    </li>
  );
}

const complain = (error: Error): void => void (s.trouble.value = error.message);
