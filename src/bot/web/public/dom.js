/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** A new element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Asks the server; throws its own words when it refuses. */
export async function ask(path, options) {
  const response = await fetch(path, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error ?? 'the server does not answer: try again');
  return body;
}

/** A label map's values, one a pixel: its grey is the item, 0-based. */
export async function readLabels(src) {
  const image = new Image();
  image.src = src;
  await image.decode();
  const canvas = make('canvas', { width: image.naturalWidth, height: image.naturalHeight });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  return { width: canvas.width, height: canvas.height, at: (i) => data[4 * i] };
}
