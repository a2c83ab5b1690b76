/* global requestAnimationFrame, innerHeight */
import { $, ask, make, readLabels, sentence } from './dom.js';
import { asPng, drawOutline, equal, middle, packed, unpack } from './maskMap.js';

const here = location.pathname;
const canvas = $('mask');
const context = canvas.getContext('2d', { willReadFrequently: true });
const outline = $('outline').getContext('2d', { willReadFrequently: true });
const COLOUR = [31, 180, 140, 255];
const CSS_COLOUR = `rgb(${COLOUR.slice(0, 3).join(' ')})`;
const COLOUR_32 = new Uint32Array(Uint8Array.from(COLOUR).buffer)[0];
const MOST_UNDO = 100;
/** Devices limit canvases to about this many pixels; of larger pictures the mask is drawn coarser. */
const MOST_PIXELS = 16e6;
const MOST_OUTLINE = 1200;

let tool = 'brush';
/** Packed masks: the last of the past is the one that is shown. */
let past = [];
let future = [];
let stroke;
/** What moving and scaling work on, as long as nothing else comes between: pixels moved out come back. */
let base;
/** Where the keyboard's brush is. */
let caret;
let claim;
let sent = false;

// --- what there was ---------------------------------------------------------------------------------------------

const now = () => past.at(-1);
const pixels = () => context.getImageData(0, 0, canvas.width, canvas.height);

/** Notes what is on the canvas as the newest state. */
function remember() {
  const state = packed(pixels().data);
  if (now() && equal(state, now())) return;
  past.push(state);
  if (past.length > MOST_UNDO) past.splice(1, 1);
  future = [];
  tellState();
}

function draw(state) {
  const image = context.createImageData(canvas.width, canvas.height);
  unpack(state, new Uint32Array(image.data.buffer), COLOUR_32);
  context.putImageData(image, 0, 0);
  base = undefined;
  tellState();
  drawEdge();
}

function undo() {
  if (past.length < 2 || stroke) return;
  future.push(past.pop());
  draw(now());
}
function redo() {
  const state = future.pop();
  if (!state || stroke) return;
  past.push(state);
  draw(state);
}

function clear() {
  context.clearRect(0, 0, canvas.width, canvas.height);
  base = undefined;
  remember();
  drawEdge();
}

/** Whether there is something to send, and why not. */
function tellState() {
  $('undo').disabled = past.length < 2;
  $('redo').disabled = future.length === 0;
  const why =
    now().area === 0
      ? 'Nothing is painted: paint where the item shall be.'
      : equal(now(), past[0])
        ? 'This is the outline as it is: change it first.'
        : '';
  $('done').disabled = why !== '';
  if (!sent || why === '') answer(why);
  sent = false;
}

function answer(text, isError = false) {
  $('answer').textContent = text;
  $('answer').className = isError ? 'error' : '';
}

// --- drawing ----------------------------------------------------------------------------------------------------

let asked = false;
/** The border of the mask, drawn at the size of the screen with the next frame. */
function drawEdge() {
  if (asked) return;
  asked = true;
  requestAnimationFrame(() => {
    asked = false;
    const { width, height } = outline.canvas;
    outline.clearRect(0, 0, width, height);
    outline.drawImage(canvas, 0, 0, width, height);
    const small = outline.getImageData(0, 0, width, height);
    const edge = outline.createImageData(width, height);
    drawOutline(small.data, edge.data, width, height);
    outline.putImageData(edge, 0, 0);
  });
}

const brushWidth = () => Math.max(1, (Number($('size').value) / 200) * Math.max(canvas.width, canvas.height));

function line(from, to) {
  base = undefined;
  context.globalCompositeOperation = tool === 'eraser' ? 'destination-out' : 'source-over';
  context.strokeStyle = CSS_COLOUR;
  context.lineWidth = brushWidth();
  context.lineCap = context.lineJoin = 'round';
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.globalCompositeOperation = 'source-over';
  drawEdge();
}

function fillLasso(points) {
  if (points.length < 3) return;
  base = undefined;
  context.fillStyle = CSS_COLOUR;
  context.beginPath();
  for (const point of points) context.lineTo(...point);
  context.fill();
  drawEdge();
}

/** The way of the lasso so far. */
function drawLasso(points) {
  drawEdge();
  requestAnimationFrame(() => {
    if (!stroke) return;
    const scale = outline.canvas.width / canvas.width;
    outline.beginPath();
    for (const [x, y] of points) outline.lineTo(x * scale, y * scale);
    for (const [width, colour] of [
      [4, '#10231e'],
      [2, '#fff'],
    ]) {
      outline.lineWidth = width;
      outline.strokeStyle = colour;
      outline.stroke();
    }
  });
}

