/** Scenes as they are stored, and as the engine works with them. */
import {
  decodeLabels,
  decodePicture,
  drawOverlay,
  type Edited,
  encodeLabels,
  encodePng,
  packLayers,
  type Scene,
  unpackLayers,
} from '../editor.js';
import type { Item } from '../edits/index.js';
import type { ShownScene, StoredScene } from '../engine.js';

export async function sceneOf({ picture, labels, items, layers, references }: StoredScene): Promise<Scene> {
  const decoded = await decodePicture(picture);
  return {
    picture: decoded.picture,
    labels: await decodeLabels(labels, decoded.picture),
    items: items as readonly Item[],
    ...(layers ? { layers: await unpackLayers(layers) } : {}),
    ...(references ? { references: await scenesOf(references) } : {}),
  };
}

async function scenesOf(stored: Readonly<Record<string, StoredScene>>): Promise<Record<string, Scene>> {
  const scenes = Object.entries(stored).map(
    async ([letter, scene]) => [letter, await sceneOf(scene)] as const,
  );
  return Object.fromEntries(await Promise.all(scenes));
}

/** What was drawn, with what is to be told of it. */
export const told = async (edited: Edited, blurred: boolean): Promise<ShownScene> => ({
  ...(await shown(edited)),
  ...(edited.rough ? { rough: true } : {}),
  ...(blurred ? { blurred: true } : {}),
});

/** @param letter of a reference, which its numbers bear */
export async function shown(scene: Scene, letter = ''): Promise<ShownScene> {
  const { picture, labels, items } = scene;
  const [png, labelsPng, overlay, layers] = await Promise.all([
    encodePng(picture),
    encodeLabels(labels),
    drawOverlay(picture, labels, items, letter).then(encodePng),
    packLayers(scene.layers ?? []),
  ]);
  const { width, height } = picture;
  return {
    ...{ width, height, items, picture: png, labels: labelsPng, overlay },
    ...(layers ? { layers } : {}),
  };
}
