/**
 * How rough the ground is. Patches that are compared by colour alone let smooth ones win: their mean is near to
 * everything (A. Newson et al., "Video Inpainting of Complex Scenes", SIAM J. Imaging Sciences 2014, section 3.3).
 */
import { blurChannels } from './blur.js';

/** Steps of lightness are averaged over about so many pixels around (sigma). */
const SPREAD = 2;

/**
 * Mean absolute steps of lightness around each known pixel, sideways and down, from known pixels alone.
 *
 * @returns [height * width * 2], of 255; 0 in the hole
 */
export function roughnessOf(
  colour: Uint8Array,
  hole: Uint8Array,
  width: number,
  height: number,
): Float32Array {
  const light = new Float32Array(hole.length);
  for (let i = 0; i < light.length; i++) {
    light[i] = 0.299 * colour[i * 3]! + 0.587 * colour[i * 3 + 1]! + 0.114 * colour[i * 3 + 2]!;
  }
  const steps = new Float32Array(hole.length * 3); // sideways, down, how many
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = y * width + x;
      if (hole[i] || hole[i + 1] || hole[i + width]) continue;
      steps[i * 3] = Math.abs(light[i + 1]! - light[i]!);
      steps[i * 3 + 1] = Math.abs(light[i + width]! - light[i]!);
      steps[i * 3 + 2] = 1;
    }
  }
  blurChannels(steps, width, height, SPREAD, 3);
  const rough = new Float32Array(hole.length * 2);
  for (let i = 0; i < hole.length; i++) {
    const weight = steps[i * 3 + 2]!;
    if (hole[i] || weight < 1e-4) continue;
    rough[i * 2] = steps[i * 3]! / weight;
    rough[i * 2 + 1] = steps[i * 3 + 1]! / weight;
  }
  return rough;
}
