import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSafetyChecker, type SafetyCheckerPart } from '../../../src/engine/checkpoint/safetyChecker.js';
import { WEIGHTS_ROOT } from '../../../src/engine/checkpoint/weights.js';
import { SafetyChecker } from '../../../src/engine/diffusion/safety.js';
import { Editor } from '../../../src/engine/editor.js';
import { SessionCache } from '../../../src/engine/runtime/sessionCache.js';
import { FIXTURES, readFixture, temporaryFolder } from '../../fixtures.js';

/** The tiny checkpoint with the oracle's safety checker, laid out as SD 1.x is. */
const root = temporaryFolder();
let part: SafetyCheckerPart;

beforeAll(() => {
  cpSync(join(FIXTURES, 'tiny-sd'), root, { recursive: true });
  cpSync(join(FIXTURES, 'safety-checker'), join(root, 'safety_checker'), { recursive: true });
  const extractor = join(root, 'feature_extractor', 'preprocessor_config.json');
  cpSync(join(FIXTURES, 'safety-checker', 'preprocessor_config.json'), extractor);
  part = openSafetyChecker(root, temporaryFolder())!;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('flags what diffusers flags', async () => {
  const io = readFixture('safety-checker/io.safetensors');
  const checker = new SafetyChecker(part, new SessionCache({ weightsRoot: WEIGHTS_ROOT }), 'on');
  const { shape, data } = io['in.pixel_values']!;
  const size = data.length / shape[0]!;
  const flagged: number[] = [];
  for (let i = 0; i < shape[0]!; i++)
    flagged.push(Number(await checker.flags(data.slice(i * size, (i + 1) * size))));
  expect(flagged).toEqual([...io['out.flagged']!.data]);
  expect(new Set(flagged).size).toBe(2);
});

describe('a drawing that is flagged', () => {
  const side = 16;
  const picture = {
    width: side,
    height: side,
    data: new Uint8Array(side * side * 3).map((_, i) => (i * 37) % 256),
  };
  const labels = { width: side, height: side, data: new Uint8Array(side * side).fill(1, 128) };
  const options = { steps: 2, seed: 1 };
  const drawn = async (safety: 'on' | 'blur' | 'off', blurred: () => void = () => {}) => {
    const editor = Editor.open(root, { safety, cacheDir: temporaryFolder() });
    // whatever is drawn is flagged: every concept is likelier than this
    const checker = editor.pipeline.safety;
    if (checker) checker.flags = async () => true;
    const scene = editor.untrained(await editor.segment(picture, labels));
    return await editor.edit(scene, { kind: 'reconstruct' }, options, { onBlurred: blurred });
  };
  const roughness = ({ data }: { data: Uint8Array }): number =>
    data.reduce((sum, value, i) => sum + Math.abs(value - (data[i + 3] ?? value)), 0);

  it('is held back, and that is said', async () => {
    await expect(drawn('on')).rejects.toThrow("held back by the checkpoint's own safety checker");
  });

  it('is blurred, or shown, where whoever runs this says so', async () => {
    let times = 0;
    const [blurred, plain] = [await drawn('blur', () => times++), await drawn('off')];
    expect(times).toBe(1);
    expect(roughness(blurred.picture)).toBeLessThan(roughness(plain.picture) / 2);
  });
});
