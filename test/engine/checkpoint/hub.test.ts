import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pullCheckpoint } from '../../../src/engine/checkpoint/hub.js';
import { UserError } from '../../../src/engine/errors.js';
import { temporaryFolder } from '../../fixtures.js';

const SHA = 'c0ffee'.repeat(7).slice(0, 40);
const large = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251));
const content: Record<string, Buffer> = {
  'model_index.json': Buffer.from('{"_class_name":"StableDiffusionPipeline"}'),
  'unet/config.json': Buffer.from('{}'),
  'unet/diffusion_pytorch_model.safetensors': large,
  'vae/config.json': Buffer.from('{}'),
  'vae/diffusion_pytorch_model.fp16.safetensors': large,
  'safety_checker/config.json': Buffer.from('{}'),
  'safety_checker/model.safetensors': large,
  'feature_extractor/preprocessor_config.json': Buffer.from('{}'),
  // what nobody here needs
  'unet/diffusion_pytorch_model.fp16.safetensors': large,
  'v1-5-pruned.ckpt': large,
  'README.md': Buffer.from('hello'),
};

const listing = (files: Record<string, Buffer>) =>
  Object.entries(files).map(([path, bytes]) => {
    const git = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
    const lfs =
      bytes === large
        ? { oid: createHash('sha256').update(bytes).digest('hex'), size: bytes.length }
        : undefined;
    return { type: 'file', path, size: bytes.length, oid: git, ...(lfs ? { lfs } : {}) };
  });
const listed = listing(content);

/** The segmenter's files, at the commit that is asked for. */
const PINNED = 'b49444cbcae819b57cf9c80c68ef965124023f35';
const model: Record<string, Buffer> = {
  'config.json': Buffer.from('{"model_type":"detr"}'),
  'preprocessor_config.json': Buffer.from('{}'),
  'onnx/model.onnx': Buffer.from('onnx'),
  'onnx/model_quantized.onnx': Buffer.from('smaller'),
};

/** Repositories of what is added to a checkpoint, and one of neither. */
const parts: Record<string, Record<string, Buffer>> = {
  'a/lora': { 'pytorch_lora_weights.safetensors': large, 'image.png': Buffer.from('png') },
  'a/taesd': {
    'config.json': Buffer.from('{"_class_name":"AutoencoderTiny"}'),
    'diffusion_pytorch_model.safetensors': large,
    'taesd_decoder.safetensors': large,
  },
  'a/other': { 'config.json': Buffer.from('{}'), 'model.bin': large },
};

