/**
 * Threads that help with a draft. The one that asks does its share and waits for the others without letting anything
 * else run, as it would if it did all of it; threads that are not ready yet are not waited for.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { InParts } from './inTurn.js';
import { DONE, doParts, FAILED, type Job, type Shared } from './jobs.js';

/** The compiled file also where the rest runs from its sources, as under the test runner. */
const FILE = new URL('../../../../dist/engine/draft/threads/worker.js', import.meta.url);
/** More threads than this find too little to do. */
const MOST = 4;
/** Parts take milliseconds: a thread that has not done one for so long has ended. */
const PATIENCE_MS = 60_000;

interface Helper {
  readonly worker: Worker;
  readonly port: MessagePort;
}

let helpers: Helper[] = [];

/** Of which this one is one. */
const usual = (): number => Math.min(MOST, availableParallelism());

/** @param threads of which this one is one; at most as many as there are cores unless said otherwise */
export function inPartsOn(threads = usual()): InParts<Job> {
  return (job, parts) => begun(job, parts, Math.min(threads, parts) - 1)();
}

/**
 * Others begin the job while this thread does something else. It has to ask for the end of it once, whatever happens in
 * between: it does then what nobody has begun, waits for the rest, and throws what went wrong.
 */
export function beside(job: Job, parts: number, threads = usual()): () => void {
  return begun(job, parts, Math.min(threads - 1, parts));
}

function begun(job: Job, parts: number, wanted: number): () => void {
  while (helpers.length < wanted) helpers.push(newHelper());
  const helping = helpers.slice(0, wanted);
  const shared: Shared = { job, parts, tally: new Int32Array(new SharedArrayBuffer(12)) };
  for (const { port } of helping) port.postMessage(shared);
  return () => {
    const failures: unknown[] = [];
    doParts(shared, (error) => failures.push(error));
    awaitOthers(shared);
    if (shared.tally[FAILED]! > 0) throw [...failures, ...told(helping)][0];
  };
}

/** All that threads have told of what went wrong: what is left would be taken for another job's. */
function told(helping: readonly Helper[]): unknown[] {
  const errors: unknown[] = [];
  for (const { port } of helping)
    for (let one = receiveMessageOnPort(port); one; one = receiveMessageOnPort(port))
      errors.push(one.message);
  return errors;
}

/** @throws Error when a thread has begun a part and ended */
export function awaitOthers({ parts, tally }: Shared, patience = PATIENCE_MS): void {
  for (let done = Atomics.load(tally, DONE); done < parts; done = Atomics.load(tally, DONE)) {
    if (Atomics.wait(tally, DONE, done, patience) !== 'timed-out') continue;
    for (const { worker } of helpers) void worker.terminate();
    helpers = [];
    throw new Error('a thread ended before it had done its part of the draft');
  }
}

function newHelper(): Helper {
  const { port1: port, port2 } = new MessageChannel();
  // what the process was started with is not for it
  const worker = new Worker(FILE, {
    workerData: port2,
    transferList: [port2],
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 4 }, // views of shared memory, garbage after each job
  });
  const gone = (): void => void (helpers = helpers.filter((helper) => helper.worker !== worker));
  // whoever asked does the parts alone: the next one starts another thread
  worker.on('error', gone).on('exit', gone);
  worker.unref();
  port.unref();
  return { worker, port };
}
