/** How far a cutout is from the truth. */
import { lay } from '../../dist/engine/draft/carry.js';
import { eachInside } from '../../dist/engine/draft/cutout.js';

/**
 * Sums over the picture, but `colours`, a mean over pixels of true alpha between 0.05 and 0.95, where alpha is not 0 either.
 *
 * @returns onto: of the picture with the thing on another ground, of 255; alpha: of 255; squared: of alpha's square, of 1;
 *   colours: of 255
 */
export function errorsOf(thing, cutout) {
  const { own, onto, alpha: truth } = thing;
  const alpha = new Uint8Array(truth.length);
  let [colours, counted] = [0, 0];
  eachInside(cutout.box, onto, (from, to) => {
    alpha[to] = cutout.alpha[from];
    if (truth[to] <= 0.05 * 255 || truth[to] >= 0.95 * 255 || alpha[to] === 0) return;
    counted++;
    for (let c = 0; c < 3; c++)
      colours += Math.abs(cutout.foreground.data[from * 3 + c] - own.data[to * 3 + c]) / 3;
  });
  let [ofAlpha, squared] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    ofAlpha += Math.abs(alpha[i] - truth[i]);
    squared += ((alpha[i] - truth[i]) / 255) ** 2;
  }
  const [laid, true_] = [lay(onto, [cutout]).data, truly(thing).data];
  let composite = 0;
  for (let j = 0; j < laid.length; j++) composite += Math.abs(laid[j] - true_[j]) / 3;
  return { onto: composite, alpha: ofAlpha, squared, colours: counted > 0 ? colours / counted : 0 };
}

/** The thing on the other ground. */
export const truly = ({ own, onto, alpha }) =>
  lay(onto, [{ box: { left: 0, top: 0, width: onto.width, height: onto.height }, foreground: own, alpha }]);
