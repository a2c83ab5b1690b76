import { template } from './database.js';

/** Before the first test, where it takes no test's time. */
export default async function setup(): Promise<void> {
  await template();
}