/** Draws the mask moved and scaled about its middle: always from the same pixels, so that none gets lost on the way. */
function transform(dx, dy, scale = 1) {
  if (!base) {
    const centre = middle(packed(pixels().data), canvas.width);
    if (!centre) return;
    const copy = make('canvas', { width: canvas.width, height: canvas.height });
    copy.getContext('2d').drawImage(canvas, 0, 0);
    base = { copy, centre, dx: 0, dy: 0, scale: 1 };
  }
  base.dx += dx;
  base.dy += dy;
  base.scale = Math.min(20, Math.max(0.05, base.scale * scale));
  const [cx, cy] = base.centre;
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.save();
  context.imageSmoothingEnabled = false;
  context.translate(Math.round(cx + base.dx), Math.round(cy + base.dy));
  context.scale(base.scale, base.scale);
  context.drawImage(base.copy, -Math.round(cx), -Math.round(cy));
  context.restore();
  drawEdge();
}
const change = (dx, dy, scale) => {
  if (stroke) return;
  transform(dx, dy, scale);
  remember();
};

// --- pointer ----------------------------------------------------------------------------------------------------

const toPixels = ({ clientX, clientY }) => {
  const box = canvas.getBoundingClientRect();
  return [
    ((clientX - box.left) / box.width) * canvas.width,
    ((clientY - box.top) / box.height) * canvas.height,
  ];
};

/** The circle that shows how large the brush is. */
function showBrush(at) {
  const painting = tool === 'brush' || tool === 'eraser';
  $('brush').hidden = !painting || !at;
  if (!painting || !at) return;
  const scale = canvas.clientWidth / canvas.width;
  const size = brushWidth() * scale;
  for (const side of ['width', 'height']) $('brush').style[side] = `${size}px`;
  $('brush').style.transform = `translate(${at[0] * scale - size / 2}px, ${at[1] * scale - size / 2}px)`;
}

canvas.addEventListener('pointerdown', (event) => {
  if (!event.isPrimary || event.button !== 0 || stroke || !claim) return;
  canvas.setPointerCapture(event.pointerId);
  begin(toPixels(event), event.pointerId);
});
canvas.addEventListener('pointermove', (event) => {
  if (event.isPrimary) showBrush((caret = toPixels(event)));
  if (stroke?.pointer !== event.pointerId) return;
  const all = event.getCoalescedEvents?.() ?? [];
  for (const each of all.length > 0 ? all : [event]) goOn(toPixels(each));
});
canvas.addEventListener('pointerup', (event) => stroke?.pointer === event.pointerId && end());
canvas.addEventListener('pointercancel', (event) => {
  if (stroke?.pointer !== event.pointerId) return;
  stroke = undefined;
  draw(now());
});
canvas.addEventListener(
  'pointerleave',
  (event) => stroke?.pointer === event.pointerId || showBrush(undefined),
);

function begin(at, pointer) {
  stroke = { pointer, last: at, points: [at] };
  if (tool === 'brush' || tool === 'eraser') line(at, at);
  showBrush(at);
}

function goOn(at) {
  if (tool === 'move') transform(at[0] - stroke.last[0], at[1] - stroke.last[1]);
  else if (tool !== 'lasso') line(stroke.last, at);
  stroke.points.push(at);
  stroke.last = at;
  if (tool === 'lasso') drawLasso(stroke.points);
}

function end() {
  if (tool === 'lasso') fillLasso(stroke.points);
  stroke = undefined;
  remember();
}

// --- tools and keys ---------------------------------------------------------------------------------------------

function choose(name) {
  if (stroke) end();
  tool = name;
  canvas.dataset.tool = name;
  for (const button of document.querySelectorAll('[data-tool]'))
    if (button !== canvas) button.setAttribute('aria-pressed', String(button.dataset.tool === name));
  showBrush(undefined);
}
for (const button of document.querySelectorAll('button[data-tool]'))
  button.addEventListener('click', () => choose(button.dataset.tool));

const grow = (steps) => {
  if (steps > 0) $('size').stepUp(steps);
  else $('size').stepDown(-steps);
  showBrush(caret);
};
$('size').addEventListener('input', () => showBrush(caret ?? [canvas.width / 2, canvas.height / 2]));
$('smaller').addEventListener('click', () => change(0, 0, 1 / 1.1));
$('larger').addEventListener('click', () => change(0, 0, 1.1));
$('undo').addEventListener('click', undo);
$('redo').addEventListener('click', redo);
$('clear').addEventListener('click', clear);

