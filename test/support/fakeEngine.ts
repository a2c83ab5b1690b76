import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import {
  type Cutting,
  type Engine,
  type EngineCall,
  EngineFailure,
  type ShownScene,
  type StoredScene,
} from '../../src/engine/engine.js';
import { type EditOptions, packLayers, unpackLayers } from '../../src/engine/editor.js';
import {
  afterFinding,
  type CutPicture,
  draftEdit,
  type Edit,
  imaginedPlan,
  type Item,
  itemsIn,
  looksFor,
  markFound,
  planEdit,
  tidy,
} from '../../src/engine/edits/index.js';
import { UserError } from '../../src/engine/errors.js';
import { maskOf } from '../../src/engine/masks/mask.js';
import type { Mask } from '../../src/engine/raster.js';
import { cutForWords } from '../../src/engine/segmentation/wanted.js';

export interface FakeEngineOptions {
  readonly learnMs?: number;
  readonly editMs?: number;
  readonly refineMs?: number;
  /** What a refinement paints a picture with; without it this engine makes no draft better. */
  readonly refines?: number;
  /** Called before each edit; may throw. */
  readonly onEdit?: (edit: Edit, call: number) => void | Promise<void>;
}

const NAMES = ['grass', 'dog', 'ball', 'tree'];
/** What the picture's own pixels really answer here too, since later edits depend on what that leaves. */
const ANSWERED: ReadonlySet<Edit['kind']> = new Set(['crop', 'turnPicture', 'copy', 'order', 'mark']);

/** Does in milliseconds what takes an engine minutes: four quarters as items, an edit tints the item by its words. */
export class FakeEngine implements Engine {
  readonly edits: Edit[] = [];
  /** How many pictures were asked for at once. */
  readonly batches: number[] = [];
  running = 0;
  calls = 0;

  constructor(private readonly options: FakeEngineOptions = {}) {}

