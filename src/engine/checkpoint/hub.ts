import { createHash, type Hash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { UserError } from '../errors.js';

/** Short names of what dedit knows to fit. */
const KNOWN: Readonly<Record<string, string>> = {
  sd15: 'stable-diffusion-v1-5/stable-diffusion-v1-5',
  sdxl: 'stabilityai/stable-diffusion-xl-base-1.0',
  'lcm-lora': 'latent-consistency/lcm-lora-sdv1-5',
  'lcm-lora-sdxl': 'latent-consistency/lcm-lora-sdxl',
  taesd: 'madebyollin/taesd',
  taesdxl: 'madebyollin/taesdxl',
  // DETR (Carion et al. 2020) of facebook/detr-resnet-50-panoptic, Apache-2.0, exported for transformers.js: 172 MB
  segmenter: 'Xenova/detr-resnet-50-panoptic',
};

/** Models of other layouts than diffusers', and the commit that was looked at. */
const PINNED: Readonly<Record<string, { readonly commit: string; readonly files: RegExp }>> = {
  segmenter: {
    commit: 'b49444cbcae819b57cf9c80c68ef965124023f35',
    files: /^(?:config\.json|preprocessor_config\.json|onnx\/model\.onnx)$/,
  },
};

export interface PullOptions {
  /** A short name, or "owner/name" on the Hub. */
  readonly name: string;
  /** The checkpoint's folder; files arrive under it as they are on the Hub. */
  readonly to: string;
  readonly endpoint?: string;
  /** For checkpoints that ask who wants them. */
  readonly token?: string | undefined;
  readonly onProgress?: (progress: PullProgress) => void;
  /** How long nothing may come, in ms. */
  readonly patience?: number;
  /** The first wait after a failure, doubled each time, in ms. */
  readonly wait?: number;
}

export interface PullProgress {
  readonly file: string;
  /** Bytes of all files. */
  readonly done: number;
  readonly of: number;
}

/** One file as the Hub lists it (huggingface.co/docs/hub/api, "tree"). */
interface HubFile {
  readonly type: 'file' | 'directory';
  readonly path: string;
  readonly size: number;
  /** The git blob's SHA-1. */
  readonly oid: string;
  /** Large files: the SHA-256 of their content. */
  readonly lfs?: { readonly oid: string; readonly size: number };
}

const HUB = 'https://huggingface.co';
const ATTEMPTS = 5;
const WAIT = 1_000;
const SILENCE = 30_000;
const PARTS = '(?:text_encoder(?:_2)?|unet|vae|safety_checker)';
/** What the engine opens: configs, tokenizers and safetensors. Without its checker a checkpoint would draw unchecked. */
const WANTED = new RegExp(
  `^(?:model_index\\.json|feature_extractor/preprocessor_config\\.json|scheduler/scheduler_config\\.json|tokenizer(?:_2)?/[\\w.]+\\.(?:json|txt)|${PARTS}/config\\.json|${PARTS}/(?:diffusion_pytorch_)?model(?:\\.fp16)?(?:-\\d+-of-\\d+)?\\.safetensors(?:\\.index(?:\\.fp16)?\\.json)?)$`,
);

/** diffusers' names of what is added to a checkpoint and lies alone in its repository: a LoRA, or an autoencoder. */
export const LORA_FILE = 'pytorch_lora_weights.safetensors';
const AUTOENCODER_FILES = ['config.json', 'diffusion_pytorch_model.safetensors'];

/** What a repository brings. */
export type Pulled = 'checkpoint' | 'lora' | 'autoencoder' | 'segmenter';

/** Which of the listed files are wanted, by what the repository is. @throws UserError when it is nothing of these */
function wantedOf(id: string, listed: readonly HubFile[], pinned: RegExp | undefined): [Pulled, HubFile[]] {
  const files = listed.filter(({ type }) => type === 'file');
  const those = (names: readonly string[]) => files.filter(({ path }) => names.includes(path));
  if (pinned) return ['segmenter', files.filter(({ path }) => pinned.test(path))];
  if (those(['model_index.json']).length > 0) {
    const fitting = files.filter(({ path }) => WANTED.test(path));
    // half precision only where there is no other
    const folders = new Set(fitting.filter(({ path }) => isWhole(path)).map(({ path }) => dirname(path)));
    return [
      'checkpoint',
      fitting.filter(({ path }) => !path.includes('.fp16') || !folders.has(dirname(path))),
    ];
  }
  const lora = those([LORA_FILE]);
  if (lora.length > 0) return ['lora', lora];
  const autoencoder = those(AUTOENCODER_FILES);
  if (autoencoder.length === AUTOENCODER_FILES.length) return ['autoencoder', autoencoder];
  throw new UserError(
    `${id} is not in diffusers layout: it has no model_index.json, no ${LORA_FILE} and no autoencoder; download its file by hand and name it`,
  );
}

/**
 * Downloads a checkpoint in diffusers layout, a LoRA, an autoencoder or the segmenter. A pull that was broken off goes on where it was; every file is checked
 * against the Hub's own hash before it gets its name, so what is there is whole. All files come from one commit.
 * @returns what it is, and the commit
 * @throws UserError when there is none of that name, it wants a token, or the network stays away
 */
export async function pullCheckpoint(options: PullOptions): Promise<{ kind: Pulled; commit: string }> {
  const { name, to, endpoint = HUB, onProgress } = options;
  const id = KNOWN[name] ?? name;
  if (!/^[\w.-]+\/[\w.-]+$/.test(id))
    throw new UserError(
      `"${name.slice(0, 80)}" is no checkpoint: name ${Object.keys(KNOWN).join(', ')}, or owner/name as on ${HUB}`,
    );
  const ask = async (path: string): Promise<unknown> => {
    try {
      const signal = AbortSignal.timeout(SILENCE);
      return await (await request(`${endpoint}${path}`, id, options, { signal })).json();
    } catch (error) {
      if (error instanceof UserError) throw error;
      throw new UserError(
        `the Hub cannot be asked (${(error as Error).message}): check the network, then pull again`,
      );
    }
  };
  const pinned = PINNED[name];
  const { sha } = pinned ? { sha: pinned.commit } : ((await ask(`/api/models/${id}`)) as { sha: string });
  const listed = (await ask(`/api/models/${id}/tree/${sha}?recursive=true`)) as HubFile[];
  const [kind, files] = wantedOf(id, listed, pinned?.files);
  const of = files.reduce((sum, { size }) => sum + size, 0);
  let before = 0;
  for (const file of files) {
    await pullFile(file, `${endpoint}/${id}/resolve/${sha}/${file.path}`, id, options, (bytes) =>
      onProgress?.({ file: file.path, done: before + bytes, of }),
    );
    before += file.size;
  }
  writeFileSync(join(to, 'pulled.json'), `${JSON.stringify({ from: id, commit: sha }, null, 2)}\n`);
  return { kind, commit: sha };
}

const isWhole = (path: string): boolean => path.includes('.safetensors') && !path.includes('.fp16');

/** @throws UserError after several attempts, each of which goes on where the one before ended */
async function pullFile(
  file: HubFile,
  address: string,
  id: string,
  options: PullOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const target = join(options.to, ...file.path.split('/'));
  const part = `${target}.part`;
  const there = existsSync(target) && statSync(target).size === file.size;
  // another commit's file may be as large
  if (there && (await hashOf(target, file)) === (file.lfs?.oid ?? file.oid)) return onBytes(file.size);
  mkdirSync(dirname(target), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    try {
      await append(part, address, file, id, options, onBytes);
      if ((await hashOf(part, file)) !== (file.lfs?.oid ?? file.oid)) {
        await rm(part);
        throw new Error('its bytes are not those of the Hub');
      }
      renameSync(part, target);
      return;
    } catch (error) {
      if (error instanceof UserError) throw error;
      const why = (error as Error).message;
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC')
        throw new UserError(`no room for ${file.path} (${size(file.size)}): make some, then pull again`);
      if (attempt === ATTEMPTS)
        throw new UserError(
          `${file.path} could not be downloaded (${why}): pull again, it goes on where it was`,
        );
      await sleep((options.wait ?? WAIT) * 2 ** (attempt - 1));
    }
  }
}

/** Writes what is missing at the end of `part`. */
async function append(
  part: string,
  address: string,
  file: HubFile,
  id: string,
  options: PullOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  let at = existsSync(part) ? statSync(part).size : 0;
  if (at === file.size) return;
  if (at > file.size) {
    await rm(part);
    at = 0;
  }
  const stalled = new AbortController();
  const stall = (): NodeJS.Timeout =>
    setTimeout(() => stalled.abort(new Error('nothing came any more')), options.patience ?? SILENCE);
  let timer = stall();
  let handle: FileHandle | undefined;
  try {
    const headers: Record<string, string> = at > 0 ? { Range: `bytes=${at}-` } : {};
    const response = await request(address, id, options, { headers, signal: stalled.signal });
    // a server that knows no ranges begins anew
    if (response.status !== 206) at = 0;
    handle = await open(part, at > 0 ? 'a' : 'w');
    for await (const bytes of response.body! as unknown as AsyncIterable<Uint8Array>) {
      clearTimeout(timer);
      await handle.write(bytes);
      at += bytes.length;
      if (at > file.size) throw new Error('it is longer than the Hub says');
      onBytes(at);
      timer = stall();
    }
  } finally {
    clearTimeout(timer);
    await handle?.close();
  }
  if (at < file.size) throw new Error(`it ended after ${size(at)} of ${size(file.size)}`);
}

/** SHA-256 of a large file; of a small one git's SHA-1, which counts "blob LENGTH\0" too. */
async function hashOf(path: string, { lfs, size: length }: HubFile): Promise<string> {
  const hash: Hash = lfs ? createHash('sha256') : createHash('sha1').update(`blob ${length}\0`);
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
}

/** @throws UserError for what another attempt does not mend */
async function request(
  address: string,
  id: string,
  { token }: PullOptions,
  { headers = {}, signal }: { headers?: Record<string, string>; signal: AbortSignal },
): Promise<Response> {
  // the Hub redirects to where its files lie; fetch leaves the token behind there
  const authorization = token ? { Authorization: `Bearer ${token}` } : {};
  const response = await fetch(address, { headers: { ...headers, ...authorization }, signal }).catch(
    ({ cause, message }: Error) => {
      throw new Error((cause as Error | undefined)?.message ?? message);
    },
  );
  if (response.ok) return response;
  await response.body?.cancel();
  if (response.status === 401 || response.status === 403)
    throw new UserError(
      `${id} is not given to everybody: accept its terms on ${HUB}/${id} and set HF_TOKEN (or there is none of that name)`,
    );
  if (response.status === 404) throw new UserError(`there is no ${id} on the Hub: check its name`);
  throw new Error(`the Hub answered ${response.status}`);
}

const size = (bytes: number): string =>
  bytes < 1e6
    ? `${Math.ceil(bytes / 1e3)} kB`
    : bytes < 1e9
      ? `${(bytes / 1e6).toFixed(0)} MB`
      : `${(bytes / 1e9).toFixed(1)} GB`;
