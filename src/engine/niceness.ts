import { setPriority } from 'node:os';

/**
 * This process, and every thread it makes from now on, comes after others of the machine: who speaks to people does not
 * wait for what computes. About a third of a core's time while somebody else wants all of it.
 */
export const comeSecond = (): void => setPriority(5);
