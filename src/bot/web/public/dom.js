/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** A new element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** A button that does something. */
export function button(text, act, { label, className = 'quiet', title } = {}) {
  const made = make('button', { type: 'button', className, ...(title ? { title } : {}) }, ...[text].flat());
  if (label) made.setAttribute('aria-label', label);
  made.addEventListener('click', act);
  return made;
}

/** What the server refused, in its own words. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Asks the server. @throws Refused when it refuses, and when it is not there */
export async function ask(path, options) {
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Refused(0, 'The server does not answer: is dedit running? Try again in a moment.');
  }
  const body = await response.json().catch(() => ({}));
  if (!response.ok)
    throw new Refused(response.status, sentence(body.error ?? 'the server does not answer: try again'));
  return body;
}

export const sentence = (text) => `${text[0].toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

/** A label map's values, one a pixel: its grey is the item, 0-based. At most `most` pixels on its longer side. */
export async function readLabels(src, most = Infinity) {
  const image = new Image();
  image.src = src;
  await image.decode();
  const scale = Math.min(1, most / Math.max(image.naturalWidth, image.naturalHeight));
  const width = Math.max(1, Math.round(image.naturalWidth * scale));
  const height = Math.max(1, Math.round(image.naturalHeight * scale));
  const context = make('canvas', { width, height }).getContext('2d', { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const items = new Uint8Array(width * height);
  for (let i = 0; i < items.length; i++) items[i] = data[4 * i];
  return { width, height, items };
}
