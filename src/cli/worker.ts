import { readConfig } from '../app/config.js';
import { Dedit } from '../app/dedit.js';
import { discreetly } from '../app/discreet.js';
import { makeLogger, optionsOf, stopSignal } from '../app/service.js';
import { UserError } from '../engine/errors.js';
import { comeSecond } from '../engine/niceness.js';

/** `dedit worker`: takes jobs of a shared database, speaks to nobody. */
export async function runWorker(): Promise<void> {
  const config = readConfig();
  if (!config.DATABASE_URL)
    throw new UserError(
      'workers share a Postgres server: set DATABASE_URL (dedit start works by itself without)',
    );
  comeSecond();
  const logger = makeLogger(config);
  const options = await optionsOf(config, logger);
  const dedit = await Dedit.open({ ...options, engine: discreetly(options.engine, logger) });
  await dedit.worker.start();
  logger.info('worker: waiting for jobs');
  await stopSignal();
  await dedit.close();
}
