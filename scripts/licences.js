// Lists the licence of every package that is installed for people (npm run licences), and fails for one that is not
// known to fit Apache-2.0, or that is weakly copyleft and not named in NOTICE. `npm run sbom` gives the whole bill of
// materials.
import { readFileSync } from 'node:fs';

const FREE = new Set(
  '0BSD Apache-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC MIT MIT-0 Python-2.0 Unlicense Zlib'.split(
    ' ',
  ),
);
/** May be shipped beside our code, unchanged and named. */
const NAMED = /LGPL|MPL|EPL|SEE LICENSE/;

const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const notice = readFileSync('NOTICE', 'utf8');
const by = new Map();
const wrong = [];
for (const [path, { dev, license, version }] of Object.entries(packages)) {
  if (path === '' || dev) continue;
  const name = path.split('node_modules/').at(-1);
  const said = license ?? fromFile(path) ?? 'unknown';
  by.set(said, [...(by.get(said) ?? []), `${name} ${version}`]);
  const choices = said.replace(/[()]/g, '').split(/ OR /);
  if (choices.some((one) => one.split(/ and /i).every((part) => FREE.has(part)))) continue;
  // platforms' builds of one thing (@img/sharp-libvips-linux-x64) are named once
  const family = name
    .replace(/^@img\/sharp.*/, 'libvips')
    .split('/')
    .at(-1);
  if (!NAMED.test(said)) wrong.push(`${name}: ${said} is not known to fit`);
  else if (!notice.includes(family)) wrong.push(`${name}: ${said} is not named in NOTICE`);
}
for (const [licence, names] of [...by].sort(([, a], [, b]) => b.length - a.length))
  process.stdout.write(`${licence}: ${[...new Set(names)].sort().join(', ')}\n`);
for (const line of wrong) process.stderr.write(`licences: ${line}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;

function fromFile(path) {
  try {
    return JSON.parse(readFileSync(`${path}/package.json`, 'utf8')).license;
  } catch {
    return undefined;
  }
}
