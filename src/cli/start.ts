import { readConfig, signingSecret } from '../app/config.js';
import { Dedit } from '../app/dedit.js';
import { discreetly } from '../app/discreet.js';
import { addressOf, maskLinks, platformsOf } from '../app/platforms.js';
import { makeLogger, optionsOf, outlive, stopSignal } from '../app/service.js';

/** `dedit start`: bots for which there are tokens, and the page. Runs until it is told to stop. */
export async function runStart(): Promise<void> {
  const config = readConfig();
  const logger = makeLogger(config);
  outlive(logger);
  const secret = signingSecret(config);
  const options = await optionsOf(config, logger);
  const dedit = await Dedit.open({
    ...options,
    engine: discreetly(options.engine, logger),
    warm: true,
    works: config.WORK === 'on',
    maskLink: maskLinks(config, secret),
  });
  const platforms = platformsOf(config, dedit, secret, logger);
  try {
    await dedit.serve(platforms);
  } catch (error) {
    await dedit.close();
    throw error;
  }
  if (config.WEB === 'on') console.log(`dedit: ${addressOf(config)}`);
  const names = platforms.map(({ name }) => name).join(', ');
  logger.info({ platforms: names }, `dedit is listening: ${names}`);
  await stopSignal();
  logger.info('stopping: the work under way is put back');
  await dedit.close();
}
