/**
 * What a checkpoint can draw is measured, not assumed: how much of this very picture, here, comes back from its
 * autoencoder and from its prompts.
 */
import type { Recommended } from '../checkpoint/config/recommended.js';
import { cropLabels, cropRaster, resizeRaster } from '../compositing/resize.js';
import type { Pipeline } from '../diffusion/pipeline.js';
import { gaussians } from '../diffusion/random.js';
import { scheduleOf } from '../diffusion/schedules/index.js';
import type { Box } from '../masks/mask.js';
import type { Mask, Raster } from '../raster.js';
import type { Tensor } from '../runtime/session.js';
import { asksTwice } from './draw.js';
import { encodeItems } from './prompting.js';
import { editBox, frameOf } from './frame.js';
import type { Scene } from './scene.js';

/** How much of the picture's detail comes back, at the picture's own size: 1 all of it, 0 and less none. */
export interface Gauge {
  /** Through the autoencoder alone. */
  readonly decoded: number;
  /** As the prompts see it in noise. */
  readonly drawn: number;
  /** How many times larger than the model's pixels the picture's are to be: what is drawn is so much softer. */
  readonly enlarged: number;
}

/**
 * From here on a drawing is no smear: above what pocket gives back of 13 of 14 photographs (0.05 to 0.27, of a wall of bricks
 * 0.56; fifth edition), below what it has in its own scenes and an autoencoder that loses nothing at 512 pixels in photographs (0.5 to
 * 0.98). bench/drawable asks about others.
 */
const DETAIL = 0.3;
/** Of what the autoencoder gives back the prompts are to see at least so much. */
const SEEN = 0.15;
/** What is enlarged more is softer than the pixels beside it, however well it is drawn. */
const ENLARGED = 4;

/**
 * Up to here the ground that it draws around a thing is seen beside the picture's own: a halo. Above all that pocket's fourth
 * edition had in its own scenes (0.62); an autoencoder that loses nothing has 0.5 to 0.98 in photographs at 512 pixels. A
 * checkpoint that knows better says so (dedit.json).
 */
const GROUND = 0.68;

/** Whether something new beside this region would look as if it belonged there. */
export const canDraw = ({ decoded, enlarged }: Omit<Gauge, 'drawn'>): boolean =>
  decoded >= DETAIL && enlarged <= ENLARGED;

/**
 * Whether the ground around something new may be drawn with it, instead of completed from the picture's own pixels.
 * @param said what the checkpoint's makers say about that
 */
export const canDrawGround = ({ decoded }: Omit<Gauge, 'drawn'>, said: Recommended['ground']): boolean =>
  said === undefined ? decoded >= GROUND : said === 'drawn';

/** Whether drawing this region anew would make it better and not worse. */
export const canRefine = (found: Gauge): boolean => canDraw(found) && found.drawn >= SEEN * found.decoded;

/** Where between the picture and noise the prompts are asked what they see. */
const AT = 0.4;
/** Of its own stream of the seed, so that the same picture gives the same figures. */
const NOISE_STREAM = 21;
const SEED = 42;
/** What counts as nothing to see, per pixel and colour: a step of so many grey levels, squared. */
const FLAT = 3 ** 2;

/** A region with its surroundings, as the model sees it. */
interface View {
  readonly crop: Raster;
  readonly latents: Tensor;
  readonly box: Box;
  readonly enlarged: number;
}

async function viewOf(pipeline: Pipeline, picture: Raster, region: Mask): Promise<View> {
  const box = editBox(pipeline, picture, region);
  const crop = cropRaster(picture, box);
  const frame = frameOf(pipeline, box);
  const latents = await pipeline.encodePicture(await resizeRaster(crop, frame.width, frame.height));
  return { crop, latents, box, enlarged: box.width / frame.width };
}

/** How much of the view's detail these latents, of its shape, give back. */
async function detail(pipeline: Pipeline, { crop, latents, box }: View, data: Float32Array): Promise<number> {
  const decoded = await pipeline.decodeLatents({ shape: latents.shape, data });
  return likeness(crop, await resizeRaster(decoded, box.width, box.height));
}

