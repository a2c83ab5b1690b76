/**
 * Scenes whose ground under the item is known: drawn ground, an item over it and its soft contact shadow. Everything
 * follows from the name and the size.
 */

/** A hash of whole numbers to 0 … 1 (an integer finaliser by C. Wellons, "Prospecting for hash functions", 2018). */
function hash(x, y, seed) {
  let h = Math.imul(x | 0, 0x27d4eb2d) ^ Math.imul(y | 0, 0x165667b1) ^ Math.imul(seed | 0, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a2d39);
  return ((h ^ (h >>> 15)) >>> 0) / 2 ** 32;
}

const smooth = (t) => t * t * (3 - 2 * t);

/** Value noise, −1 … 1, one bump a unit. */
function noise(x, y, seed) {
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [u, v] = [smooth(x - x0), smooth(y - y0)];
  const top = hash(x0, y0, seed) * (1 - u) + hash(x0 + 1, y0, seed) * u;
  const bottom = hash(x0, y0 + 1, seed) * (1 - u) + hash(x0 + 1, y0 + 1, seed) * u;
  return 2 * (top * (1 - v) + bottom * v) - 1;
}

function clouds(x, y, seed, octaves = 4) {
  let [sum, size] = [0, 1];
  for (let k = 0; k < octaves; k++, size *= 0.5) sum += size * noise(x / size, y / size, seed + k);
  return sum / 2;
}

const shade = (colour, by) => colour.map((v) => v * (1 + by));
const mix = (a, b, t) => a.map((v, c) => v + (b[c] - v) * t);

/** Colour at a place in units of a 900-pixel wide picture; `grain` is −1 … 1 and new for every pixel. */
const GROUNDS = {
  planks(x, y, grain) {
    const row = Math.floor(y / 52);
    const shift = hash(row, 0, 1) * 300;
    const board = Math.floor((x + shift) / 300);
    const joint = Math.min(y - row * 52, ((x + shift) % 300) * 1.0);
    const base = mix([150, 104, 62], [186, 138, 90], hash(row, board, 2));
    const vein =
      0.1 * clouds(x / 70, y / 5 + row * 13, 3) + 0.05 * Math.sin(y * 0.9 + 4 * noise(x / 60, y / 20, 4));
    return joint < 3 ? shade([58, 38, 24], 0.1 * grain) : shade(base, vein + 0.03 * grain);
  },
  bricks(x, y, grain) {
    const row = Math.floor(y / 34);
    const along = x + (row % 2) * 42;
    const brick = Math.floor(along / 84);
    const inJoint = y - row * 34 < 5 || along - brick * 84 < 5;
    if (inJoint) return shade([178, 172, 160], 0.05 * clouds(x / 6, y / 6, 5) + 0.04 * grain);
    const base = mix([142, 62, 44], [176, 92, 66], hash(row, brick, 6));
    return shade(base, 0.12 * clouds(x / 14, y / 14, 7) + 0.06 * grain);
  },
  meadow(x, y, grain) {
    const horizon = 220 + 10 * Math.sin(x / 90) + 3 * noise(x / 12, 0, 8);
    if (y < horizon)
      return shade(
        mix([104, 152, 214], [206, 222, 236], y / 240),
        0.02 * clouds(x / 120, y / 60, 9) + 0.005 * grain,
      );
    const depth = Math.max(0.25, (y - 180) / 460);
    const blades =
      0.22 * clouds(x / (9 * depth), y / (16 * depth), 10) +
      0.1 * noise(x / (3 * depth), y / (9 * depth), 11);
    return shade(mix([120, 150, 70], [78, 128, 44], depth), blades + 0.05 * grain);
  },
  cloth(x, y, grain) {
    const fold =
      0.16 * Math.sin(x / 75 + 1.6 * noise(x / 200, y / 200, 12)) + 0.05 * clouds(x / 150, y / 150, 13);
    const weave = 0.1 * (Math.sin(x * 1.05) * Math.sin(y * 1.05));
    const stripe = Math.floor((x + y * 0.4) / 60) % 3 === 0 ? [92, 104, 150] : [206, 198, 184];
    return shade(stripe, fold + weave + 0.03 * grain);
  },
  gravel(x, y, grain) {
    const cell = 11;
    const [cx, cy] = [Math.floor(x / cell), Math.floor(y / cell)];
    let [first, second, owner] = [1e9, 1e9, 0];
    for (let j = cy - 1; j <= cy + 1; j++) {
      for (let i = cx - 1; i <= cx + 1; i++) {
        const d = Math.hypot(x - (i + hash(i, j, 14)) * cell, y - (j + hash(i, j, 15)) * cell);
        if (d < first) [second, first, owner] = [first, d, hash(i, j, 16)];
        else if (d < second) second = d;
      }
    }
    const rim = Math.min(1, (second - first) / 4);
    return shade(mix([118, 108, 98], [196, 188, 178], owner), 0.75 * (smooth(rim) - 1) + 0.06 * grain);
  },
  water(x, y, grain) {
    const depth = 0.3 + y / 640;
    const wave =
      0.28 * clouds(x / (60 * depth), y / (12 * depth), 17, 3) +
      0.06 * Math.sin(y / (5 * depth) + 3 * noise(x / 50, y / 30, 18));
    return shade(mix([128, 168, 190], [30, 84, 112], y / 640), wave + 0.015 * grain);
  },
};

export const SCENES = Object.keys(GROUNDS);

/**
 * @returns truth: the ground alone; picture: with item and shadow, both RGB; item and shade: 1 where each lies
 */
export function scene(name, width, height) {
  const unit = 900 / width;
  const truth = new Uint8Array(width * height * 3);
  const picture = new Uint8Array(width * height * 3);
  const item = new Uint8Array(width * height);
  const shade = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const i = y * width + x;
      const [ux, uy] = [x * unit, y * unit];
      const ground = GROUNDS[name](ux, uy, 2 * hash(x, y, 99) - 1);
      const opaque = bottle(ux, uy, unit);
      // a soft shadow on the ground, to the right of the foot
      const d = Math.hypot((ux - 520) / 130, (uy - 428) / 46);
      const dark = 0.5 * smooth(Math.min(1, Math.max(0, 1.25 - d)));
      item[i] = Number(opaque > 0.02);
      shade[i] = Number(dark > 0.01 && opaque <= 0.02);
      for (let c = 0; c < 3; c++) {
        truth[i * 3 + c] = Math.min(255, Math.max(0, Math.round(ground[c])));
        const glaze = [60 + 90 * smooth(Math.min(1, Math.max(0, (ux - 380) / 140))), 36, 120][c];
        const value = ground[c] * (1 - dark) * (1 - opaque) + glaze * opaque;
        picture[i * 3 + c] = Math.min(255, Math.max(0, Math.round(value)));
      }
    }
  }
  return { width, height, truth, picture, item, shade };
}

/** How much of the pixel the bottle covers; its edge is soft over two pixels. */
function bottle(x, y, unit) {
  const body = 68 - Math.hypot(Math.max(0, Math.abs(x - 450) - 0), Math.max(0, Math.abs(y - 360) - 40));
  const neck = Math.min(22 - Math.abs(x - 450), y - 205, 330 - y);
  return Math.min(1, Math.max(0, 0.5 + Math.max(body, neck) / (2 * unit)));
}
