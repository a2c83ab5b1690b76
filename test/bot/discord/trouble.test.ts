import { afterEach, describe, expect, it } from 'vitest';
import { registerCommands } from '../../../src/bot/discord/commands.js';
import { DiscordPlatform } from '../../../src/bot/discord/platform.js';
import { UserError } from '../../../src/engine/errors.js';
import { DiscordDouble } from '../../support/discordDouble/index.js';
import { options, overlay, png, stage, type Stage } from '../../support/discordStage.js';

let s: Stage;
afterEach(async () => {
  await s?.close();
});

describe('missing permissions', () => {
  it('are named one by one to the person who wanted to upload', async () => {
    s = await stage();
    s.double.forbid('CreatePublicThreads', 'AttachFiles');
    await s.settle();
    const asked = s.double.uploadSlash(s.double.person('Ada'), png);
    const [told] = await s.double.until(() => asked.ephemerals.length > 0 && asked.ephemerals);
    expect(told!.content).toBe(
      'dedit lacks "Create Public Threads", "Attach Files" here; ask an admin to allow them for dedit in this channel\'s settings.',
    );
    const ada = s.double.person('Ada');
    const sent = s.double.say(ada, s.double.channel, s.double.mention, { files: [png] });
    const answer = await s.double.until(() =>
      s.double.seen(s.double.channel).find((m) => m.message_reference?.message_id === sent.id),
    );
    expect(answer.content).toContain('"Create Public Threads", "Attach Files"');
    expect(s.events).toEqual([]);
    expect(s.double.problems()).toEqual([]);
  });
});

describe('late and lost', () => {
  it('an interaction too old to acknowledge is not acted on and ends nothing', async () => {
    s = await stage();
    s.double.interactions.ackWithinMs = 0;
    const ada = s.double.person('Ada');
    s.double.uploadSlash(ada, png);
    await s.double.until(() =>
      s.log.some(({ level, message }) => level === 'warn' && /too old/.test(message)),
    );
    expect(s.events).toEqual([]);
    s.double.interactions.ackWithinMs = 3000;
    s.double.uploadSlash(ada, png);
    await s.next('upload');
  });
  it('acknowledges before the store, however slow that is', async () => {
    let store = () => {};
    const stored = new Promise<void>((done) => (store = done));
    s = await stage({ handle: () => stored });
    const ada = s.double.person('Ada');
    const asked = s.double.uploadSlash(ada, png);
    const { thread } = await s.next('upload');
    const picture = s.message(thread, await s.bot.post(thread, overlay, 'k'));
    const pressed = s.double.press(ada, picture, 'Undo');
    await s.next('say');
    expect([asked, pressed].map((i) => i.acknowledgedAfterMs)).toEqual([
      expect.any(Number),
      expect.any(Number),
    ]);
    let stopped = false;
    const stopping = s.bot.stop().then(() => (stopped = true));
    await new Promise((done) => setTimeout(done, 30));
    expect(stopped).toBe(false);
    store();
    await stopping;
  });
  it('tries an acknowledgement again when Discord stumbles, and keeps the order of what was said', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    s.double.fail('POST', /callback$/, 500);
    s.double.uploadSlash(ada, png);
    const { thread } = await s.next('upload');
    s.double.world.slowFileMs = 100;
    s.double.say(ada, thread, 'reshape 1', { files: [png] });
    s.double.say(ada, thread, 'undo');
    expect(await s.next('say')).toMatchObject({ text: 'reshape 1' });
    expect(await s.next('say')).toMatchObject({ text: 'undo' });
    expect(s.double.problems()).toEqual([]);
  });
  it('logs no token and nothing that people wrote', async () => {
    s = await stage({ rest: { retries: 0 } });
    s.double.fail('POST', /callback$/, 500, { times: 9 });
    const asked = s.double.saySlash(
      s.double.person('Ada'),
      s.double.directChannel(s.double.person('Bo')),
      'my secret',
    );
    await s.double.until(() => s.log.some(({ level }) => level === 'error'));
    const logged = JSON.stringify(s.log);
    expect(logged).toContain('/interactions/');
    expect(logged).not.toMatch(/my secret|token-\d/);
    expect(asked.acknowledgedAfterMs).toBeUndefined();
    expect(s.events).toEqual([]);
  });
  it('posts go on when the interaction’s token is dead', async () => {
    s = await stage();
    s.double.uploadSlash(s.double.person('Ada'), png);
    const { thread } = await s.next('upload');
    s.double.interactions.tokenLifeMs = 0;
    const id = await s.bot.post(thread, overlay, 'k');
    await s.bot.update(thread, id, { kind: 'note', text: 'later' });
    expect(s.message(thread, id).content).toBe('later');
  });
  it('a person hears when what they said could not be stored', async () => {
    s = await stage({ handle: () => Promise.reject(new Error('disk full')) });
    const ada = s.double.person('Ada');
    const asked = s.double.uploadSlash(ada, png);
    await s.double.until(() => asked.ephemerals.length > 0);
    expect(asked.ephemerals[0]!.content).toMatch(/nothing was done; please try again/);
    expect(JSON.stringify(asked.ephemerals)).not.toContain('disk full');
    const thread = s.double.threads()[0]!.id;
    const sent = s.double.say(ada, thread, 'undo');
    await s.double.until(() =>
      s.double.seen(thread).some((m) => m.message_reference?.message_id === sent.id),
    );
  });
  it('the gateway may break: discord.js comes back and hears what follows', async () => {
    s = await stage();
    s.double.gateway.cut();
    await s.double.until(() => s.double.gateway.identified === 2, 'a second identification', 15_000);
    s.double.uploadSlash(s.double.person('Ada'), png);
    await s.next('upload');
  }, 20_000);
});

