import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** Firefox over WebDriver BiDi (https://www.w3.org/TR/webdriver-bidi/), as far as a smoke run needs it. */

const FIREFOX = process.env.FIREFOX ?? '/usr/bin/firefox-esr';

/** It is looked for everywhere and installed nowhere: a browser of 70 MB for one smoke run. */
export function firefoxIsThere(): boolean {
  const there = existsSync(FIREFOX);
  if (!there) console.warn(`skipped: no Firefox at ${FIREFOX} (apt-get install firefox-esr, or set FIREFOX)`);
  return there;
}

type Json = Record<string, unknown>;
interface Told {
  readonly id?: number;
  readonly type: string;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: string;
  readonly message?: string;
}

export class Firefox {
  /** What pages wrote as errors to their console, or threw. */
  readonly errors: string[] = [];
  readonly #waiting = new Map<number, (told: Told) => void>();
  #last = 0;
  #context = '';

  private constructor(
    private readonly process: ChildProcess,
    private readonly profile: string,
    private readonly socket: WebSocket,
  ) {
    socket.on('message', (data: Buffer) => this.#hear(JSON.parse(data.toString()) as Told));
  }

  static async open(width: number, height: number): Promise<Firefox> {
    const profile = mkdtempSync(join(tmpdir(), 'dedit-firefox-'));
    const quiet = ['app.update.enabled', 'browser.shell.checkDefaultBrowser', 'toolkit.telemetry.enabled'];
    const prefs = quiet.map((name) => `user_pref("${name}", false);\n`).join('');
    writeFileSync(join(profile, 'user.js'), prefs);
    const args = ['--headless', '--no-remote', '--profile', profile, '--remote-debugging-port', '0'];
    const child = spawn(FIREFOX, args, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, HOME: profile, MOZ_HEADLESS_WIDTH: '1400', MOZ_HEADLESS_HEIGHT: '1000' },
    });
    const address = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.once('exit', (status) => reject(new Error(`Firefox ended with ${status}: ${said}`)));
      child.stderr.on('data', (data: Buffer) => {
        said += data.toString();
        const found = /WebDriver BiDi listening on (ws:\S+)/.exec(said)?.[1];
        if (found) resolve(found);
      });
    });
    const socket = new WebSocket(`${address}/session`);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    const firefox = new Firefox(child, profile, socket);
    await firefox.#begin(width, height);
    return firefox;
  }

  async #begin(width: number, height: number): Promise<void> {
    await this.#ask('session.new', { capabilities: {} });
    await this.#ask('session.subscribe', { events: ['log.entryAdded'] });
    const { contexts } = (await this.#ask('browsingContext.getTree', {})) as {
      contexts: [{ context: string }];
    };
    this.#context = contexts[0].context;
    await this.#ask('browsingContext.setViewport', {
      context: this.#context,
      viewport: { width, height },
    });
  }

  #hear(told: Told): void {
    if (told.id !== undefined) this.#waiting.get(told.id)?.(told);
    else if (told.method === 'log.entryAdded' && told.params?.level === 'error')
      this.errors.push(String(told.params.text));
  }

  async #ask(method: string, params: Json): Promise<Json> {
    const id = ++this.#last;
    const told = await new Promise<Told>((resolve) => {
      this.#waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
    this.#waiting.delete(id);
    if (told.type === 'error') throw new Error(`${method}: ${told.error} ${told.message}`);
    return told.result!;
  }

  async goto(url: string): Promise<void> {
    await this.#ask('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** The value of an expression, by way of JSON. */
  async value<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.#ask('script.evaluate', {
      expression: `(async () => JSON.stringify(await (${expression})))()`,
      target: { context: this.#context },
      awaitPromise: true,
    })) as { result?: { value?: string }; exceptionDetails?: { text: string } };
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return (result?.value === undefined ? undefined : JSON.parse(result.value)) as T;
  }

  /** Waits until an expression is true. */
  async until(expression: string, patience = 30_000): Promise<void> {
    const end = Date.now() + patience;
    while (!(await this.value<boolean>(`Boolean(${expression})`))) {
      if (Date.now() > end) throw new Error(`it never became true: ${expression}`);
      await sleep(50);
    }
  }

  async putFile(selector: string, file: string): Promise<void> {
    const { nodes } = (await this.#ask('browsingContext.locateNodes', {
      context: this.#context,
      locator: { type: 'css', value: selector },
    })) as { nodes: [{ sharedId: string }] };
    const element = { sharedId: nodes[0].sharedId };
    await this.#ask('input.setFiles', { context: this.#context, element, files: [file] });
  }

  /** Presses at the first point, goes by the others, and lets go at the last. */
  async drag(...points: readonly (readonly [number, number])[]): Promise<void> {
    const move = ([x, y]: readonly [number, number], duration: number) =>
      ({ type: 'pointerMove', x: Math.round(x), y: Math.round(y), duration }) as const;
    await this.#perform({
      ...{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' } },
      actions: [
        move(points[0]!, 0),
        { type: 'pointerDown', button: 0 },
        ...points.slice(1).map((point) => move(point, 60)),
        { type: 'pointerUp', button: 0 },
      ],
    });
  }

  async keys(...values: readonly string[]): Promise<void> {
    const actions = values.flatMap((value) => [
      { type: 'keyDown', value },
      { type: 'keyUp', value },
    ]);
    await this.#perform({ type: 'key', id: 'keyboard', actions });
  }

  async #perform(source: Json): Promise<void> {
    await this.#ask('input.performActions', { context: this.#context, actions: [source] });
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    await Promise.race([this.#ask('browser.close', {}).catch(() => {}), ended]);
    const late = setTimeout(() => this.process.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(late);
    this.socket.terminate();
    rmSync(this.profile, { recursive: true, force: true });
  }
}
