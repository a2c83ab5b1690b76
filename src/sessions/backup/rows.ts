import type { RunSql } from '../migrate.js';

/** Rows read, and written, at once. */
const BATCH = 500;

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Those of these tables that are there: a backup of an older dedit has not all of them. */
export async function tablesThere(run: RunSql, tables: readonly string[]): Promise<string[]> {
  const { rows } = await run(
    `SELECT relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = current_schema() AND c.relkind = 'r'`,
  );
  const there = new Set(rows.map(({ name }) => name));
  return tables.filter((table) => there.has(table));
}

/**
 * A table's rows as Postgres' own JSON, a line each: every type is written and read by the database, so that lines fit the
 * embedded one and a server alike. Within a transaction.
 */
export async function* rowsOf(run: RunSql, table: string): AsyncGenerator<string[]> {
  await run(
    `DECLARE backup NO SCROLL CURSOR FOR SELECT row_to_json(t)::text AS line FROM ${quoted(table)} t`,
  );
  for (;;) {
    const { rows } = await run(`FETCH ${BATCH} FROM backup`);
    if (rows.length === 0) break;
    yield rows.map(({ line }) => line as string);
  }
  await run('CLOSE backup');
}

/** Puts lines of `rowsOf` into a table with the same columns. */
export async function putRows(run: RunSql, table: string, lines: readonly string[]): Promise<void> {
  const into = quoted(table);
  for (let i = 0; i < lines.length; i += BATCH)
    await run(`INSERT INTO ${into} SELECT * FROM json_populate_recordset(NULL::${into}, $1::text::json)`, [
      `[${lines.slice(i, i + BATCH).join(',')}]`,
    ]);
}

/**
 * Does `work`, which fills tables in any order, and then checks that every row that another names is there. Within a
 * transaction.
 */
export async function unordered(
  run: RunSql,
  tables: readonly string[],
  work: () => Promise<void>,
): Promise<void> {
  const { rows } = await run(
    `SELECT c.relname AS table, k.conname AS name FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
     JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE k.contype = 'f' AND n.nspname = current_schema() AND c.relname = ANY($1)`,
    [[...tables]],
  );
  const alter = async (how: string) => {
    for (const { table, name } of rows as { table: string; name: string }[])
      await run(`ALTER TABLE ${quoted(table)} ALTER CONSTRAINT ${quoted(name)} ${how}`);
  };
  await alter('DEFERRABLE INITIALLY DEFERRED');
  await work();
  await run('SET CONSTRAINTS ALL IMMEDIATE');
  await alter('NOT DEFERRABLE');
}

/** Counters go on after the numbers that rows have. */
export async function countOn(run: RunSql, tables: readonly string[]): Promise<void> {
  const { rows } = await run(
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns
     WHERE table_schema = current_schema() AND column_default LIKE 'nextval(%' AND table_name = ANY($1)`,
    [[...tables]],
  );
  for (const { table, column } of rows as { table: string; column: string }[])
    await run(
      `SELECT setval(pg_get_serial_sequence('${quoted(table)}', '${column}'), GREATEST(1, (SELECT max(${quoted(column)}) FROM ${quoted(table)})))`,
    );
}

/** Takes tables and enums away, with all that they hold. */
export async function dropAll(
  run: RunSql,
  { tables, enums }: { readonly tables: readonly string[]; readonly enums: readonly string[] },
): Promise<void> {
  for (const table of tables) await run(`DROP TABLE IF EXISTS ${quoted(table)} CASCADE`);
  for (const name of enums) await run(`DROP TYPE IF EXISTS ${quoted(name)} CASCADE`);
}