describe('many at once', () => {
  it('50 people in 50 threads are acknowledged within a second each, and lose nothing', async () => {
    s = await stage({ handle: () => new Promise((done) => setTimeout(done, 20)) });
    s.double.rest.windowMs = 20;
    const { world } = s.double;
    const places = await Promise.all(
      Array.from({ length: 50 }, async (_, i) => {
        const thread = world.addThread(s.double.channel, `dedit: ${i}`, world.bot.id).id;
        return { thread, user: s.double.person(`p${i}`), id: await s.bot.post(thread, overlay, `k${i}`) };
      }),
    );
    const pressed = [0, 1, 2, 3].flatMap(() =>
      places.map(({ thread, user, id }) => s.double.press(user, s.message(thread, id), 'Again')),
    );
    await s.double.until(() => s.events.length === pressed.length, '200 events', 10_000);
    const took = pressed.map((i) => i.acknowledgedAfterMs!).sort((a, b) => a - b);
    expect(took[Math.floor(took.length * 0.99)]).toBeLessThan(1000);
    expect(new Set(s.events.map(({ id }) => id)).size).toBe(200);
    expect(s.double.problems()).toEqual([]);
  });
});

describe('after a restart', () => {
  it('reactions, buttons, replies and direct messages of before are still understood', async () => {
    s = await stage();
    const ada = s.double.person('Ada');
    s.double.uploadSlash(ada, png);
    const { thread } = await s.next('upload');
    const direct = s.double.directChannel(ada);
    const picture = s.message(thread, await s.bot.post(thread, overlay, 'k'));
    const alone = s.message(direct, await s.bot.post(direct, overlay, 'd'));
    await s.bot.stop();
    const events = s.events;
    events.length = 0;
    const second = new DiscordPlatform(options(s.double, s.log));
    await second.start(
      async (event) => void events.push(event),
      async () => true,
    );
    const after = async (act: () => unknown) => {
      const count = events.length;
      act();
      await s.double.until(() => events.length > count, 'an event');
      return events.at(-1);
    };
    expect(await after(() => s.double.react(ada, picture, '2️⃣'))).toMatchObject({
      kind: 'react',
      message: picture.id,
    });
    expect(await after(() => s.double.react(ada, alone, '🔁'))).toMatchObject({
      kind: 'react',
      thread: direct,
    });
    expect(await after(() => s.double.press(ada, picture, 'Undo'))).toMatchObject({
      text: 'undo',
      replyTo: picture.id,
    });
    const replied = await after(() => s.double.say(ada, thread, 'again', { replyTo: picture }));
    expect(replied).toMatchObject({ text: 'again', replyTo: picture.id });
    const whispered = await after(() => s.double.say(ada, direct, 'undo', { replyTo: alone }));
    expect(whispered).toMatchObject({ thread: direct, replyTo: alone.id });
    await second.stop();
    expect(events).toHaveLength(5);
  });
});

