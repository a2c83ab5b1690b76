/* global URL, XMLHttpRequest, matchMedia, setTimeout, clearTimeout, history, confirm */
import { $, ask, button, make, Refused, sentence } from './dom.js';
import { drawHistory, drawThreads } from './history.js';
import { Log } from './log.js';
import { Picture } from './picture.js';

const MOST_BYTES = 25 * 1024 * 1024;
const RETRY = 3000;
const LOOK = 4000;

/** The thread that is open: its id, what was heard, its pictures; undefined at the start. */
let open;
/** The reply that the next words answer, when it is not the newest picture. */
let replyTo;
let stream;
let retry;
let look;

const picture = new Picture({
  onItem: (item) => fill(`replace ${item + 1} with `),
  onHover: (item) => point(item),
});
const log = new Log({ show, say });

// --- a new picture ----------------------------------------------------------------------------------------------

async function upload(file) {
  if (!file) return;
  if (file.type && !file.type.startsWith('image/'))
    return fail('This is not a picture: send a JPEG, PNG, WebP or GIF.');
  if (file.size > MOST_BYTES)
    return fail(`This picture has ${Math.ceil(file.size / 2 ** 20)} MiB: at most 25 fit.`);
  const another = open !== undefined;
  leave();
  const local = URL.createObjectURL(file);
  $('start').hidden = true;
  $('talk').hidden = false;
  picture.show(local, 'the picture you sent');
  busy('Sending the picture…');
  try {
    const { thread } = await post('/api/threads', file, (share) => busy('Sending the picture…', share));
    history.pushState(null, '', `#${thread}`);
    await enter(thread, local);
    if (another) log.reply({ kind: 'note', text: 'A new thread. The one before is kept: see New picture.' });
  } catch (error) {
    toStart();
    fail(error.message);
  } finally {
    setTimeout(() => URL.revokeObjectURL(local), 60_000);
    $('file').value = '';
  }
}

const fail = (message) => {
  if (open) log.refusal(message);
  else {
    $('start-error').className = 'error';
    $('start-error').textContent = message;
  }
};

/** Like ask, and tells how much is sent. */
const post = (path, body, onSent) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', ({ loaded, total }) => onSent((100 * loaded) / total));
    request.addEventListener('load', () =>
      request.status < 400
        ? resolve(request.response)
        : reject(
            new Refused(request.status, sentence(request.response?.error ?? 'the picture was not taken')),
          ),
    );
    request.addEventListener('error', () =>
      reject(new Refused(0, 'The picture could not be sent: is dedit running? Try again in a moment.')),
    );
    request.send(body);
  });

$('file').addEventListener('change', () => void upload($('file').files[0]));
let over = 0;
const dragging = (event, step) => {
  if (!event.dataTransfer?.types.includes('Files')) return;
  event.preventDefault();
  over = Math.max(0, over + step);
  $('dropping').hidden = over === 0;
};
addEventListener('dragenter', (event) => dragging(event, 1));
addEventListener('dragover', (event) => dragging(event, 0));
addEventListener('dragleave', (event) => dragging(event, -1));
addEventListener('drop', (event) => {
  dragging(event, -over);
  if (event.dataTransfer.files.length > 0) void upload(event.dataTransfer.files[0]);
});
addEventListener('paste', (event) => {
  const file = [...(event.clipboardData?.files ?? [])][0];
  if (!file) return; // words go where the caret is
  event.preventDefault();
  void upload(file);
});

// --- a thread, and leaving it -----------------------------------------------------------------------------------

/** @param local address of the picture as it was chosen, shown until the server's is there */
async function enter(thread, local) {
  leave(local !== undefined);
  open = { thread, history: [], heard: new Set(), replies: [], said: [], learning: '', local };
  const mine = open;
  $('start').hidden = true;
  $('talk').hidden = false;
  $('log').setAttribute('aria-busy', 'true');
  await refresh();
  $('log').removeAttribute('aria-busy');
  if (open !== mine) return;
  listen();
  if (matchMedia('(hover: hover)').matches) $('text').focus();
}

