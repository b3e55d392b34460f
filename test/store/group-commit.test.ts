// Group commit on a bare SQLite database, where a full disk and a failing checkpoint can be had at will.

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import { EdgeError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/keys/audit-ports.ts';
import { GroupCommit } from '../../src/store/sqlite/group-commit.ts';
import { pragmas } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const open = (t: ExecutionContext) => {
  const path = join(temporaryDirectory(t), 'db');
  const database = new Sqlite(path);
  t.teardown(() => database.close());
  for (const pragma of pragmas) database.pragma(pragma);
  database.exec('CREATE TABLE thing (name TEXT UNIQUE, body BLOB) STRICT');
  const insert = database.prepare('INSERT INTO thing VALUES (?, ?)');
  const names = () => database.prepare('SELECT name FROM thing ORDER BY rowid').pluck().all();
  return { path, database, commits: new GroupCommit(database), insert, names };
};

const kindOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'done';
  } catch (error) {
    return error instanceof EdgeError ? error.kind : String(error);
  }
};

test('on a full disk every change of the group says so, none is half done, and later ones succeed when there is room', async (t) => {
  const { database, commits, insert, names } = open(t);
  await commits.submit(() => insert.run('first', null), {});
  const full = Number(database.pragma('page_count', { simple: true })) + 3;
  database.pragma(`max_page_count = ${full}`);
  const group = [
    commits.submit(() => insert.run('small', null), {}),
    commits.submit(() => {
      insert.run('half', null);
      insert.run('large', Buffer.alloc(100_000));
    }, {}),
    commits.submit(() => insert.run('after', null), {}),
  ];
  t.deepEqual(await Promise.all(group.map(kindOf)), ['storage-full', 'storage-full', 'storage-full']);
  t.is(commits.problem, 'the data disk is full');
  t.deepEqual(names(), ['first']);
  t.is(await kindOf(commits.submit(() => insert.run('small', null), {})), 'done');
  t.is(commits.problem, undefined);
  database.pragma('max_page_count = 100000');
  t.is(await kindOf(commits.submit(() => insert.run('large', Buffer.alloc(100_000)), {})), 'done');
  t.deepEqual(names(), ['first', 'small', 'large']);
});

test('a change resolves only after the commit returned', async (t) => {
  const { database, commits, insert } = open(t);
  const inside: boolean[] = [];
  await Promise.all(
    Array.from({ length: 20 }, (_, n) =>
      commits.submit(() => insert.run(String(n), null), {}).then(() => inside.push(database.inTransaction)),
    ),
  );
  t.deepEqual(
    inside,
    Array.from({ length: 20 }, () => false),
  );
});

test('an erasing change empties the log; where that fails it is refused, its neighbours stand, and the next commit mends it', async (t) => {
  const { path, database, commits, insert, names } = open(t);
  await commits.submit(() => insert.run('one', null), { erase: true });
  t.is(statSync(`${path}-wal`).size, 0);
  // A statement under way keeps the log from being emptied.
  const real = database.pragma.bind(database);
  database.pragma = () => [{ busy: 1, log: 1, checkpointed: 0 }];
  const both = [
    commits.submit(() => insert.run('two', null), { erase: true }),
    commits.submit(() => insert.run('three', null), {}),
  ];
  t.deepEqual(await Promise.all(both.map(kindOf)), ['internal', 'done']);
  t.true(statSync(`${path}-wal`).size > 0);
  database.pragma = real;
  await commits.submit(() => insert.run('four', null), {});
  t.is(statSync(`${path}-wal`).size, 0);
  t.deepEqual(names(), ['one', 'two', 'three', 'four']);
  t.true(existsSync(path));
});

test('what is submitted to a closed database is refused', async (t) => {
  const { database, commits } = open(t);
  database.close();
  await t.throwsAsync(commits.submit(() => 1, {}));
});

const noted = (operation: string): AuditEntry => ({
  by: 'server',
  name: '',
  address: '',
  operation,
  outcome: 'success',
});

test('what changes note is kept inside the transaction, without what was undone, and undoes it where it cannot be kept', async (t) => {
  const { database, commits, insert, names } = open(t);
  const told: unknown[] = [];
  let full = false;
  commits.closeWith({
    keep(notes) {
      if (full) throw new EdgeError('storage-full', 'no room for the record');
      told.push(['keep', database.inTransaction, ...notes.map(({ operation }) => operation)]);
    },
    settled: (notes, durable) => told.push([durable, database.inTransaction, ...notes.map((note) => note.operation)]),
  });
  const write = (name: string) =>
    commits.submit(() => {
      commits.note(noted(name));
      insert.run(name, null);
    }, {});
  t.deepEqual(
    await Promise.all(['a', 'b', 'a', 'c'].map((name) => kindOf(write(name)))).then(
      (all) => all.filter((kind) => kind === 'done').length,
    ),
    3,
  );
  t.deepEqual(told, [
    ['keep', true, 'a', 'b', 'c'],
    [true, false, 'a', 'b', 'c'],
  ]);
  full = true;
  t.is(await kindOf(write('d')), 'storage-full');
  t.deepEqual(told[2], [false, false, 'd']);
  t.deepEqual(names(), ['a', 'b', 'c']);
});

test('a change that may wait shares its commit with what comes within a moment, and goes at once with one that may not', async (t) => {
  const { commits, insert, names } = open(t);
  const groups: number[] = [];
  let changes = 0;
  commits.closeWith({ keep: () => undefined, settled: () => void groups.push(changes) });
  const write = (name: string, lingers: boolean) =>
    commits.submit(
      () => {
        changes += 1;
        insert.run(name, null);
      },
      { lingers },
    );
  const first = write('a', true);
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([first, write('b', true)]);
  t.deepEqual(groups, [2]);
  const waiting = write('c', true);
  await write('d', false);
  t.deepEqual(groups, [2, 4]);
  await waiting;
  const last = write('e', true);
  commits.drain();
  t.deepEqual(names(), ['a', 'b', 'c', 'd', 'e']);
  await last;
});
