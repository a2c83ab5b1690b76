import { render } from 'preact';
import { useEffect } from 'preact/hooks';
import type { About, MaskTask } from '../wire.js';
import { ask, Refused } from './api.js';
import { Conversation } from './Conversation.js';
import { Filmstrip } from './Filmstrip.js';
import { Gallery } from './Gallery.js';
import { onKey, onKeyUp } from './keys.js';
import { Stage } from './Stage.js';
import * as s from './state.js';
import './style.css';
import { begin, enter, leave, threadPlace } from './talk.js';
import { TopBar } from './TopBar.js';

/** Which screen the address asks for. */
async function route(): Promise<void> {
  const shared = /^\/shared\/([\w-]+)$/.exec(location.pathname)?.[1];
  const thread = /^#([\w-]{36})$/.exec(location.hash)?.[1];
  try {
    if (location.pathname.startsWith('/mask/')) await openMask(location.pathname);
    else if (shared)
      await enter({ kind: 'thread', thread: shared, base: `/api/shared/${shared}`, readOnly: true });
    else if (thread) await enter(threadPlace(thread));
    else if (s.place.peek().kind !== 'gallery' || s.local.peek()) leave();
  } catch (error) {
    leave();
    s.trouble.value =
      error instanceof Refused && error.status === 404 && thread
        ? 'That thread is not here: it is forgotten, or another browser began it.'
        : (error as Error).message;
    if (thread) globalThis.history.replaceState(null, '', '/');
  }
}

async function openMask(base: string): Promise<void> {
  s.place.value = { kind: 'mask', base };
  const task = await ask<MaskTask>(`${base}/data`);
  s.task.value = task;
  s.outlining.value = { item: task.item };
  document.title = `dedit: outline of ${task.name}`;
}

/** The file of a drop or a paste becomes a picture of its own, wherever one is. */
function useFiles(): void {
  useEffect(() => {
    const dragged = (event: DragEvent): void => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    };
    const taken = (event: Event, files: FileList | undefined | null): void => {
      const [file] = files ?? [];
      if (!file || s.place.peek().kind === 'mask') return; // words go where the caret is
      event.preventDefault();
      void begin(file);
    };
    const drop = (event: DragEvent): void => taken(event, event.dataTransfer?.files);
    const paste = (event: ClipboardEvent): void => taken(event, event.clipboardData?.files);
    addEventListener('dragover', dragged);
    addEventListener('drop', drop);
    addEventListener('paste', paste);
    addEventListener('keydown', onKey);
    addEventListener('keyup', onKeyUp);
    return () => {
      removeEventListener('dragover', dragged);
      removeEventListener('drop', drop);
      removeEventListener('paste', paste);
      removeEventListener('keydown', onKey);
      removeEventListener('keyup', onKeyUp);
    };
  }, []);
}

function App() {
  useFiles();
  const { kind } = s.place.value;
  const atWork = kind !== 'gallery' || s.local.value !== undefined;
  return (
    <>
      <TopBar />
      {!atWork ? (
        <Gallery />
      ) : kind === 'mask' ? (
        <main class="work alone" aria-label={`Outline of ${s.task.value?.name ?? 'an item'}`}>
          <Stage outlineAt={`${s.base.value}/view`} />
        </main>
      ) : (
        <main id="talk" class={s.readOnly.value ? 'work alone' : 'work'} aria-label="Editing">
          {s.refused.value ? <Nothing /> : <Stage />}
          <Filmstrip />
          {!s.readOnly.value && <Conversation />}
        </main>
      )}
      <p id="announce" class="hidden" role="status">
        {s.announced.value}
      </p>
    </>
  );
}

const Nothing = () => (
  <section class="stage" id="nothing">
    <p>
      There is no picture here.{' '}
      <a href="/#" id="another">
        Choose another one
      </a>
    </p>
  </section>
);

addEventListener('hashchange', () => void route());
addEventListener('popstate', () => void route());
// "/#" is this very page: it is left without being loaded again
addEventListener('click', (event) => {
  const link = (event.target as Element).closest?.('a[href="/#"]');
  if (!link || location.pathname !== '/') return;
  event.preventDefault();
  if (location.hash) globalThis.history.pushState(null, '', '/');
  leave();
});
void ask<About>('/api/about').then(
  (found) => (s.about.value = found),
  () => {},
);
void route();
render(<App />, document.querySelector('#app')!);
