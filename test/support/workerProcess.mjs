// `dedit worker` with an engine that only waits for other workers. Compiled modules.
// node workerProcess.mjs DATABASE_URL DATA_DIR EDITS_FILE WORKERS
import { Dedit } from '../../dist/app/dedit.js';
import { comeSecond } from '../../dist/engine/niceness.js';
import { quickEngine } from './quickEngine.mjs';

comeSecond();
const [databaseUrl, dataDir, edits, workers] = process.argv.slice(2);
const engine = quickEngine(edits, { together: Number(workers) });
const dedit = await Dedit.open({ dataDir, databaseUrl, checkpoints: ['pocket'], engine: () => engine });
await dedit.worker.start();
process.send('ready');
process.once('SIGTERM', () => void dedit.close().then(() => process.exit(0)));
