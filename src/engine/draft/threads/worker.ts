/** A thread of the pool (`pool.ts`): does its share of one job after the other. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { doParts, type Shared } from './jobs.js';

const port = workerData as MessagePort;
port.on('message', (shared: Shared) => doParts(shared, (error) => port.postMessage(error)));