function leave(keep = false) {
  hush();
  clearTimeout(look);
  open = undefined;
  answer(undefined);
  log.clear();
  for (const id of ['items', 'history', 'hints']) $(id).replaceChildren();
  for (const id of ['tree', 'progress', 'working', 'nothing']) $(id).hidden = true;
  $('form').inert = false;
  $('start-error').textContent = '';
  if (!keep) picture.clear();
}

function toStart(message = '', { focus = false, good = false } = {}) {
  leave();
  if (location.hash) history.replaceState(null, '', location.pathname);
  document.title = 'dedit';
  $('talk').hidden = true;
  $('start').hidden = false;
  $('start-error').textContent = message;
  $('start-error').className = good ? '' : 'error';
  if (focus) $('file').focus();
  ask('/api/threads').then(drawThreads, (error) => ($('start-error').textContent = error.message));
}

async function route() {
  const thread = /^#([\w-]{36})$/.exec(location.hash)?.[1];
  if (!thread) return toStart();
  if (thread === open?.thread) return;
  try {
    await enter(thread);
  } catch (error) {
    toStart(
      error.status === 404
        ? 'That thread is not here: it is forgotten, or another browser began it.'
        : error.message,
    );
  }
}
addEventListener('hashchange', () => void route());
for (const id of ['home', 'new', 'another'])
  $(id).addEventListener('click', (event) => {
    event.preventDefault();
    if (location.hash) history.pushState(null, '', location.pathname);
    toStart('', { focus: true });
  });
addEventListener('popstate', () => void route());

// --- what the server says ---------------------------------------------------------------------------------------

function listen() {
  hush();
  const { thread } = open;
  stream = new EventSource(`/api/threads/${thread}/events`);
  stream.addEventListener('reply', (event) => hear(JSON.parse(event.data)));
  stream.addEventListener('progress', (event) => progress(JSON.parse(event.data)));
  stream.addEventListener('open', () => {
    $('lost').hidden = true;
    // after a break the page catches up with what it missed
    void refresh().catch(() => {});
  });
  stream.addEventListener('error', () => {
    $('lost').hidden = false;
    // browsers come back by themselves, unless they were refused
    if (stream?.readyState === EventSource.CLOSED) retry = setTimeout(() => open && listen(), RETRY);
  });
}

function hush() {
  clearTimeout(retry);
  stream?.close();
  stream = undefined;
  $('lost').hidden = true;
}

// A tab nobody looks at needs no connection, once nothing is under way: browsers have few for one address.
document.addEventListener('visibilitychange', () => {
  if (!open) return;
  if (document.hidden) {
    if (!underWay()) hush();
  } else {
    document.title = 'dedit';
    if (!stream) listen();
  }
});

let refreshing;
/** Reads the thread anew; calls that come meanwhile are one more reading afterwards. */
async function refresh() {
  if (refreshing) return (refreshing.again ??= refreshing.run.catch(() => {}).then(() => refresh()));
  const mine = open;
  if (!mine) return undefined;
  const run = read(mine).finally(() => (refreshing = undefined));
  refreshing = { run };
  return run;
}

async function read(mine) {
  let state;
  try {
    state = await ask(`/api/threads/${mine.thread}`);
  } catch (error) {
    if (open === mine && error.status === 404 && mine.history.length > 0)
      return toStart(mine.replies.at(-1)?.text ?? '', { good: true });
    throw error;
  }
  if (open !== mine) return;
  mine.history = state.history;
  mine.learning = state.learning;
  for (const reply of state.replies) hear(reply, false);
  const newest = mine.replies.findLast((reply) => reply.picture);
  if (newest && newest !== mine.newest) {
    mine.newest = newest;
    show(newest, false);
    if (document.hidden) document.title = '● dedit';
  } else drawAround();
  const refused = ['FAILED', 'CANCELLED'].includes(mine.history[0]?.status);
  if (refused) picture.clear();
  $('nothing').hidden = !refused;
  $('form').inert = refused;
  work();
}