describe('without the message content intent', () => {
  it('goes on, hears mentions, and says once how to be heard', async () => {
    s = await stage({ double: { messageContent: false } });
    expect(s.log.some(({ level, message }) => level === 'warn' && /message content/.test(message))).toBe(
      true,
    );
    const ada = s.double.person('Ada');
    s.double.uploadSlash(ada, png);
    const { thread } = await s.next('upload');
    s.double.say(ada, thread, `${s.double.mention} replace 3 with a golden retriever`);
    expect(await s.next('say')).toMatchObject({ text: 'replace 3 with a golden retriever' });
    s.double.say(ada, thread, 'remove 2');
    s.double.say(ada, thread, 'remove 2 please');
    await s.double.until(() => s.double.seen(thread).some((m) => /mention of dedit/.test(m.content)));
    await s.settle();
    expect(s.double.seen(thread).filter((m) => m.author.bot)).toHaveLength(1);
    const id = await s.bot.post(thread, overlay, 'k');
    s.double.say(ada, thread, 'remove 1', { replyTo: id });
    expect(await s.next('say')).toMatchObject({ text: 'remove 1', replyTo: id });
    s.double.saySlash(ada, thread, 'remove 2');
    expect(await s.next('say')).toMatchObject({ text: 'remove 2' });
    expect(s.double.problems()).toEqual([]);
  });
  it('is refused when it was demanded', async () => {
    const double = await DiscordDouble.start({ messageContent: false });
    const bot = new DiscordPlatform(options(double, [], { messageContent: true }));
    await expect(
      bot.start(
        async () => {},
        async () => false,
      ),
    ).rejects.toThrow(/message content intent; switch it on/);
    await double.stop();
  });
});

describe('starting', () => {
  it('names a token that Discord does not accept', async () => {
    const double = await DiscordDouble.start();
    const bot = new DiscordPlatform(options(double, [], { token: 'another' }));
    await expect(
      bot.start(
        async () => {},
        async () => false,
      ),
    ).rejects.toBeInstanceOf(UserError);
    await expect(registerCommands({ token: 'another', rest: { api: double.api } })).rejects.toThrow(/token/);
    await double.stop();
  });
  it.each([
    [2, { shards: [0, 1], shardCount: 2 }],
    [2, { shardCount: 2 }],
    [1, { shards: 'auto' }], // as many as the double recommends
  ] as const)('runs in %i shards by %o', async (count, shards) => {
    s = await stage(shards);
    s.double.uploadSlash(s.double.person('Ada'), png);
    await s.next('upload');
    expect(s.double.gateway.identified).toBe(count);
    await s.settle();
    expect(s.events).toHaveLength(1);
  });
});

describe('dedit register', () => {
  it('registers bodies within the limits, for all servers or one', async () => {
    const double = await DiscordDouble.start();
    const made = await registerCommands({ token: double.token, rest: { api: double.api } });
    expect(made).toEqual({
      applicationId: double.world.bot.id,
      commands: ['dedit', 'Edit with dedit'],
      invite: `https://discord.com/oauth2/authorize?client_id=${double.world.bot.id}&scope=bot+applications.commands&permissions=309237746688`,
    });
    expect(double.rest.registered).toHaveLength(2);
    await registerCommands({
      token: double.token,
      applicationId: '1',
      guildId: '2',
      rest: { api: double.api },
    });
    expect(double.rest.requests.at(-1)!.path).toBe('/applications/1/guilds/2/commands');
    expect(double.problems()).toEqual([]);
    await double.stop();
  });
});
