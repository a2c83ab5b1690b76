import { $, button, make } from './dom.js';

/** The tree of pictures. `go` is called with the revision that is chosen. */
export function drawHistory(thread, history, shown, go) {
  const branch = (parent) => history.filter((revision) => revision.parent === parent);
  const list = (parent) =>
    branch(parent).flatMap((revision) => {
      const item = make('li', {}, entry(thread, revision, shown, go));
      const children = branch(revision.id);
      // a line of edits stays flush; only branches step in
      if (children.length === 1) return [item, ...list(revision.id)];
      if (children.length > 1) item.append(make('ul', {}, ...list(revision.id)));
      return [item];
    });
  $('tree').hidden = history.length < 2;
  const before = $('history').querySelector('.shown')?.dataset.id;
  $('history').replaceChildren(...list(null));
  const now = $('history').querySelector('.shown');
  if (now && now.dataset.id !== before) {
    const [tree, at] = [$('tree').getBoundingClientRect(), now.getBoundingClientRect()];
    // only the list itself is scrolled, never what lies around it
    if (at.bottom > tree.bottom || at.top < tree.top) $('tree').scrollTop += at.bottom - tree.bottom + 12;
  }
}

const WAITS = { PENDING: 'waits', RUNNING: 'under way', FAILED: 'failed', CANCELLED: 'cancelled' };

function entry(thread, revision, shown, go) {
  const { id, number, say, status } = revision;
  const done = status === 'DONE';
  const text = make('span', {}, `${number}: ${say}`);
  if (!done) text.append(make('em', {}, ` (${WAITS[status]})`));
  const picture = done
    ? make('img', { src: `/api/threads/${thread}/revisions/${id}/thumb`, alt: '', loading: 'lazy' })
    : make('i', { className: status === 'RUNNING' ? 'dot busy' : 'dot' });
  const chosen = button([picture, text], () => go(revision), { className: 'revision', title: say });
  chosen.dataset.id = id;
  chosen.disabled = !done;
  if (id === shown) chosen.classList.add('shown');
  if (revision.current) chosen.setAttribute('aria-current', 'true');
  return chosen;
}

/** The threads this browser began, to go back to. */
export function drawThreads(threads) {
  $('earlier').hidden = threads.length === 0;
  $('threads').replaceChildren(
    ...threads.map(({ thread, usedAt, revision, say, items }) => {
      const link = make('a', { href: `#${thread}` });
      if (revision)
        link.append(
          make('img', {
            src: `/api/threads/${thread}/revisions/${revision}/thumb`,
            alt: '',
            loading: 'lazy',
          }),
        );
      else link.append(make('i', { className: 'none' }));
      link.append(
        make('b', {}, say || items.join(', ') || 'not cut yet'),
        make('time', { dateTime: usedAt }, ago(new Date(usedAt))),
      );
      return make('li', {}, link);
    }),
  );
}

const STEPS = [
  [60, 'minute'],
  [24, 'hour'],
  [Infinity, 'day'],
];
function ago(then) {
  let count = Math.round((Date.now() - then.getTime()) / 60_000);
  if (count < 1) return 'just now';
  const format = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  for (const [most, unit] of STEPS) {
    if (count < most) return format.format(-count, unit);
    count = Math.round(count / most);
  }
  return '';
}
