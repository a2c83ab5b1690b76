import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/app/checkpoints.js';
import { decodePicture, Editor, type Scene } from '../../../src/engine/editor.js';
import type { Edit } from '../../../src/engine/edits/index.js';
import { FIXTURES, temporaryFolder } from '../../fixtures.js';

describe('a checkpoint that asks for less guidance where all was learned', () => {
  const folder = join(temporaryFolder(), 'tiny');
  cpSync(join(FIXTURES, 'tiny-sd'), folder, { recursive: true });
  writeFileSync(join(folder, 'dedit.json'), '{ "guidance": 4, "learnedGuidance": 2, "steps": 2 }');
  const cacheDir = temporaryFolder();
  const editor = Editor.open(folder, { cacheDir });
  let named: Scene;
  let learned: Scene;
  beforeAll(async () => {
    named = await editor.segment((await decodePicture(join(PACKAGE_ROOT, 'examples', 'scene.png'))).picture);
    learned = editor.untrained(named);
  });
  const drawn = async (scene: Scene, edit: Edit, guidance?: number): Promise<Uint8Array> =>
    (await editor.edit(scene, edit, guidance === undefined ? {} : { guidance })).picture.data;
  const anew: Edit = { kind: 'reconstruct' };
  const worded: Edit = { kind: 'replace', item: 1, prompt: 'a cat' };

  it('draws what it learned by that, unless it is told another', async () => {
    const [mine, two, four] = [
      await drawn(learned, anew),
      await drawn(learned, anew, 2),
      await drawn(learned, anew, 4),
    ];
    expect(Buffer.compare(mine, two)).toBe(0);
    expect(Buffer.compare(mine, four)).not.toBe(0);
  });

  it('draws names and words as ever', async () => {
    for (const [scene, edit] of [
      [named, anew],
      [learned, worded],
    ] as const)
      expect(Buffer.compare(await drawn(scene, edit), await drawn(scene, edit, 4))).toBe(0);
    expect(Buffer.compare(await drawn(learned, worded), await drawn(learned, worded, 2))).not.toBe(0);
  });

  it('draws nothing with more than a LoRA of few steps asks for', () => {
    const file = join(temporaryFolder(), 'lcm-lora', 'pytorch_lora_weights.safetensors');
    cpSync(join(FIXTURES, 'lora', 'peft.safetensors'), file);
    const quick = Editor.open(folder, { cacheDir, loras: [{ file, weight: 1 }] });
    expect(quick.editDefaults(named.picture)).toMatchObject({ guidance: 1, learnedGuidance: 1 });
    expect(editor.editDefaults(named.picture)).toMatchObject({ guidance: 4, learnedGuidance: 2 });
  });
});
