// A process whose clock its parent sets: node --import ./test/chaos/clock.mjs …; { clock: ms } says how far off it is.
const Real = Date;
let off = 0;
class Shifted extends Real {
  constructor(...given) {
    super(...(given.length === 0 ? [Real.now() + off] : given));
  }
  static now() {
    return Real.now() + off;
  }
}
globalThis.Date = Shifted;
process.on('message', ({ clock }) => {
  if (clock !== undefined) off = clock;
});
