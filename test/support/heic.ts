/** The beginning of a picture as an iPhone saves it: a box that names its brands, and nothing behind it. */
export const heic = Buffer.concat([
  Buffer.from([0, 0, 0, 0x24]),
  Buffer.from('ftypheic\0\0\0\0mif1MiHEmiafMiHBheic', 'latin1'),
  Buffer.alloc(200),
]);
