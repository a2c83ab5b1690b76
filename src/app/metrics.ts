import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { Dedit } from './dedit.js';

/** What Prometheus may ask of a running dedit. */
export class Metrics {
  readonly registry = new Registry();
  readonly #jobs = new Counter({
    name: 'dedit_jobs_total',
    help: 'Jobs ended, by kind and outcome',
    labelNames: ['kind', 'outcome'],
    registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: 'dedit_job_seconds',
    help: 'How long jobs took',
    labelNames: ['kind'],
    buckets: [0.1, 0.3, 1, 3, 10, 30, 100, 300],
    registers: [this.registry],
  });
  #dedit: Dedit | undefined;

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    const gauge = (name: string, help: string, value: (dedit: Dedit) => Promise<number>) => {
      const read = async (): Promise<number> => (this.#dedit ? await value(this.#dedit) : 0);
      new Gauge({
        name,
        help,
        registers: [this.registry],
        async collect() {
          this.set(await read());
        },
      });
    };
    gauge(
      'dedit_queue_waiting',
      'Jobs in the queue',
      async ({ sessions }) => (await sessions.tasks.depth()).waiting,
    );
    gauge('dedit_queue_dead', 'Jobs given up', async ({ sessions }) => (await sessions.tasks.depth()).dead);
    gauge('dedit_outbox_waiting', 'Replies not sent yet', ({ sessions }) => sessions.views.untold());
  }

  watch(dedit: Dedit): void {
    this.#dedit = dedit;
    dedit.worker.on('finished', ({ kind, outcome, seconds }) => {
      this.#jobs.inc({ kind, outcome });
      this.#seconds.observe({ kind }, seconds);
    });
  }

  text(): Promise<string> {
    return this.registry.metrics();
  }
}
