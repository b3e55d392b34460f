// A program of its own: looks at a database that nobody writes to, and prints what it finds as JSON. In a process that ends,
// because to look at everything takes long and fills memory. Its argument is the path of the database.

import Sqlite from 'better-sqlite3';

const [path = ''] = process.argv.slice(2);

const look = () => {
  const database = new Sqlite(path, { readonly: true, fileMustExist: true, timeout: 500 });
  try {
    const found = database.pragma('integrity_check(20)') as readonly { readonly integrity_check: string }[];
    const problems = found.map((row) => row.integrity_check).filter((text) => text !== 'ok');
    if (problems.length > 0) return { problems };
    const strays = database.pragma('foreign_key_check') as readonly { readonly table: string }[];
    if (strays.length > 0) {
      return { problems: strays.slice(0, 20).map(({ table }) => `a row of ${table} belongs to nothing`) };
    }
    const upstreams = database
      .prepare(
        `SELECT service_instance.name AS instance, upstream.kind, upstream.settings FROM upstream
         JOIN service_instance ON service_instance.id = upstream.instance_id ORDER BY upstream.created_at`,
      )
      .all();
    const slots = database.prepare('SELECT kind FROM seal_slot').pluck().all();
    return { problems, upstreams, slots };
  } finally {
    database.close();
  }
};

try {
  process.stdout.write(JSON.stringify(look()));
} catch (error) {
  const code = error instanceof Sqlite.SqliteError ? error.code : '';
  const problem = error instanceof Error ? error.message : String(error);
  process.stdout.write(JSON.stringify(code.startsWith('SQLITE_BUSY') ? { busy: true } : { problems: [problem] }));
}
