import Database from 'better-sqlite3';

/** A database as the statements that make it again: text, so that a kept one can be read and compared. */
export function dumpDatabase(path: string): string {
  const database = new Database(path, { readonly: true });
  try {
    const made = database
      .prepare<[], { type: string; name: string; sql: string }>(
        `select type, name, sql from sqlite_master where sql is not null and name not like 'sqlite%'
         order by type <> 'table', rowid`,
      )
      .all();
    const tables = made.filter(({ type }) => type === 'table').map(({ name }) => name);
    // Rows come before the triggers, which would count them again.
    const others = made.filter(({ type }) => type !== 'table').map(({ sql }) => sql);
    const lines = [
      ...made.filter(({ type }) => type === 'table').map(({ sql }) => sql),
      ...tables.flatMap((table) => rowsOf(database, table)),
      ...others,
    ];
    return lines.map((line) => `${line};\n`).join('');
  } finally {
    database.close();
  }
}

function rowsOf(database: Database.Database, table: string): string[] {
  // Generated columns are not among them.
  const columns = database.prepare<[], { name: string }>(`pragma table_info('${table}')`).all();
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  const values = columns.map(({ name }) => `quote("${name}")`).join(` || ', ' || `);
  const rows = database.prepare<[], { line: string }>(`select ${values} as line from "${table}"`).all();
  return rows.map(({ line }) => `insert into "${table}" (${names}) values (${line})`);
}
