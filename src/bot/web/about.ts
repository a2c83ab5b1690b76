import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from '../../commands/index.js';
import { groups } from '../../commands/list.js';
import { HttpRefusal, type Route, send, sendJson, sendPicture } from './http.js';
import { thumb } from './pictures.js';
import type { About } from './wire.js';

/** Pictures to try it with; beside src/ and dist/ alike. */
const SAMPLES = new URL('../../../examples/', import.meta.url);

const samples = (): string[] => {
  try {
    return readdirSync(fileURLToPath(SAMPLES)).filter((name) => /^[\w-]+\.(png|jpg|webp)$/.test(name));
  } catch {
    return []; // installed without examples
  }
};

/** What the page offers on an item, and the words each offer says. */
const ABILITIES: Readonly<Record<string, string>> = {
  ...{ copy: 'copy 2 right 20%', 'cut out': 'cut out 2', rotate: 'rotate 2 15', flip: 'flip 2' },
  ...{ front: 'bring 2 to the front', keep: 'keep only 2', crop: 'crop to 2', blur: 'blur the background' },
  pick: 'select here 40% 60%',
};
/** What words come to that are not understood as they are meant here. */
const OTHERS = new Set(['remove', 'move', 'replace', 'augment']);
const TRIED = { width: 640, height: 480, items: ['ground', 'dog', 'ball'].map((name) => ({ name })) };

function isUnderstood(ability: string): boolean {
  try {
    const [action] = parse(ABILITIES[ability]!, TRIED);
    return action !== undefined && !(action.kind === 'edit' && OTHERS.has(action.edit.kind));
  } catch {
    return false;
  }
}

/** What is true of this server, whoever asks: nothing here is anybody's. */
export function aboutRoutes(checkpoints: readonly string[]): Route[] {
  const about = (): About => ({
    checkpoints,
    samples: samples(),
    can: Object.keys(ABILITIES).filter(isUnderstood),
    help: groups.map(({ title, commands: listed }) => ({
      title,
      examples: listed.flatMap(({ examples }) => examples.slice(0, 1)),
    })),
  });
  const bytesOf = (name: string): Buffer => {
    if (!samples().includes(name)) throw new HttpRefusal(404, 'there is no such picture');
    return readFileSync(fileURLToPath(new URL(name, SAMPLES)));
  };
  return [
    ['GET', /^\/api\/about$/, async ({ response }) => sendJson(response, about())],
    [
      'GET',
      /^\/samples\/([\w.-]+)\/thumb$/,
      async (at) =>
        await sendPicture(at, `sample-${at.args[0]}`, () => thumb(bytesOf(at.args[0]!)), 'image/webp'),
    ],
    [
      'GET',
      /^\/samples\/([\w.-]+)$/,
      async ({ response, args }) => send(response, 200, 'application/octet-stream', bytesOf(args[0]!)),
    ],
  ];
}
