/**
 * Visits every run of equal bytes: `value` from index `from` to the one before `to`. A label map has few and long ones, so that
 * what is done a run costs little beside finding its end.
 */
export function eachRun(data: Uint8Array, visit: (value: number, from: number, to: number) => void): void {
  const { length, byteOffset } = data;
  // four bytes at a time where they begin at a multiple of four: four times as fast
  const words = new Uint32Array(data.buffer, byteOffset & ~3, byteOffset % 4 === 0 ? length >> 2 : 0);
  for (let from = 0; from < length;) {
    const value = data[from]!;
    let to = from + 1;
    while (to % 4 !== 0 && data[to] === value) to++;
    if (to % 4 === 0) {
      const word = value * 0x01010101;
      let w = to >> 2;
      while (words[w] === word) w++;
      to = w << 2;
    }
    while (data[to] === value) to++;
    visit(value, from, to);
    from = to;
  }
}
