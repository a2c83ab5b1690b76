import type { MaskLink } from '../bot/act.js';
import { maskLink } from '../bot/web/maskLink.js';
import { readConfig, signingSecret } from '../app/config.js';
import { Dedit } from '../app/dedit.js';
import { platformsOf } from '../app/platforms.js';
import { makeLogger, optionsOf, outlive, stopSignal } from '../app/service.js';

/** `dedit start`: bots for which there are tokens, and the page. Runs until it is told to stop. */
export async function runStart(): Promise<void> {
  const config = readConfig();
  const logger = makeLogger(config);
  outlive(logger);
  const secret = signingSecret(config);
  const base = config.PUBLIC_URL ?? `http://localhost:${config.WEB_PORT}`;
  const page = config.WEB === 'on';
  // a link to this machine is good for who sits at it
  const linkTo: MaskLink = (session, user, item, platform) =>
    config.PUBLIC_URL || platform === 'web' ? maskLink(secret, { session, user, item }, base) : undefined;
  const dedit = await Dedit.open({
    ...(await optionsOf(config, logger)),
    works: config.WORK === 'on',
    ...(page ? { maskLink: linkTo } : {}),
  });
  const platforms = platformsOf(config, dedit, secret, logger);
  try {
    await dedit.serve(platforms);
  } catch (error) {
    await dedit.close();
    throw error;
  }
  if (page) console.log(`dedit: ${base}`);
  const names = platforms.map(({ name }) => name).join(', ');
  logger.info({ platforms: names }, `dedit is listening: ${names}`);
  await stopSignal();
  logger.info('stopping: the work under way is put back');
  await dedit.close();
}
