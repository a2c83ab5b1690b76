/**
 * Item colours that people with any colour vision tell apart: Okabe & Ito, "Color Universal Design" (2008), with a
 * grey for the ground; beyond eight, Paul Tol's "light" scheme (SRON technical note, 2021).
 */
const COLOURS = [
  [158, 158, 158],
  [230, 159, 0],
  [86, 180, 233],
  [0, 158, 115],
  [240, 228, 66],
  [213, 94, 0],
  [204, 121, 167],
  [0, 114, 178],
  [119, 170, 221],
  [238, 136, 102],
  [238, 221, 136],
  [255, 170, 187],
  [153, 221, 255],
  [68, 187, 153],
  [187, 204, 51],
  [170, 170, 0],
] as const;

export type Colour = readonly [red: number, green: number, blue: number];

export function itemColour(label: number): Colour {
  return COLOURS[label % COLOURS.length]!;
}
