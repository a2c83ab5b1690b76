/** What is shipped with dedit, and what runs while it is installed. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

interface Package {
  readonly version: string;
  readonly dev?: boolean;
  readonly hasInstallScript?: boolean;
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
  readonly packages: Readonly<Record<string, Package>>;
};
const nameOf = (path: string): string => path.split('node_modules/').at(-1)!;
const installed = Object.entries(lock.packages)
  .filter(([path]) => path !== '')
  .map(([path, one]) => ({ ...one, name: nameOf(path) }));

it('no protobufjs of the old line, 6, comes with anything', () => {
  const old = installed.filter(({ name, version }) => name === 'protobufjs' && Number.parseInt(version) < 7);
  expect(old).toEqual([]);
  expect(installed.map(({ name }) => name)).not.toContain('onnx-proto');
});

it('every package that runs a script when it is installed is named, with whether it may', () => {
  const { allowScripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly allowScripts: Readonly<Record<string, boolean>>;
  };
  const running = installed.filter(({ hasInstallScript }) => hasInstallScript).map(({ name }) => name);
  // fsevents is macOS's; npm's own tools do without it
  expect([...new Set(running)].filter((name) => name !== 'fsevents').sort()).toEqual(
    Object.keys(allowScripts).sort(),
  );
});

it('npm run sbom is the bill of materials of what is shipped', () => {
  const bill = JSON.parse(execFileSync('npm', ['run', '--silent', 'sbom']).toString()) as {
    readonly bomFormat: string;
    readonly components: readonly { readonly name: string; readonly group?: string }[];
  };
  expect(bill.bomFormat).toBe('CycloneDX');
  const names = new Set(bill.components.map(({ name }) => name));
  for (const name of ['sharp', 'onnxruntime-node', '@prisma/client', 'discord.js'])
    expect(names).toContain(name);
  for (const name of ['vitest', 'eslint', 'typescript-eslint']) expect(names).not.toContain(name);
});