function hear(reply, fresh = true) {
  if (!open || open.heard.has(reply.id)) return;
  if (reply.kind === 'progress') return progress(reply);
  open.heard.add(reply.id);
  const before = open.replies.findLast((other) => other.picture);
  open.replies.push(reply);
  const repeats = reply.kind === 'overlay' && before?.revision === reply.revision;
  log.reply(reply, open.thread, open.history[0]?.id, !repeats);
  if (fresh) void refresh().catch(() => {});
}

// --- what goes on -----------------------------------------------------------------------------------------------

const waits = ({ status }) => status === 'PENDING' || status === 'RUNNING';
const underWay = () => open && (open.history.some(waits) || ['PENDING', 'RUNNING'].includes(open.learning));

/** What to tell while something is under way, from the thread itself; the server's own words are nearer. */
function describeWork() {
  const { history: all, learning } = open;
  if (all[0] && waits(all[0])) return 'Cutting the picture into items…';
  if (all[0]?.status !== 'DONE') return undefined;
  const [first, ...more] = all.filter(waits);
  const queued = more.length > 0 ? `, ${more.length} more after it` : '';
  if (learning === 'PENDING' || learning === 'RUNNING')
    return first
      ? `Learning the items; “${first.say}” comes after that${queued}`
      : 'Learning the items. You can already say what to change.';
  return first && `Working on “${first.say}”${queued}`;
}

function work() {
  clearTimeout(look);
  const text = describeWork();
  if (!text) return busy(undefined);
  if (text !== open.doing) {
    open.doing = text;
    $('announce').textContent = text;
    busy(text);
  }
  // what is done without a word (learning) is seen all the same
  look = setTimeout(() => void refresh().catch(() => {}), LOOK);
}

function busy(text, share, preview) {
  const cutting = !open || (open.history[0] ? waits(open.history[0]) : true);
  $('working').hidden = !text || (!cutting && !open.history.slice(1).some(waits));
  $('progress').hidden = !text;
  $('working').dataset.what = cutting ? (text ?? '').replace(/[:.,].*/, '…') : '';
  if (!text) {
    if (open) open.doing = undefined;
    $('announce').textContent = '';
    return;
  }
  $('progress-text').textContent = text;
  if (share === undefined) $('bar').removeAttribute('value');
  else $('bar').value = share;
  $('preview').hidden = !preview;
  if (preview) $('preview').src = preview;
}

function progress({ text, preview }) {
  if (!open) return;
  if (/done in/.test(text)) {
    open.doing = undefined;
    void refresh().catch(() => {});
    return;
  }
  const share = /(\d+) %/.exec(text)?.[1];
  const note = text.startsWith('Learning') ? '. You can already say what to change.' : '';
  busy(text + note, share && Number(share), preview);
}

// --- what is said -----------------------------------------------------------------------------------------------

