// How many events a second the embedded database acknowledges, one after the other, with and without waiting for the disk.
// npm run bench:acknowledgements [-- FOLDER]: on the disk of that folder, else of the temporary one
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { openDatabase } from '../../dist/sessions/database.js';

const SECONDS = 5;
const where = process.argv[2] ?? tmpdir();

for (const sync of [true, false]) {
  const dir = mkdtempSync(join(where, 'dedit-bench-'));
  const { prisma, close } = await openDatabase({ dir, sync });
  const times = [];
  const start = performance.now();
  while (performance.now() - start < SECONDS * 1000) {
    const begun = performance.now();
    // as a conversation does: the event's id first, in one transaction with what follows from it
    await prisma.$transaction(async (tx) => {
      await tx.event.create({ data: { platform: 'web', id: String(times.length) } });
      await tx.usage.upsert({
        where: { platform_user_day: { platform: 'web', user: 'ann', day: '2026-01-01' } },
        create: { platform: 'web', user: 'ann', day: '2026-01-01', edits: 1 },
        update: { edits: { increment: 1 } },
      });
    });
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share) => times[Math.floor(share * times.length)].toFixed(1);
  console.log(
    `${sync ? 'on the disk' : 'not waited for'}: ${Math.round(times.length / SECONDS)} a second, median ${at(0.5)} ms, 99th percentile ${at(0.99)} ms`,
  );
  await close();
  rmSync(dir, { recursive: true });
}
