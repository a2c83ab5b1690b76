// Copies what tsc does not compile (pages, styles) beside the compiled modules.
import { cpSync, existsSync } from 'node:fs';

for (const folder of ['bot/web/public']) {
  if (existsSync(`src/${folder}`)) cpSync(`src/${folder}`, `dist/${folder}`, { recursive: true });
}