describe('pulling from a hub', () => {
  let server: Server;
  let endpoint: string;
  let asked: { path: string; range: string | undefined; token: string | undefined }[] = [];
  let trouble: ((path: string, response: ServerResponse, bytes: Buffer) => boolean) | undefined;

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url!;
    const { range, authorization } = request.headers;
    asked.push({ path, range, token: authorization });
    if (path.startsWith('/api/models/gated/')) return void response.writeHead(401).end();
    if (path === '/api/models/a/b') return void response.end(JSON.stringify({ sha: SHA }));
    if (path === `/api/models/a/b/tree/${SHA}?recursive=true`)
      return void response.end(JSON.stringify(listed));
    const pinned =
      /^\/(?:api\/models\/)?Xenova\/detr-resnet-50-panoptic\/(tree|resolve)\/([0-9a-f]{40})(.*)$/.exec(path);
    if (pinned?.[1] === 'tree' && pinned[2] === PINNED)
      return void response.end(JSON.stringify(listing(model)));
    const [, part = '', rest = ''] = /^\/(?:api\/models\/)?(a\/\w{2,})(.*)$/.exec(path) ?? [];
    if (part in parts && rest === '') return void response.end(JSON.stringify({ sha: SHA }));
    if (part in parts && rest.startsWith('/tree/'))
      return void response.end(JSON.stringify(listing(parts[part]!)));
    if (part in parts) return void response.end(parts[part]![rest.replace(`/resolve/${SHA}/`, '')]);
    const bytes = pinned ? model[pinned[3]!.slice(1)] : content[path.replace(`/a/b/resolve/${SHA}/`, '')];
    if (!bytes) return void response.writeHead(404).end();
    if (trouble?.(path, response, bytes)) return;
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? '')?.[1] ?? 0);
    response.writeHead(from > 0 ? 206 : 200).end(bytes.subarray(from));
  };

  beforeAll(async () => {
    server = createServer(answer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    asked = [];
    trouble = undefined;
  });

  const pull = (to: string, more: object = {}) =>
    pullCheckpoint({ name: 'a/b', to, endpoint, wait: 1, patience: 500, ...more });

  it('brings what the engine opens and nothing else, from one commit, and says how far it is', async () => {
    const to = temporaryFolder();
    const shares: number[] = [];
    const onProgress = ({ done, of }: { done: number; of: number }) => void shares.push(done / of);
    expect(await pull(to, { token: 'hf_x', onProgress })).toEqual({ kind: 'checkpoint', commit: SHA });
    expect(large.equals(readFileSync(join(to, 'unet/diffusion_pytorch_model.safetensors')))).toBe(true);
    expect(existsSync(join(to, 'unet/diffusion_pytorch_model.fp16.safetensors'))).toBe(false);
    expect(existsSync(join(to, 'vae/diffusion_pytorch_model.fp16.safetensors'))).toBe(true);
    expect(existsSync(join(to, 'safety_checker/model.safetensors'))).toBe(true);
    expect(existsSync(join(to, 'feature_extractor/preprocessor_config.json'))).toBe(true);
    expect(asked.every(({ token }) => token === 'Bearer hf_x')).toBe(true);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBe(1);
    // a second pull asks for no file
    asked = [];
    await pull(to);
    expect(asked.filter(({ path }) => path.includes('/resolve/'))).toEqual([]);
  });

  it('brings the segmenter from the commit that was looked at, and of its models the whole one', async () => {
    const to = temporaryFolder();
    expect(await pull(to, { name: 'segmenter' })).toEqual({ kind: 'segmenter', commit: PINNED });
    expect(asked.map(({ path }) => path)).not.toContain('/api/models/Xenova/detr-resnet-50-panoptic');
    expect(readFileSync(join(to, 'onnx/model.onnx'), 'utf8')).toBe('onnx');
    expect(existsSync(join(to, 'preprocessor_config.json'))).toBe(true);
    expect(existsSync(join(to, 'onnx/model_quantized.onnx'))).toBe(false);
  });

  it.each([
    ['a/lora', 'lora', ['pytorch_lora_weights.safetensors']],
    ['a/taesd', 'autoencoder', ['config.json', 'diffusion_pytorch_model.safetensors']],
  ])('brings %s alone where that is what the repository has: %s', async (name, kind, wanted) => {
    const to = temporaryFolder();
    expect(await pull(to, { name })).toEqual({ kind, commit: SHA });
    expect(readdirSync(to).sort()).toEqual([...wanted, 'pulled.json'].sort());
  });

  it('refuses a repository that is none of these', async () => {
    await expect(pull(temporaryFolder(), { name: 'a/other' })).rejects.toThrow(
      'a/other is not in diffusers layout: it has no model_index.json, no pytorch_lora_weights.safetensors and no autoencoder',
    );
  });

  it('takes no file for its own because it is as large: one of another commit is pulled anew, and it alone', async () => {
    const to = temporaryFolder();
    await pull(to);
    const weights = join(to, 'unet/diffusion_pytorch_model.safetensors');
    writeFileSync(weights, Buffer.alloc(large.length, 7)); // an object of LFS, known by SHA-256
    writeFileSync(join(to, 'unet/config.json'), '[]'); // a small file, known by git's SHA-1
    asked = [];
    await pull(to);
    expect(readFileSync(weights).equals(large)).toBe(true);
    expect(readFileSync(join(to, 'unet/config.json'), 'utf8')).toBe('{}');
    const again = asked
      .filter(({ path }) => path.includes('/resolve/'))
      .map(({ path }) => path.split('unet/')[1]);
    expect(again.sort()).toEqual(['config.json', 'diffusion_pytorch_model.safetensors']);
  });

  it('goes on where it was broken off, within a pull and in the next one', async () => {
    const to = temporaryFolder();
    let cuts = 2;
    trouble = (path, response, bytes) => {
      if (!path.endsWith('unet/diffusion_pytorch_model.safetensors') || cuts-- <= 0) return false;
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, 100_000), () => response.destroy());
      return true;
    };
    await pull(to);
    const ranges = asked
      .filter(({ path }) => path.endsWith('unet/diffusion_pytorch_model.safetensors'))
      .map(({ range }) => range);
    expect(ranges).toEqual([undefined, 'bytes=100000-', 'bytes=100000-']);
    expect(large.equals(readFileSync(join(to, 'unet/diffusion_pytorch_model.safetensors')))).toBe(true);

    const next = temporaryFolder();
    mkdirSync(join(next, 'unet'));
    writeFileSync(join(next, 'unet/diffusion_pytorch_model.safetensors.part'), large.subarray(0, 7));
    await pull(next);
    expect(asked.map(({ range }) => range)).toContain('bytes=7-');
  });

  it('takes nothing for the file that does not have its hash', async () => {
    const to = temporaryFolder();
    trouble = (path, response, bytes) => {
      if (!path.endsWith('.safetensors')) return false;
      response.end(Buffer.alloc(bytes.length, 7));
      return true;
    };
    await expect(pull(to)).rejects.toThrow(/not those of the Hub.*pull again/);
    expect(existsSync(join(to, 'unet/diffusion_pytorch_model.safetensors'))).toBe(false);
    expect(statSync(join(to, 'model_index.json')).size).toBeGreaterThan(0);
    rmSync(to, { recursive: true });
  });

  it.each([
    [
      'a hang',
      (response: ServerResponse) => void response.writeHead(200).write('x'),
      /nothing came any more/,
    ],
    ['an error', (response: ServerResponse) => void response.writeHead(503).end(), /answered 503/],
    [
      'too much',
      (response: ServerResponse) => void response.end(Buffer.alloc(400_000)),
      /longer than the Hub says/,
    ],
  ])('ends after some attempts: %s', async (_, fail, message) => {
    trouble = (path, response) => {
      if (!path.endsWith('.safetensors')) return false;
      fail(response);
      return true;
    };
    const refused = pull(temporaryFolder());
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(UserError);
  });

  it.each([
    ['../../etc', 'is no checkpoint'],
    ['a b/c', 'is no checkpoint'],
    ['sd', 'is no checkpoint'],
    ['nobody/nothing', 'there is no nobody/nothing on the Hub'],
    ['gated/x', 'HF_TOKEN'],
  ])('refuses %s with what to do', async (name, message) => {
    const refused = pull(temporaryFolder(), { name });
    await expect(refused).rejects.toBeInstanceOf(UserError);
    await expect(refused).rejects.toThrow(message);
  });

  it('says so when there is no network', async () => {
    await expect(pull(temporaryFolder(), { endpoint: 'http://127.0.0.1:1' })).rejects.toThrow(
      /cannot be asked .*check the network/,
    );
  });
});