async function tell(body) {
  const mine = open;
  try {
    await ask(`/api/threads/${mine.thread}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: crypto.randomUUID(), ...body }),
    });
    await refresh();
  } catch (error) {
    if (open === mine) log.refusal(error.message);
    throw error;
  }
}

async function say(text, to) {
  log.mine(text);
  if (open.said.at(-1) !== text) open.said.push(text);
  await tell({ text, ...(to ? { replyTo: to } : {}) }).catch(() => {
    // what could not be sent is not lost
    if ($('text').value === '') $('text').value = text;
  });
}

const react = (emoji) => {
  const message = replyOf(picture.revision)?.id ?? open.newest?.id;
  if (message) void tell({ emoji, message }).catch(() => {});
};
$('undo').addEventListener('click', () => react('↩️'));
$('again').addEventListener('click', () => react('🔁'));
$('forget').addEventListener('click', () => {
  if (confirm('Delete this picture, every picture made of it and all that was said?'))
    void tell({ text: 'forget' }).catch(() => {});
});

let recalled = 0;
$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text || !open) return;
  $('text').value = '';
  recalled = 0;
  void say(text, replyTo);
  answer(undefined);
});
$('text').addEventListener('keydown', (event) => {
  if (event.key === 'Escape') return answer(undefined);
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step || !open) return;
  const said = [...open.history.slice(1).map((revision) => revision.say), ...open.said].filter(
    (text, i, all) => all.lastIndexOf(text) === i && /\w/.test(text),
  );
  recalled = Math.min(said.length, Math.max(0, recalled + step));
  event.preventDefault();
  $('text').value = said.at(-recalled) && recalled > 0 ? said.at(-recalled) : '';
});
$('unanswer').addEventListener('click', () => {
  answer(undefined);
  $('text').focus();
});
addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && event.target !== $('text')) {
    picture.compare(false);
    answer(undefined);
  }
});

/** The next words go on from this reply's picture; undefined: from the newest. */
function answer(reply) {
  const back = replyTo && !reply;
  replyTo = reply?.id;
  $('answering').hidden = !reply;
  if (reply) $('answering-text').textContent = `Going on from “${nameOf(reply)}”.`;
  if (back && open?.newest) show(open.newest, false);
}

const nameOf = (reply) => {
  const revision = open.history.find(({ id }) => id === reply.revision);
  return revision && revision.number > 0 ? `${revision.number}: ${revision.say}` : 'the picture as it came';
};

function fill(text) {
  $('text').value = text;
  $('text').focus();
}

// --- the picture and what stands around it ----------------------------------------------------------------------

const replyOf = (revision) =>
  revision && open.replies.findLast((reply) => reply.revision === revision && reply.picture);

/** @param chosen whether a person wants to see it: what is older than the newest is what they go on from then */
function show(reply, chosen = true) {
  const revision = open.history.find(({ id, status }) => id === reply.revision && status === 'DONE');
  if (revision && reply.kind !== 'strip') {
    void picture.showRevision({ thread: open.thread, revision, root: open.history[0] }, reply.picture.alt);
    if (reply.kind === 'compare') picture.compare(true);
    if (chosen) answer(revision.current ? undefined : replyOf(revision.id));
  } else picture.show(reply.picture.src, reply.picture.alt);
  drawAround();
}

function drawAround() {
  const { thread, history: all } = open;
  const shown = all.find(({ id }) => id === picture.revision);
  drawItems(shown);
  drawHistory(thread, all, picture.revision, (revision) => {
    const reply = replyOf(revision.id);
    if (reply) show({ ...reply, kind: 'result' });
  });
}

let drawn = '';
function drawItems(revision) {
  const names = revision?.items ?? [];
  // drawn anew the buttons would lose the focus
  const state = JSON.stringify([revision?.id, names]);
  if (state === drawn && $('items').childElementCount > 0) return;
  drawn = state;
  $('items').replaceChildren(
    ...names.map((name, item) => {
      const number = item + 1;
      const pick = button(
        [make('b', {}, String(number)), ` ${name}`],
        () => fill(`replace ${number} with `),
        {
          className: 'item',
          title: name,
        },
      );
      pick.dataset.item = item;
      for (const type of ['pointerenter', 'focus']) pick.addEventListener(type, () => point(item));
      for (const type of ['pointerleave', 'blur']) pick.addEventListener(type, () => point(-1));
      const label = `Remove ${number}, ${name}`;
      const remove = button('✕', () => react(`${number}\uFE0F\u20E3`), {
        className: 'remove',
        label,
        title: label,
      });
      return make('li', {}, pick, remove);
    }),
  );
  drawHints(names.length);
}

function drawHints(count) {
  const one = count > 1 ? 2 : 1;
  const hints =
    count === 0
      ? []
      : [
          `replace ${one} with a cat`,
          `make ${one} red`,
          `remove ${count}`,
          `move ${one} right 20%`,
          `resize ${one} 150%`,
          `reshape ${one}`,
          'again 4',
          'export',
          'help',
        ];
  $('hints').replaceChildren(...hints.map((text) => button(text, () => fill(text), { className: 'hint' })));
}

/** The item the pointer is on, in the picture and in the list. */
function point(item) {
  picture.highlight(item);
  for (const pick of $('items').querySelectorAll('.item'))
    pick.classList.toggle('pointed', Number(pick.dataset.item) === item);
}

$('tree').open = matchMedia('(min-width: 900px)').matches;
void route();