const KEYS = {
  b: () => choose('brush'),
  e: () => choose('eraser'),
  l: () => choose('lasso'),
  m: () => choose('move'),
  '[': () => grow(-5),
  ']': () => grow(5),
  '+': () => change(0, 0, 1.1),
  '=': () => change(0, 0, 1.1),
  '-': () => change(0, 0, 1 / 1.1),
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const KEYBOARD = 'keyboard';

addEventListener('keydown', (event) => {
  if (!claim) return;
  const { key } = event;
  if (event.ctrlKey || event.metaKey) {
    const act = { z: event.shiftKey ? redo : undo, y: redo }[key.toLowerCase()];
    if (act) event.preventDefault();
    act?.();
  } else if (document.activeElement === canvas && (ARROWS[key] || key === ' ' || key === 'Enter')) {
    event.preventDefault();
    onCanvas(event);
  } else if (key === 'Escape' && stroke) {
    stroke = undefined;
    draw(now());
  } else KEYS[key.toLowerCase()]?.();
});
addEventListener('keyup', ({ key }) => {
  if (key === ' ' && stroke?.pointer === KEYBOARD && tool !== 'lasso') end();
});

/** Arrows move the brush or, with the move tool, the mask; space paints as long as it is held. */
function onCanvas({ key, shiftKey, repeat }) {
  const unit = Math.max(1, Math.round(Math.max(canvas.width, canvas.height) / 250)) * (shiftKey ? 10 : 1);
  const [x = 0, y = 0] = ARROWS[key] ?? [];
  if (tool === 'move') {
    if (ARROWS[key]) change(x * unit, y * unit, 1);
    return;
  }
  caret ??= [canvas.width / 2, canvas.height / 2];
  caret = [
    Math.min(canvas.width, Math.max(0, caret[0] + x * unit)),
    Math.min(canvas.height, Math.max(0, caret[1] + y * unit)),
  ];
  showBrush(caret);
  if (key === ' ' && !repeat) {
    if (!stroke) begin(caret, KEYBOARD);
    else if (tool === 'lasso') goOn(caret);
  } else if (key === 'Enter' && stroke?.pointer === KEYBOARD) end();
  else if (ARROWS[key] && stroke?.pointer === KEYBOARD) goOn(caret);
}
canvas.addEventListener('blur', () => {
  if (stroke?.pointer === KEYBOARD) end();
});

// --- sending ----------------------------------------------------------------------------------------------------

$('done').addEventListener('click', async () => {
  $('done').disabled = true;
  answer('Sending…');
  try {
    const body = await asPng(pixels().data, canvas, claim);
    await ask(`${here}?of=${claim.revision}`, {
      method: 'POST',
      headers: { 'Content-Type': 'image/png' },
      body,
    });
    const until = new Date(claim.expires * 1000).toLocaleTimeString([], {
      hour: '2-digit',
      minute: '2-digit',
    });
    answer(`Sent. The new picture comes in the thread; this link works until ${until}.`);
    sent = true;
  } catch (error) {
    answer(error.message, true);
    $('done').disabled = error.status === 409 || error.status === 410;
  }
  $('more').hidden = false;
});
$('more').addEventListener('click', () => location.reload());

// --- beginning --------------------------------------------------------------------------------------------------

/** As large as the window allows; the outline as fine as the screen. */
function fit() {
  const width = $('desk').clientWidth;
  const height = Math.max(260, innerHeight - ($('editor').offsetHeight - $('desk').offsetHeight));
  const scale = Math.min(width / claim.width, height / claim.height);
  const board = [claim.width, claim.height].map((side) => Math.max(24, Math.round(side * scale)));
  $('board').style.width = `${board[0]}px`;
  $('board').style.height = `${board[1]}px`;
  const fine = Math.min(1, MOST_OUTLINE / Math.max(...board));
  outline.canvas.width = Math.round(board[0] * fine);
  outline.canvas.height = Math.round(board[1] * fine);
  outline.imageSmoothingEnabled = false;
  drawEdge();
}

try {
  claim = await ask(`${here}/data`);
  const { name, item, width, height } = claim;
  $('title').textContent = `New outline of ${name} (item ${item + 1})`;
  document.title = `dedit: outline of ${name}`;
  canvas.setAttribute('aria-label', `Outline of ${name}`);
  $('picture').src = `${here}/picture`;
  const scale = Math.min(1, Math.sqrt(MOST_PIXELS / (width * height)));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const labels = await readLabels(`${here}/labels`);
  const image = context.createImageData(canvas.width, canvas.height);
  const target = new Uint32Array(image.data.buffer);
  for (let y = 0; y < canvas.height; y++) {
    const row = Math.floor((y * labels.height) / canvas.height) * labels.width;
    for (let x = 0; x < canvas.width; x++)
      if (labels.items[row + Math.floor((x * labels.width) / canvas.width)] === item)
        target[y * canvas.width + x] = COLOUR_32;
  }
  context.putImageData(image, 0, 0);
  addEventListener('resize', fit);
  fit();
  choose('brush');
  remember();
  drawEdge();
  canvas.classList.add('ready');
} catch (error) {
  answer(sentence(error.message), true);
}
