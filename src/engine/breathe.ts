import { setImmediate } from 'node:timers/promises';

/** Lets events in between two computations: `run` blocks the thread, and a cancellation arrives as an event. */
export const breathe = async (): Promise<void> => await setImmediate();
