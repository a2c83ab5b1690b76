/** A program with an engine at work, to be killed: prints the engine's process id when it has begun to learn. */
import { readFileSync } from 'node:fs';
import { EngineHost } from '../../dist/engine/process/host.js';

const [checkpoint, picture] = process.argv.slice(2);
const host = new EngineHost({ checkpoint, finetuneSteps: [100_000, 0] });
const scene = await host.segment(readFileSync(picture));
const onProgress = ({ step }) => step === 1 && process.stdout.write(`${host.pid}\n`);
await host.associate(scene, { seed: 1 }, { onProgress });
