import { createHash, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { linkSync, lstatSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { UserError } from '../engine/errors.js';

/** Answers a question of another process of this machine, over the socket; ends it. */
export type Asked = (question: string, socket: Socket) => void;

/** How long a holder may take to say who it is, in ms: one that is stopped still holds the folder. */
const PATIENCE = 2_000;
/** `sockaddr_un` holds 108 bytes on Linux, 104 elsewhere (unix(7)). */
const LONGEST = 100;

/**
 * Keeps a second process from opening the embedded database, which one process at a time may write. The lock is a socket
 * in the folder that its holder listens on: the system lets go of it with the process, however that ends; process ids,
 * which repeat between containers and after a reboot, decide nothing. Processes of one machine see each other, containers
 * on one volume too; machines that share a folder over a network do not. Over the same socket the holder can be asked for
 * what only it can do.
 * @returns what unlocks
 * @throws UserError naming the process that holds it
 */
export async function lockFolder(
  dir: string,
  asked: Asked = (_, socket) => socket.destroy(),
): Promise<() => void> {
  const path = addressOf(dir);
  for (let attempt = 0; attempt < 5; attempt++) {
    const server = await listen(path, asked);
    if (server) return () => void server.close();
    const holder = await lockHolder(dir);
    if (holder !== undefined) throw heldBy(holder);
    // what is left of a dead one is moved aside, and looked at again there: another process may just have taken over
    const aside = `${path}.${randomUUID().slice(0, 8)}`;
    try {
      renameSync(path, aside);
    } catch {
      continue;
    }
    const live = await ask(aside);
    if (live !== undefined) {
      linkSync(aside, path);
      rmSync(aside);
      throw heldBy(live);
    }
    rmSync(aside, { force: true });
  }
  throw new UserError(`cannot lock ${dir}: is another dedit starting in the same folder?`);
}

/** The process that has the folder, if any: its id in its own container. */
export async function lockHolder(dir: string): Promise<number | undefined> {
  const path = addressOf(dir);
  return process.platform !== 'win32' && isFile(path) ? olderHolder(path) : await ask(path);
}

/** Asks the process that has the folder; what it answers follows on the socket. Undefined where nobody has it. */
export async function askHolder(dir: string, question: string): Promise<Socket | undefined> {
  if ((await lockHolder(dir)) === undefined) return undefined;
  const socket = connect(addressOf(dir));
  socket.on('error', () => {});
  // who it is comes first, and nothing more before it is asked
  await Promise.race([once(socket, 'data'), once(socket, 'close')]);
  socket.pause();
  socket.write(`${question}\n`);
  return socket;
}

const heldBy = (holder: number): UserError =>
  new UserError(
    `process ${holder} is using this data folder: stop it, name another with DATA_DIR, or share a Postgres server by DATABASE_URL`,
  );

/** Where the folder's socket lies: in it, where its path is not too long; Windows has names instead. */
function addressOf(dir: string): string {
  const path = join(resolve(dir), 'lock');
  const name = createHash('sha256').update(resolve(dir)).digest('hex').slice(0, 24);
  if (process.platform === 'win32') return `\\\\.\\pipe\\dedit-${name}`;
  return Buffer.byteLength(path) <= LONGEST - '.12345678'.length ? path : `/tmp/dedit-${name}.lock`;
}

async function listen(path: string, asked: Asked): Promise<Server | undefined> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.unref().setTimeout(5 * PATIENCE, () => socket.destroy());
    socket.write(`${process.pid}\n`);
    let question = '';
    socket.on('data', function hear(bytes: Buffer) {
      question += bytes.toString('latin1', 0, LONGEST);
      if (!question.includes('\n')) return void (question.length > LONGEST && socket.destroy());
      socket.off('data', hear).ref().setTimeout(0);
      asked(question.split('\n', 1)[0]!, socket);
    });
  });
  server.unref();
  return await new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? done(undefined) : fail(error),
    );
    server.listen(path, () => done(server));
  });
}

/** Who listens there; 0 for one that does not answer, undefined for nobody. */
async function ask(path: string): Promise<number | undefined> {
  return await new Promise((done) => {
    const socket = connect(path);
    let [said, connected] = ['', false];
    socket.setEncoding('utf8').setTimeout(PATIENCE, () => socket.destroy());
    socket.on('connect', () => (connected = true));
    socket.on('data', (text: string) => {
      said += text;
      if (said.includes('\n')) socket.end();
    });
    socket.on('error', () => {});
    socket.on('close', () => done(connected ? Number(said) || 0 : undefined));
  });
}

const isFile = (path: string): boolean => {
  try {
    return lstatSync(path).isFile();
  } catch {
    return false;
  }
};

/** Older versions wrote their process id into a file of this name: it counts while that process is a dedit. */
function olderHolder(path: string): number | undefined {
  const pid = Number(readFileSync(path, 'utf8'));
  try {
    return pid > 0 && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('dedit') ? pid : undefined;
  } catch {
    return undefined;
  }
}
