import { getPriority, setPriority } from 'node:os';

/**
 * This process, and every thread it makes from now on, comes after others of the machine: who speaks to people does not
 * wait for what computes. About a third of a core's time while somebody else wants all of it; less where it was started so.
 */
export const comeSecond = (niceness = 5): void => setPriority(Math.max(niceness, getPriority()));
