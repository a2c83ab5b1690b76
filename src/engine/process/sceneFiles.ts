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
import { requireSameSize } from '../masks/mask.js';
import type { ShownScene, StoredScene } from '../engine.js';
import type { Raster } from '../raster.js';

/** Of larger pictures, in bytes, none is kept. */
const KEPT = 3 * 16e6;

/** Scenes read from their files and written to them. */
export class SceneFiles {
  /** The picture that was written last: the next edit is mostly one of it, and is not to wait until its file is read. */
  #written: { readonly file: Uint8Array; readonly picture: Raster } | undefined;

  async read({ picture, labels, items, layers, references }: StoredScene): Promise<Scene> {
    const written = this.#written;
    // each is decoded in a thread of its own
    const [decoded, map, under, others] = await Promise.all([
      written?.file.length === picture.length && Buffer.compare(written.file, picture) === 0
        ? written
        : decodePicture(picture),
      decodeLabels(labels),
      layers && unpackLayers(layers),
      references && this.#readAll(references),
    ]);
    requireSameSize(decoded.picture, map);
    return {
      picture: decoded.picture,
      labels: map,
      items,
      ...(under ? { layers: under } : {}),
      ...(others ? { references: others } : {}),
    };
  }

  async #readAll(stored: Readonly<Record<string, StoredScene>>): Promise<Record<string, Scene>> {
    const scenes = Object.entries(stored).map(
      async ([letter, scene]) => [letter, await this.read(scene)] as const,
    );
    return Object.fromEntries(await Promise.all(scenes));
  }

  /**
   * @param letter of a reference, which its numbers bear
   * @param file the scene's picture, where it is on its way already
   */
  async write(scene: Scene, letter = '', file?: Promise<Uint8Array>): Promise<ShownScene> {
    const { picture, labels, items } = scene;
    // begins with what other threads do, while this one begins with the picture's file
    const overlaid = drawOverlay(picture, labels, items, letter).then(encodePng);
    const [png, labelsPng, overlay, layers] = await Promise.all([
      file ?? encodePng(picture),
      encodeLabels(labels),
      overlaid,
      packLayers(scene.layers ?? []),
    ]);
    this.#written = picture.data.length <= KEPT ? { file: png, picture } : undefined;
    const { width, height } = picture;
    return {
      ...{ width, height, items, picture: png, labels: labelsPng, overlay },
      ...(layers ? { layers } : {}),
    };
  }

  /** What was drawn, with what is to be told of it. */
  async writeDrawn(edited: Edited, blurred: boolean): Promise<ShownScene> {
    return {
      ...(await this.write(edited)),
      ...(edited.rough ? { rough: true } : {}),
      ...(blurred ? { blurred: true } : {}),
    };
  }
}
