/* global ResizeObserver, getComputedStyle */
import { $, readLabels } from './dom.js';

/** Labels are looked up and drawn at screen size: of a large picture no more is seen. */
const MOST = 1024;
const SCRIM = [12, 14, 18, 120];
const EDGE = [255, 255, 255, 255];

/** The picture in the middle: with numbers or without, the item under the pointer, before and after. */
export class Picture {
  /** What is shown: { thread, revision, root } of a finished picture, or nothing of the kind. */
  #of;
  #labels;
  #item = -1;
  /** Undefined until the person chooses: a picture that has just been cut has numbers, a result has not. */
  #wanted;
  #size = [1, 1];

  /** @param onItem called with the item (0-based) that is clicked; onHover with the one pointed at, or -1 */
  constructor({ onItem, onHover }) {
    new ResizeObserver(() => this.#fit()).observe($('room'));
    const frame = $('frame');
    frame.addEventListener('pointermove', (event) => onHover(this.#at(event)));
    frame.addEventListener('pointerleave', () => onHover(-1));
    frame.addEventListener('click', (event) => {
      const item = this.#at(event);
      if (item >= 0 && $('slider').hidden) onItem(item);
    });
    $('numbers').addEventListener('click', () => this.numbers((this.#wanted = $('overlay').hidden)));
    $('compare').addEventListener('click', () => this.compare($('slider').hidden));
    $('slider').addEventListener('input', () => this.#slide());
    $('overlay').addEventListener('load', () => this.#placeOverlay());
    $('shown').addEventListener('load', () => this.#measure());
    $('shown').addEventListener('error', () => $('frame').classList.add('empty'));
  }

  get revision() {
    return this.#of?.revision.id;
  }

  clear() {
    this.#of = this.#labels = this.#wanted = undefined;
    $('shown').removeAttribute('src');
    $('shown').alt = '';
    this.#plain();
    $('frame').classList.add('empty');
    $('frame').style.width = $('frame').style.height = '';
  }

  /** A picture without items: the file as it was chosen, several side by side. */
  show(src, alt) {
    this.#of = this.#labels = undefined;
    this.#plain();
    this.#load(src, alt);
  }

  /** A finished picture of the thread. */
  async showRevision(of, alt) {
    const { thread, revision, root } = of;
    const same = this.revision === revision.id;
    this.#of = of;
    const at = `/api/threads/${thread}/revisions/${revision.id}`;
    const first = revision.id === root.id;
    $('controls').hidden = false;
    $('compare').disabled = first;
    $('undo').disabled = first;
    $('again').disabled = first;
    $('download').href = `${at}/picture`;
    $('download').download = `dedit-${revision.number}.png`;
    if (same) return;
    this.#plain();
    $('controls').hidden = false;
    this.#load(`${at}/picture`, alt, [revision.width, revision.height]);
    $('overlay').src = `${at}/overlay`;
    this.numbers(this.#wanted ?? first);
    this.#labels = undefined;
    const labels = await readLabels(`${at}/labels`, MOST).catch(() => undefined);
    if (this.revision === revision.id) this.#labels = labels;
  }

  #plain() {
    $('overlay').removeAttribute('src');
    $('overlay').hidden = true;
    $('controls').hidden = true;
    this.compare(false);
    this.highlight(-1);
  }

  #load(src, alt, size) {
    $('frame').classList.remove('empty');
    $('shown').src = src;
    $('shown').alt = alt;
    if (size?.[0]) {
      this.#size = size;
      this.#fit();
    }
  }

  #measure() {
    const { naturalWidth, naturalHeight } = $('shown');
    this.#size = [naturalWidth, naturalHeight];
    this.#fit();
  }

  /** As large as the room allows; small pictures grow by whole steps where that fills the room well. */
  #fit() {
    if ($('frame').classList.contains('empty')) return;
    const style = getComputedStyle($('room'));
    const [roomWidth, roomHeight] = [
      $('room').clientWidth - Number.parseFloat(style.paddingLeft) * 2,
      Math.max(160, $('room').clientHeight - Number.parseFloat(style.paddingTop) * 2),
    ];
    const [width, height] = this.#size;
    let scale = Math.min(roomWidth / width, roomHeight / height);
    if (scale > 2 && Math.floor(scale) / scale > 0.85) scale = Math.floor(scale);
    // a thread of a picture is still to be seen
    $('frame').style.width = `${Math.max(24, width * scale)}px`;
    $('frame').style.height = `${Math.max(24, height * scale)}px`;
    $('frame').classList.toggle('grown', scale >= 3);
  }

  /** The overlay has a legend below the picture, and room beside a narrow one: both stay outside the frame. */
  #placeOverlay() {
    const [width, height] = this.#size;
    const longest = Math.max(width, height);
    // engine/compositing/overlay.ts: small pictures grow to 512, large ones shrink to 1600
    const scale = longest < 512 ? Math.ceil(512 / longest) : Math.min(1, 1600 / longest);
    const drawn = Math.max(1, Math.round(width * scale));
    const overlay = $('overlay');
    overlay.style.width = `${(overlay.naturalWidth / drawn) * 100}%`;
    overlay.style.left = `${(-Math.floor((overlay.naturalWidth - drawn) / 2) / drawn) * 100}%`;
  }

  numbers(on) {
    $('overlay').hidden = !on;
    $('numbers').setAttribute('aria-pressed', String(on));
  }

  compare(on) {
    const comparing = on && this.#of !== undefined && !$('compare').disabled;
    for (const id of ['before', 'cut', 'slider']) $(id).hidden = !comparing;
    $('compare').setAttribute('aria-pressed', String(comparing));
    $('frame').classList.toggle('comparing', comparing);
    if (!comparing) return;
    const { thread, root } = this.#of;
    $('before').src = `/api/threads/${thread}/revisions/${root.id}/picture`;
    this.highlight(-1);
    this.#slide();
  }

  #slide() {
    // the page's policy allows no inline styles; a property set from script is not one
    $('frame').style.setProperty('--cut', `${$('slider').value}%`);
    $('slider').setAttribute('aria-valuetext', `${$('slider').value} % before`);
  }

  /** Leaves the item bright and the rest in shade; -1 none. */
  highlight(item) {
    if (item >= 0 && (!this.#labels || !$('slider').hidden)) item = -1;
    if (item === this.#item) return;
    this.#item = item;
    const canvas = $('highlight');
    canvas.dataset.item = item;
    if (item < 0) {
      canvas.width = canvas.height = 0;
      return;
    }
    const { width, height, items } = this.#labels;
    canvas.width = width;
    canvas.height = height;
    const context = canvas.getContext('2d');
    const image = context.createImageData(width, height);
    const pixels = new Uint32Array(image.data.buffer);
    const [scrim, edge] = [SCRIM, EDGE].map((rgba) => new Uint32Array(Uint8Array.from(rgba).buffer)[0]);
    const thin = Math.max(width, height) > 400;
    for (let y = 0, i = 0; y < height; y++) {
      for (let x = 0; x < width; x++, i++) {
        if (items[i] === item) continue;
        const beside =
          thin &&
          ((x > 0 && items[i - 1] === item) ||
            (x < width - 1 && items[i + 1] === item) ||
            items[i - width] === item ||
            items[i + width] === item);
        pixels[i] = beside ? edge : scrim;
      }
    }
    context.putImageData(image, 0, 0);
  }

  #at(event) {
    if (!this.#labels) return -1;
    const box = $('frame').getBoundingClientRect();
    const { width, height, items } = this.#labels;
    const x = Math.floor(((event.clientX - box.left) / box.width) * width);
    const y = Math.floor(((event.clientY - box.top) / box.height) * height);
    return x >= 0 && y >= 0 && x < width && y < height ? items[y * width + x] : -1;
  }
}
