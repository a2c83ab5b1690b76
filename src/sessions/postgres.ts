import type { Socket } from 'node:net';
import pg from 'pg';

/**
 * In ms. What a router forgot hears nothing for ever, and TCP asks only after two hours: no statement of ours is silent
 * for so long, so a connection that is has gone.
 */
export const SILENCE = 30_000;

/** Connections to a server, each given up when a statement on it stays without any answer. */
export function openPool(url: string, silence = SILENCE): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 8 });
  // who waits for an answer writes nothing meanwhile, and what nobody uses is closed by the pool much earlier
  pool.on('connect', (client) => {
    const { stream } = (client as pg.Client).connection;
    (stream as Socket).setTimeout(silence, () => stream.destroy(new Error('the database does not answer')));
  });
  return pool;
}