  async segment(picture: Uint8Array, { words = [] }: Cutting = {}): Promise<ShownScene> {
    const decoded = await sharp(picture)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true })
      .catch(() => {
        throw new UserError('this is not a picture: send a PNG or a JPEG');
      });
    const { width, height } = decoded.info;
    const labels = Buffer.alloc(width * height);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        labels[y * width + x] = (y < height / 2 ? 0 : 2) + (x < width / 2 ? 0 : 1);
    const raster = { width, height, data: decoded.data };
    const map = { width, height, data: labels };
    const segmenter = {
      segment: async () => ({ labels: map, items: NAMES.map((name) => ({ name })) }),
      find: async (_: unknown, name: string) =>
        NAMES.includes(name) ? maskOf(map, NAMES.indexOf(name)) : seenAt(name, raster),
    };
    const cut = await cutForWords(segmenter, raster, words);
    const items = cut.items.map(({ name }): Item => ({ name, prompt: { kind: 'text', text: name } }));
    return {
      ...(await shown(decoded.data, Buffer.from(cut.labels.data), width, height, items)),
      ...(cut.remarks.length > 0 ? { remarks: cut.remarks.map((text) => ({ text })) } : {}),
    };
  }

  async associate(scene: StoredScene, _options: { seed: number }, call: EngineCall = {}) {
    await this.#work(this.options.learnMs ?? 0, 'learn', call);
    const items = scene.items.map(({ name }, item): Item => ({ name, prompt: { kind: 'learned', item } }));
    let first = items.length;
    const references = Object.entries(scene.references ?? {}).map(([letter, other]) => {
      const learned = other.items.map(({ name }): Item => ({
        name,
        prompt: { kind: 'learned', item: first++ },
      }));
      return [letter, learned] as const;
    });
    return {
      ...{ items, learned: Uint8Array.of(1, 2, 3), steps: { taken: 60, of: 100 } },
      ...(references.length > 0 ? { references: Object.fromEntries(references) } : {}),
    };
  }

  async edit(
    scene: StoredScene,
    edit: Edit,
    options: Partial<EditOptions>,
    call: EngineCall = {},
  ): Promise<ShownScene> {
    if (looksFor(edit)) return await this.#find(scene, edit, options, call);
    await this.options.onEdit?.(edit, this.calls++);
    await this.#work(this.options.editMs ?? 0, 'edit', call);
    this.edits.push(edit);
    const picture = await sharp(scene.picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const labels = await sharp(scene.labels).toColourspace('b-w').raw().toBuffer();
    const { width, height } = picture.info;
    const tinted = edit.kind === 'together' ? itemsIn(edit) : 'item' in edit ? [edit.item] : [];
    const shade = [...JSON.stringify(edit), String(options.seed ?? 42)].reduce(
      (h, c) => (h * 31 + c.charCodeAt(0)) % 251,
      7,
    );
    for (let i = 0; i < labels.length && !ANSWERED.has(edit.kind); i++)
      if (tinted.includes(labels[i]!)) picture.data.fill(shade, 3 * i, 3 * i + 3);
    const before = {
      labels: { width, height, data: labels },
      items: scene.items,
      layers: scene.layers ? await unpackLayers(scene.layers) : [],
      references: Object.fromEntries(
        await Promise.all(
          Object.entries(scene.references ?? {}).map(async ([letter, other]) => [letter, await cutOf(other)]),
        ),
      ) as Record<string, CutPicture>,
    };
    if (edit.kind === 'imagine') {
      const size = { width, height };
      const drawn = tidy(imaginedPlan<CutPicture>(before, edit, size));
      return await shown(picture.data, Buffer.from(drawn.labels.data), width, height, drawn.items);
    }
    if (edit.kind === 'onFound') throw new Error('what is found is done above');
    const plan = planEdit(before, edit, { edge: 1, margin: 1 });
    if (ANSWERED.has(edit.kind)) {
      const raster = { width, height, data: picture.data };
      const drafted = tidy((await draftEdit({ ...before, picture: raster, references: {} }, edit, plan, 1))!);
      const { data, ...size } = drafted.picture;
      const map = Buffer.from(drafted.labels.data);
      const file = await packLayers(drafted.layers ?? []);
      return {
        ...(await shown(Buffer.from(data), map, size.width, size.height, drafted.items)),
        ...(file ? { layers: file } : {}),
      };
    }
    const after = tidy({ ...plan });
    return await shown(picture.data, Buffer.from(after.labels.data), width, height, after.items);
  }

  async variants(
    ...[scene, edit, options, seeds, call]: Parameters<Engine['variants']>
  ): Promise<ShownScene[]> {
    this.batches.push(seeds.length);
    const all: ShownScene[] = [];
    for (const seed of seeds) all.push(await this.edit(scene, edit, { ...options, seed }, call));
    return all;
  }

  async #find(
    scene: StoredScene,
    edit: Edit,
    options: Partial<EditOptions>,
    call: EngineCall,
  ): Promise<ShownScene> {
    const { data, info } = await sharp(scene.picture)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    const raster = { width, height, data };
    const picture = { ...(await cutOf(scene)), picture: raster, references: undefined };
    const find = async (words: string) => seenAt(words, raster);
    if (edit.kind === 'mark')
      return await this.edit(scene, await markFound(picture, edit.what as never, find), options, call);
    if (edit.kind !== 'onFound') throw new Error(`${edit.kind} looks for nothing`);
    const found = await afterFinding(picture, edit, find);
    const { labels, items } = found.edit ? found.picture : tidy(found.picture);
    const marked = await shown(data, Buffer.from(labels.data), width, height, items);
    if (!found.edit) return marked;
    const { references } = scene;
    return await this.edit({ ...marked, ...(references ? { references } : {}) }, found.edit, options, call);
  }

  async refine(
    _before: StoredScene,
    _edit: Edit,
    draft: StoredScene,
    _options: Partial<EditOptions>,
    call: EngineCall = {},
  ): Promise<ShownScene | undefined> {
    const { refines, refineMs = 0 } = this.options;
    if (refines === undefined) return undefined;
    await this.#work(refineMs, 'refine', call);
    const { data, info } = await sharp(draft.picture)
      .removeAlpha()
      .raw()
      .toBuffer({ resolveWithObject: true });
    const labels = await sharp(draft.labels).toColourspace('b-w').raw().toBuffer();
    return await shown(data.fill(refines), labels, info.width, info.height, draft.items);
  }

  async #work(
    ms: number,
    stage: 'learn' | 'edit' | 'refine',
    { signal, onProgress }: EngineCall,
  ): Promise<void> {
    this.running++;
    try {
      signal?.throwIfAborted();
      for (let step = 1; step <= 4; step++) {
        if (ms > 0) await sleep(ms / 4, undefined, signal ? { signal } : {});
        onProgress?.({ stage, step, of: 4 });
      }
    } finally {
      this.running--;
    }
  }

  async cutOut(scene: StoredScene): Promise<Uint8Array> {
    return await sharp(scene.picture).ensureAlpha(0.5).png().toBuffer();
  }

  async strip(pictures: readonly Uint8Array[]): Promise<Uint8Array> {
    const { width, height } = await sharp(pictures[0]).metadata();
    return await sharp({
      create: { width: width * pictures.length, height, channels: 3, background: 'white' },
    })
      .composite(pictures.map((input, i) => ({ input: Buffer.from(input), left: i * width, top: 0 })))
      .png()
      .toBuffer();
  }

  async mask(bytes: Uint8Array, { width, height }: { width: number; height: number }): Promise<Uint8Array> {
    const data = await sharp(bytes)
      .resize(width, height, { fit: 'fill', kernel: 'nearest' })
      .toColourspace('b-w')
      .raw()
      .toBuffer()
      .catch(() => {
        throw new UserError('this is not a picture: send a PNG or a JPEG');
      });
    return Uint8Array.from(data, (v) => Number(v > 127));
  }

  async close(): Promise<void> {}
}

/** It sees a hat on the dog and a handle beside the ball, and nothing else that is no item. */
function seenAt(words: string, { width, height }: { width: number; height: number }): Mask | undefined {
  const seen: Record<string, number> = { hat: 0.6, handle: 0.1 };
  const left = seen[words];
  const top = words === 'hat' ? 0.1 : 0.8;
  if (left === undefined) return undefined;
  const isIn = (at: number, from: number, side: number) => at >= from * side && at < (from + 0.15) * side;
  const data = Uint8Array.from({ length: width * height }, (_, i) =>
    Number(isIn(i % width, left, width) && isIn(Math.floor(i / width), top, height)),
  );
  return { width, height, data };
}

async function cutOf({ labels, items }: StoredScene): Promise<CutPicture> {
  const { data, info } = await sharp(labels).toColourspace('b-w').raw().toBuffer({ resolveWithObject: true });
  return { labels: { width: info.width, height: info.height, data }, items };
}

/** An engine whose process dies on the given calls. */
export const dying = (calls: readonly number[]): FakeEngine =>
  new FakeEngine({
    onEdit: (_, call) => {
      if (calls.includes(call)) throw new EngineFailure('crashed', 'the engine died');
    },
  });

async function shown(
  rgb: Buffer,
  labels: Buffer,
  width: number,
  height: number,
  items: readonly Item[],
): Promise<ShownScene> {
  const picture = await sharp(rgb, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  return {
    ...{ width, height, items, picture, overlay: picture },
    labels: await sharp(labels, { raw: { width, height, channels: 1 } })
      .png()
      .toBuffer(),
  };
}
