import { $, ask, make, readLabels } from './dom.js';

const REACTIONS = [
  ['↩️', 'undo'],
  ['🔁', 'again'],
];
const STARTERS = [
  'undo',
  'redo',
  'show',
  'compare',
  'history',
  'again 4',
  'status',
  'cancel',
  'export',
  'help',
];

let thread;
let events;
let replies = [];
let history = [];
let labels;
let replyTo;
let lastPicture;

// --- a new picture ----------------------------------------------------------------------------------------------

async function upload(file) {
  if (!file) return;
  $('start-error').textContent = '';
  $('drop').classList.add('busy');
  try {
    const made = await ask('/api/threads', { method: 'POST', body: file });
    await open(made.thread);
  } catch (error) {
    $('start-error').textContent = error.message;
  } finally {
    $('drop').classList.remove('busy');
    $('file').value = '';
  }
}

$('file').addEventListener('change', () => upload($('file').files[0]));
for (const type of ['dragenter', 'dragover']) {
  addEventListener(type, (event) => {
    event.preventDefault();
    $('drop').classList.add('over');
  });
}
for (const type of ['dragleave', 'drop']) addEventListener(type, () => $('drop').classList.remove('over'));
addEventListener('drop', (event) => {
  event.preventDefault();
  if ($('talk').hidden) void upload(event.dataTransfer.files[0]);
});
addEventListener('paste', (event) => {
  if ($('talk').hidden) void upload([...event.clipboardData.files][0]);
});
$('new').addEventListener('click', () => {
  events?.close();
  location.hash = '';
  $('talk').hidden = true;
  $('start').hidden = false;
  $('file').focus();
});

// --- a thread ---------------------------------------------------------------------------------------------------

async function open(id) {
  thread = id;
  location.hash = id;
  replies = [];
  labels = replyTo = lastPicture = undefined;
  $('log').replaceChildren();
  $('items').replaceChildren();
  $('shown').removeAttribute('src');
  $('progress').hidden = true;
  $('start').hidden = true;
  $('talk').hidden = false;
  events?.close();
  events = new EventSource(`/api/threads/${id}/events`);
  events.addEventListener('reply', (event) => heard(JSON.parse(event.data)));
  events.addEventListener('progress', (event) => progress(JSON.parse(event.data)));
  // after a break the page catches up with what it missed
  events.addEventListener('open', () => void refresh());
  await refresh();
  $('text').focus();
}

async function refresh() {
  const state = await ask(`/api/threads/${thread}`);
  history = state.history;
  for (const reply of state.replies) heard(reply, false);
  drawHistory();
}

function heard(reply, fresh = true) {
  if (reply.kind === 'progress') return progress(reply);
  if (replies.some(({ id }) => id === reply.id)) return undefined;
  replies.push(reply);
  $('log').append(drawReply(reply));
  $('log').scrollTop = $('log').scrollHeight;
  if (reply.picture) void show(reply);
  if (reply.kind === 'result' || reply.kind === 'refusal') $('progress').hidden = true;
  if (fresh) void ask(`/api/threads/${thread}`).then((state) => ((history = state.history), drawHistory()));
  return undefined;
}

function drawReply(reply) {
  const article = make('article', { className: reply.kind });
  const text = make('p', { textContent: reply.text });
  article.append(text);
  if (reply.picture) {
    const open = make('button', { type: 'button', className: 'thumb', title: 'Show this picture' });
    open.append(make('img', { src: reply.picture.src, alt: reply.picture.alt, loading: 'lazy' }));
    open.addEventListener('click', () => void show(reply));
    article.append(open);
  }
  const row = make('div', { className: 'row' });
  for (const { label, say: words } of reply.actions ?? []) {
    const button = make('button', { type: 'button', className: 'quiet', textContent: label });
    button.addEventListener('click', () => void say(words, reply.id));
    row.append(button);
  }
  if (reply.link)
    row.append(
      make('a', { href: reply.link.url, textContent: reply.link.label, target: '_blank', rel: 'noopener' }),
    );
  for (const { name, href } of reply.files ?? [])
    row.append(make('a', { href, textContent: name, download: name }));
  if (row.childElementCount > 0) article.append(row);
  return article;
}

function progress({ text, preview }) {
  $('progress').hidden = /done in/.test(text);
  $('progress-text').textContent = text;
  const share = /(\d+) %/.exec(text)?.[1];
  if (share) $('bar').value = Number(share);
  else $('bar').removeAttribute('value');
  $('preview').hidden = !preview;
  if (preview) $('preview').src = preview;
}

// --- what is said -----------------------------------------------------------------------------------------------

async function post(body) {
  try {
    await ask(`/api/threads/${thread}/messages`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ id: crypto.randomUUID(), ...body }),
    });
  } catch (error) {
    $('log').append(make('article', { className: 'refusal' }, make('p', { textContent: error.message })));
  }
}

async function say(text, to) {
  $('log').append(make('article', { className: 'mine' }, make('p', { textContent: text })));
  $('log').scrollTop = $('log').scrollHeight;
  $('said').prepend(make('option', { value: text }));
  await post({ text, ...(to ? { replyTo: to } : {}) });
}

$('form').addEventListener('submit', (event) => {
  event.preventDefault();
  const text = $('text').value.trim();
  if (!text) return;
  $('text').value = '';
  void say(text, replyTo);
  answer(undefined);
});
$('said').append(...STARTERS.map((value) => make('option', { value })));
$('unanswer').addEventListener('click', () => answer(undefined));

