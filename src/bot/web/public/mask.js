import { $, ask, make, readLabels } from './dom.js';

const here = location.pathname;
const canvas = $('mask');
const context = canvas.getContext('2d', { willReadFrequently: true });
const COLOUR = 'rgb(31, 180, 140)';
const MOST_UNDO = 50;

let tool = 'brush';
let past = [];
let future = [];
let stroke;

const snapshot = () => context.getImageData(0, 0, canvas.width, canvas.height);
function remember() {
  past.push(snapshot());
  if (past.length > MOST_UNDO) past.shift();
  future = [];
}
function back(from, to) {
  const state = from.pop();
  if (!state) return;
  to.push(snapshot());
  context.putImageData(state, 0, 0);
}
const undo = () => back(past, future);
const redo = () => back(future, past);

/** Redraws the mask moved and scaled about its middle. */
function transform(dx, dy, scale = 1) {
  const copy = make('canvas', { width: canvas.width, height: canvas.height });
  copy.getContext('2d').putImageData(snapshot(), 0, 0);
  const { data } = snapshot();
  let [sumX, sumY, count] = [0, 0, 0];
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    if (data[4 * i + 3] < 128) continue;
    sumX += i % canvas.width;
    sumY += Math.floor(i / canvas.width);
    count++;
  }
  if (count === 0) return;
  const [cx, cy] = [sumX / count, sumY / count];
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.save();
  context.imageSmoothingEnabled = false;
  context.translate(cx + dx, cy + dy);
  context.scale(scale, scale);
  context.drawImage(copy, -cx, -cy);
  context.restore();
}

const toPixels = (event) => {
  const box = canvas.getBoundingClientRect();
  return [
    ((event.clientX - box.left) / box.width) * canvas.width,
    ((event.clientY - box.top) / box.height) * canvas.height,
  ];
};
const width = () => (Number($('size').value) / 200) * Math.max(canvas.width, canvas.height);

function dab(from, to) {
  context.globalCompositeOperation = tool === 'eraser' ? 'destination-out' : 'source-over';
  context.strokeStyle = context.fillStyle = COLOUR;
  context.lineWidth = width();
  context.lineCap = context.lineJoin = 'round';
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...to);
  context.stroke();
  context.globalCompositeOperation = 'source-over';
}

canvas.addEventListener('pointerdown', (event) => {
  canvas.setPointerCapture(event.pointerId);
  remember();
  const at = toPixels(event);
  stroke = { last: at, points: [at] };
  if (tool === 'brush' || tool === 'eraser') dab(at, at);
});
canvas.addEventListener('pointermove', (event) => {
  if (!stroke) return;
  const at = toPixels(event);
  if (tool === 'move') transform(at[0] - stroke.last[0], at[1] - stroke.last[1]);
  else if (tool !== 'lasso') dab(stroke.last, at);
  stroke.points.push(at);
  stroke.last = at;
});
for (const type of ['pointerup', 'pointercancel']) {
  canvas.addEventListener(type, () => {
    if (stroke && tool === 'lasso') {
      context.fillStyle = COLOUR;
      context.beginPath();
      for (const point of stroke.points) context.lineTo(...point);
      context.fill();
    }
    stroke = undefined;
  });
}

function choose(name) {
  tool = name;
  for (const button of document.querySelectorAll('[data-tool]'))
    button.setAttribute('aria-pressed', String(button.dataset.tool === name));
}
for (const button of document.querySelectorAll('[data-tool]'))
  button.addEventListener('click', () => choose(button.dataset.tool));

const change = (dx, dy, scale) => {
  remember();
  transform(dx, dy, scale);
};
$('smaller').addEventListener('click', () => change(0, 0, 0.9));
$('larger').addEventListener('click', () => change(0, 0, 1.1));
$('undo').addEventListener('click', undo);
$('redo').addEventListener('click', redo);

const KEYS = {
  b: () => choose('brush'),
  e: () => choose('eraser'),
  l: () => choose('lasso'),
  m: () => choose('move'),
  '[': () => $('size').stepDown(5),
  ']': () => $('size').stepUp(5),
  '+': () => change(0, 0, 1.1),
  '-': () => change(0, 0, 0.9),
};
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
addEventListener('keydown', (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'z') {
    event.preventDefault();
    if (event.shiftKey) redo();
    else undo();
  } else if (document.activeElement === canvas && ARROWS[event.key]) {
    event.preventDefault();
    const [dx, dy] = ARROWS[event.key];
    change(dx * (event.shiftKey ? 10 : 1), dy * (event.shiftKey ? 10 : 1), 1);
  } else if (!event.ctrlKey && !event.metaKey) KEYS[event.key]?.();
});

/** White inside on black, with hard edges. */
async function asPng() {
  const { data } = snapshot();
  const out = make('canvas', { width: canvas.width, height: canvas.height });
  const image = context.createImageData(canvas.width, canvas.height);
  for (let i = 0; i < canvas.width * canvas.height; i++) {
    const value = data[4 * i + 3] >= 128 ? 255 : 0;
    image.data.set([value, value, value, 255], 4 * i);
  }
  out.getContext('2d').putImageData(image, 0, 0);
  return await new Promise((resolve) => out.toBlob(resolve, 'image/png'));
}

$('done').addEventListener('click', async () => {
  $('done').disabled = true;
  try {
    await ask(`${here}?of=${revision}`, { method: 'POST', body: await asPng() });
    $('answer').textContent = 'Sent. The new picture comes in the thread; this page can be closed.';
  } catch (error) {
    $('answer').textContent = error.message;
    $('done').disabled = false;
  }
});

const { name, item, revision, width: w, height: h } = await ask(`${here}/data`);
$('title').textContent = `New outline of ${name} (item ${item + 1})`;
$('picture').src = `${here}/picture`;
canvas.width = w;
canvas.height = h;
const labels = await readLabels(`${here}/labels`);
const image = context.createImageData(w, h);
for (let i = 0; i < w * h; i++) if (labels.at(i) === item) image.data.set([31, 180, 140, 255], 4 * i);
context.putImageData(image, 0, 0);
canvas.classList.add('ready');
