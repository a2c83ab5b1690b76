/** `dedit chat` in a real pseudo-terminal, which util-linux' `script` makes: what a person sees and the keys they press. */
import { type ChildProcessWithoutNullStreams, spawn, spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../fixtures.js';
import { putDatabase } from '../../support/database.js';

const PROGRAM = join('test', 'support', 'chatOnTerminal.mjs');
const SCENE = join('examples', 'scene.png');
const UP = '\u001B[A';
const LEFT = '\u001B[D';
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
/** Far above what anything here takes: nothing is waited for but what was typed. */
const PATIENCE = 60_000;
const there = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux');

let folder: string;
let person: Person;
beforeEach(async () => {
  folder = temporaryFolder();
  await putDatabase(join(folder, 'data'));
});
afterEach(() => person?.child.kill('SIGKILL'));

/** Lets the engine go on with this from now on. */
const allow = (...what: ('cut' | 'learn' | 'edit')[]): void => {
  for (const name of what) writeFileSync(join(folder, name), '');
};

class Person {
  seen = '';
  #read = 0;
  readonly ended: Promise<number | null>;

  private constructor(readonly child: ChildProcessWithoutNullStreams) {
    child.stdout.on('data', (bytes: Buffer) => (this.seen += bytes.toString()));
    this.ended = new Promise((resolve) => child.once('exit', resolve));
  }

  static sitsDown(...flags: string[]): Person {
    const command = [process.execPath, PROGRAM, folder, ...flags].join(' ');
    const env = { PATH: process.env.PATH, TERM: 'xterm' };
    return new Person(
      spawn('script', ['--quiet', '--return', '--command', `stty cols 200; ${command}`, '/dev/null'], {
        env,
      }),
    );
  }

  type(keys: string): void {
    this.child.stdin.write(keys);
  }

  /** Waits for something that was not there when the last wait ended. */
  async sees(what: string | RegExp): Promise<void> {
    const pattern = what instanceof RegExp ? what : new RegExp(what.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    const found = () => pattern.exec(this.seen.slice(this.#read));
    await expect
      .poll(found, { timeout: PATIENCE, interval: 20, message: `${what} in ${this.seen.slice(-2000)}` })
      .not.toBeNull();
    this.#read += found()!.index + found()![0].length;
  }

  /** Types a line, sees that it stands there, and sends it. */
  async says(line: string): Promise<void> {
    this.type(line);
    await this.sees(line);
    this.type('\r');
  }
}

describe.skipIf(!there && !process.env.CI)('in a pseudo-terminal', { timeout: 2 * PATIENCE }, () => {
  it('shows what is typed, with editing and history keys; help comes before the cut', async () => {
    person = Person.sitsDown();
    await person.sees('Say "attach picture.png" to begin');
    await person.says('help');
    await person.sees('replace 3 with');
    await person.says(`attach ${SCENE}`);
    await person.says('help undo');
    await person.sees('undo: go back');
    expect(person.seen).not.toContain('I see');
    allow('cut');
    await person.sees('I see 3 items');
    // "shw" with an o put in between
    person.type(`shw${LEFT}o`);
    await person.sees('sho');
    person.type('\r');
    await person.sees('The picture as it came');
    person.type(UP);
    await person.sees('show');
    // what is half typed goes first, and nothing else
    person.type(CTRL_C);
    await person.says('status');
    await person.sees('Nothing waits here');
    expect(person.seen).not.toContain('Ctrl+C');
    person.type(CTRL_C);
    await person.sees('Nothing runs. Ctrl+C again leaves.');
    person.type(CTRL_C);
    expect(await person.ended).toBe(0);
  });

  it('--resume shows where things stand, with the picture; Ctrl+C cancels, twice it leaves; a new chat begins anew', async () => {
    allow('cut');
    person = Person.sitsDown('--image', SCENE);
    await person.sees('I see 3 items');
    await person.says('rename 2 wizard');
    await person.sees('Item 2 is now called wizard.');
    await person.says('remove 3');
    await person.says('quit');
    expect(await person.ended).toBe(0);
    const before = readdirSync(join(folder, 'out')).length;

    person = Person.sitsDown('--resume');
    await person.sees(/The picture as it came: .*2 wizard/);
    await person.sees(/(?:Working on|Waiting:) "remove 3"/);
    expect(readdirSync(join(folder, 'out'))).toHaveLength(before + 1);
    person.type(CTRL_C);
    await person.sees('Ctrl+C again leaves.');
    await person.sees('Cancelled.');
    // words in between: the next Ctrl+C is a first one again
    await person.says('make 2 red');
    await person.says('status');
    await person.sees('"make 2 red"');
    person.type(CTRL_C);
    await person.sees('Cancelled.');
    person.type(CTRL_C);
    expect(await person.ended).toBe(0);

    allow('learn', 'edit');
    person = Person.sitsDown();
    await person.sees('to begin');
    person.type(UP);
    await person.sees('status');
    person.type(`${CTRL_C}${CTRL_D}`);
    expect(await person.ended).toBe(0);
    expect(person.seen).not.toMatch(/I see|remove 3|Cancelled|wizard/);
  });
});
