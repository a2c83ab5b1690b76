// Fills the log of an embedded database on a disk without room until Postgres gives up. Compiled modules.
// node lastByte.mjs FOLDER
import { openDatabase } from '../../dist/sessions/database.js';

const { prisma } = await openDatabase({ dir: process.argv[2] });
await prisma.event.create({ data: { platform: 'web', id: 'acknowledged' } });
process.once('message', async () => {
  for (;;) await prisma.$queryRaw`SELECT 1 FROM pg_logical_emit_message(true, '', repeat('x', 1000000))`;
});
process.send('stored');