/** What the autoencoder alone tells: no prompt is asked. */
export async function gaugeAutoencoder(
  pipeline: Pipeline,
  picture: Raster,
  region: Mask,
): Promise<Omit<Gauge, 'drawn'>> {
  const view = await viewOf(pipeline, picture, region);
  const { latents, enlarged } = view;
  return { decoded: await detail(pipeline, view, latents.data as Float32Array), enlarged };
}

/** A whole picture is squeezed to the model's own square, and compared at so many times its side. */
const WORLD = 3;
/**
 * A picture of which the autoencoder gives back less is of another world than the checkpoint's: with pocket 20 scenes (seed
 * 970001) had 0.50 to 0.87, and of 16 free photographs one more than 0.23, a retina (0.33). Photographs hardly larger than the model's
 * side have no more detail than a scene: of 192 pixels one of them passes, of 128 four.
 */
const OWN_WORLD = 0.42;

/**
 * Whether a picture is of the world that the checkpoint draws: of others it knows nothing. It is asked how much of the
 * detail comes back through the autoencoder at about the model's own size, so that it does not matter how many pixels the
 * picture has. Since the square is the same for every picture, so is the compiled graph.
 */
export async function isOfItsWorld(pipeline: Pipeline, picture: Raster): Promise<boolean> {
  const side = pipeline.nativeSide;
  const { shape, data } = await pipeline.encodePicture(await resizeRaster(picture, side, side));
  const back = await pipeline.decodeLatents({ shape, data: data as Float32Array });
  const [truth, other] = await Promise.all(
    [picture, back].map((one) => resizeRaster(one, WORLD * side, WORLD * side)),
  );
  return likeness(truth!, other!) >= OWN_WORLD;
}

/**
 * @param region the change: it is measured with its surroundings
 * @param guidance what will be drawn with: the model is asked as then, so that its session serves both
 */
export async function gauge(
  pipeline: Pipeline,
  scene: Scene,
  region: Mask,
  guidance: number,
): Promise<Gauge> {
  const view = await viewOf(pipeline, scene.picture, region);
  const { shape, data } = view.latents;
  const [, , height, width] = shape as [number, number, number, number];
  const x0 = data as Float32Array;
  const schedule = scheduleOf(pipeline.checkpoint.scheduler);
  const t = Math.round(AT * (schedule.levels - 1));
  const prompts = await encodeItems(pipeline, scene.items, scene.learned);
  const rows = asksTwice(pipeline, guidance) ? 2 : 1;
  const labels = cropLabels(scene.labels, view.box);
  const denoise = await pipeline.predictor({
    ...{ height, width, rows: Array(rows).fill(prompts), learned: scene.learned, guidance },
    groups: pipeline.groups(
      Array(rows).fill(labels),
      { height, width },
      scene.items.length,
      prompts.hidden.shape[1],
    ),
  });
  const noisy = schedule.addNoise(x0, gaussians(x0.length, SEED, NOISE_STREAM), t);
  const input = new Float32Array(rows * x0.length);
  for (let row = 0; row < rows; row++) input.set(noisy, row * x0.length);
  const answer = await denoise(input, schedule.timestep(t)).finally(() => denoise.release());
  const told = answer.subarray(0, x0.length);
  return {
    decoded: await detail(pipeline, view, x0),
    drawn: await detail(pipeline, view, schedule.original(noisy, told, t)),
    enlarged: view.enlarged,
  };
}

/** How much of a picture's steps from pixel to pixel another one has: 1 all of them, 0 and less none. */
export function likeness(truth: Raster, other: Raster): number {
  let [missing, all] = [0, FLAT];
  const { width, height } = truth;
  for (let y = 0; y + 1 < height; y++) {
    for (let x = 0; x + 1 < width; x++) {
      const i = (y * width + x) * 3;
      for (const next of [i + 3, i + width * 3]) {
        for (let c = 0; c < 3; c++) {
          const step = truth.data[next + c]! - truth.data[i + c]!;
          const its = other.data[next + c]! - other.data[i + c]!;
          missing += Math.max(0, (step - its) ** 2 - FLAT);
          all += step ** 2;
        }
      }
    }
  }
  return 1 - missing / all;
}
