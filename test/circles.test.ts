/** Imports run one way: the walls between rooms are lint rules, that no files stand in a circle is seen here. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { expect, it } from 'vitest';

/** Prisma writes its own files. */
const ELSEWHERE = /sessions\/prisma\//;

it('no file imports itself, by whatever way round, not even for a type', () => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
    .map((file) => join('src', file))
    .filter((file) => /\.tsx?$/.test(file) && !ELSEWHERE.test(file));
  const imports = new Map(
    files.map((file) => {
      const paths = readFileSync(file, 'utf8').matchAll(
        /^(?:import|export|\}) [^;]*?from '(\.[^']+)\.js';$/gm,
      );
      const found = [...paths].flatMap(([, path]) =>
        ['.ts', '.tsx'].map((end) => normalize(join(file, '..', `${path}${end}`))),
      );
      return [file, found.filter((to) => files.includes(to))];
    }),
  );
  expect(imports.get('src/sessions/sessions.ts')).toContain('src/sessions/views.ts');
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' > '));
    if (path.includes(file) || done.has(file)) return;
    for (const next of imports.get(file)!) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of files) visit(file, []);
  expect(circles).toEqual([]);
});