function answer(id) {
  replyTo = id;
  $('answering').hidden = !id;
  if (id) $('text').focus();
}

// --- the picture ------------------------------------------------------------------------------------------------

async function show(reply) {
  lastPicture = reply;
  $('shown').src = reply.picture.src;
  $('shown').alt = reply.picture.alt;
  const comparing = reply.kind === 'compare' && reply.revision;
  $('before').hidden = $('slider-label').hidden = !comparing;
  if (comparing) {
    const root = history.find(({ number }) => number === 0);
    $('shown').src = `/api/threads/${thread}/revisions/${reply.revision}/picture`;
    $('before').src = `/api/threads/${thread}/revisions/${root.id}/picture`;
    slide();
  }
  drawItems(reply);
  labels = undefined;
  highlight(-1);
  if (reply.revision && reply.items)
    labels = await readLabels(`/api/threads/${thread}/revisions/${reply.revision}/labels`).catch(
      () => undefined,
    );
}

function slide() {
  // the page's policy allows no inline styles; a property set from script is not one
  $('before').style.setProperty('--cut', `${$('slider').value}%`);
}
$('slider').addEventListener('input', slide);

function drawItems(reply) {
  $('items').replaceChildren(
    ...(reply.items ?? []).map(({ number, name }) => {
      const pick = make('button', { type: 'button', className: 'item' });
      pick.append(make('b', { textContent: number }), ` ${name}`);
      pick.addEventListener('click', () => suggest(number));
      for (const type of ['pointerenter', 'focus']) pick.addEventListener(type, () => highlight(number - 1));
      for (const type of ['pointerleave', 'blur']) pick.addEventListener(type, () => highlight(-1));
      const remove = make('button', {
        type: 'button',
        className: 'quiet',
        textContent: '✕',
        title: `Remove ${number}, ${name}`,
      });
      remove.setAttribute('aria-label', `Remove ${number}, ${name}`);
      remove.addEventListener('click', () => void react(`${number}\uFE0F\u20E3`));
      return make('li', {}, pick, remove);
    }),
    make(
      'li',
      { className: 'row' },
      ...REACTIONS.map(([emoji, name]) => {
        const button = make('button', {
          type: 'button',
          className: 'quiet',
          textContent: emoji,
          title: name,
        });
        button.setAttribute('aria-label', name);
        button.addEventListener('click', () => void react(emoji));
        return button;
      }),
    ),
  );
}

const react = (emoji) => post({ emoji, message: lastPicture.id });

function suggest(number) {
  $('text').value = `replace ${number} with `;
  $('text').focus();
}

/** Draws the item's pixels over the picture; -1 none. */
function highlight(item) {
  const canvas = $('highlight');
  canvas.dataset.item = item;
  if (!labels || item < 0) {
    canvas.width = 0;
    return;
  }
  canvas.width = labels.width;
  canvas.height = labels.height;
  const context = canvas.getContext('2d');
  const image = context.createImageData(labels.width, labels.height);
  for (let i = 0; i < labels.width * labels.height; i++) {
    if (labels.at(i) === item) image.data.set([255, 214, 64, 130], 4 * i);
  }
  context.putImageData(image, 0, 0);
}

function itemAt(event) {
  if (!labels) return -1;
  const box = $('shown').getBoundingClientRect();
  // an overlay has a legend below the picture: its height follows from the picture's own shape
  const scale = box.width / labels.width;
  const [x, y] = [
    Math.floor((event.clientX - box.left) / scale),
    Math.floor((event.clientY - box.top) / scale),
  ];
  return x >= 0 && y >= 0 && x < labels.width && y < labels.height ? labels.at(y * labels.width + x) : -1;
}
$('shown').addEventListener('pointermove', (event) => highlight(itemAt(event)));
$('shown').addEventListener('pointerleave', () => highlight(-1));
$('shown').addEventListener('click', (event) => {
  const item = itemAt(event);
  if (item >= 0) suggest(item + 1);
});

// --- history ----------------------------------------------------------------------------------------------------

function drawHistory() {
  const branch = (parent) => history.filter((revision) => revision.parent === parent);
  const list = (parent) =>
    branch(parent).flatMap((revision) => {
      const go = make('button', {
        type: 'button',
        className: 'quiet',
        textContent: `${revision.number}: ${revision.say}`,
      });
      if (revision.current) go.setAttribute('aria-current', 'true');
      go.disabled = revision.status !== 'DONE';
      go.addEventListener('click', () => {
        const reply = replies.findLast((r) => r.revision === revision.id && r.picture && r.items);
        if (!reply) return;
        void show(reply);
        answer(reply.id);
      });
      const children = branch(revision.id);
      const item = make('li', {}, go);
      // a line of edits stays flush; only branches step in
      if (children.length === 1) return [item, ...list(revision.id)];
      if (children.length > 1) item.append(make('ul', {}, ...list(revision.id)));
      return [item];
    });
  $('history').replaceChildren(...list(null));
}

if (/^#[\w-]{36}$/.test(location.hash)) {
  open(location.hash.slice(1)).catch(() => {
    location.hash = '';
    $('talk').hidden = true;
    $('start').hidden = false;
  });
}
