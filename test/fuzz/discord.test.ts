import { afterAll, beforeAll, expect, it } from 'vitest';
import { overlay, png, stage, type Stage } from '../support/discordStage.js';
import type { Gateway } from '../support/discordDouble/gateway.js';
import { fuzz, mutateJson, oneOf, OwnFailures } from './harness.js';

let s: Stage;
const failures = new OwnFailures();
beforeAll(async () => {
  s = await stage();
}, 30_000);
afterAll(async () => {
  failures.close();
  await s.close();
});

type Dispatch = Parameters<Gateway['dispatch']>;

/** Everything that Discord tells of while a picture is edited, as the double tells it. */
async function dispatches(): Promise<Dispatch[]> {
  const { double, bot } = s;
  const heard: Dispatch[] = [];
  const dispatch = double.gateway.dispatch.bind(double.gateway);
  double.gateway.dispatch = (...told) => {
    heard.push(structuredClone(told));
    dispatch(...told);
  };
  const ann = double.person('ann');
  double.uploadSlash(ann, png);
  const { thread } = await s.next('upload');
  const message = s.message(thread, await bot.post(thread, overlay, 'k1'));
  const said = double.say(ann, thread, 'remove 2', { replyTo: message });
  double.say(ann, double.channel, `${double.mention} cut this`, { files: [png] });
  double.say(ann, double.directChannel(ann), 'help', { forwards: [png] });
  double.saySlash(ann, thread, 'undo', png);
  double.complete(ann, 'po');
  double.editWith(ann, said);
  double.react(ann, message, '3️⃣');
  double.press(ann, message, 'Undo');
  double.pick(ann, message, '1');
  await s.settle();
  double.gateway.dispatch = dispatch;
  return heard;
}

it('whatever Discord tells, it is at most a line in the log, and the bot goes on', async () => {
  const known = await dispatches();
  const { double } = s;
  await fuzz('discord', async (random) => {
    const told = Array.from({ length: 8 }, () => {
      const [t, d, guild, intent] = oneOf(random, known);
      const bent = mutateJson(d, random) as object;
      double.gateway.dispatch(t, bent, guild, intent);
      return `${t} ${JSON.stringify(bent)?.slice(0, 200)}`;
    });
    await new Promise((done) => setTimeout(done, 20));
    failures.check(told.join('\n'));
    s.events.length = 0;
  });
  const bo = double.person('bo');
  double.help(bo);
  double.say(bo, double.directChannel(bo), 'still there?');
  await expect
    .poll(() => s.events.some((event) => event.kind === 'say' && event.text === 'still there?'))
    .toBe(true);
});
