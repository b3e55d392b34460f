// The trial of a new system, with everything but the machine: a real database on a real directory, and a server that a test
// plays. What speaks against the system is found, nothing of the real data is touched, and nothing is left behind.

import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import type { Output } from '../../src/admin/api/table.ts';
import { fileNames } from '../../src/backup/manifest.ts';
import { migrate, schemaVersion } from '../../src/store/sqlite/migrations.ts';
import { eraseCopy } from '../../src/update/copies.ts';
import { type Run, type TrialParts, tryOut } from '../../src/update/trial.ts';
import { dataDirectory, trialUnit } from '../../src/update/trial-unit.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const version = '0.2.0';
const oldSchema = schemaVersion - 1;

const makeDatabase = (path: string): void => {
  const database = new Sqlite(path);
  database.pragma('journal_mode = WAL');
  migrate(database, oldSchema);
  database.exec("INSERT INTO vault (name, sealed) VALUES ('one', x'00'), ('two', x'00')");
  database.close();
};

interface World {
  readonly parts: TrialParts;
  readonly ran: string[];
  readonly data: string;
  readonly directory: string;
}

const answers: Readonly<Record<string, string>> = {
  'du --bytes': '4096\t.\n',
  'systemctl cat': '[Service]\nType=notify\nExecStart=/usr/bin/kmip-edge serve\n',
  'systemctl show': '4711\n',
  'journalctl --boot': 'line 1\nError: this system is broken\n    at somewhere\n\n',
};

interface Played {
  /** What the new server does to the copy. */
  readonly onStart?: (database: string) => void;
  readonly status?: Partial<Output['status']>;
  readonly handshake?: string;
  /** The server closes the connection before OpenSSL does. */
  readonly isSentAway?: true;
}

const makeWorld = (
  t: ExecutionContext,
  { onStart, status, handshake = 'BEGIN CERTIFICATE', isSentAway }: Played = {},
): World => {
  const root = temporaryDirectory(t);
  const [data, directory, units] = ['data', 'update', 'units'].map((name) => join(root, name)) as [
    string,
    string,
    string,
  ];
  for (const place of [data, directory, units, join(data, 'update'), join(data, 'clients')]) mkdirSync(place);
  makeDatabase(join(data, fileNames.database));
  writeFileSync(join(data, 'update', 'incoming.update'), 'large');
  writeFileSync(join(data, 'clients', 'client.pem'), 'a client');
  const ran: string[] = [];
  const started = (database: string): void => {
    const opened = new Sqlite(database);
    migrate(opened);
    opened.close();
  };
  const run: Run = async (program, args) => {
    ran.push([program, ...args].join(' '));
    const line = `${program} ${args[0] ?? ''}`;
    if (program === 'cp') {
      const [target = '', ...sources] = args.slice(2).toReversed();
      for (const source of sources)
        await cp(source, join(target, source.split('/').at(-1) ?? ''), { recursive: true, verbatimSymlinks: true });
    }
    if (line === 'systemctl start') (onStart ?? started)(join(directory, 'trial', fileNames.database));
    if (program === 'nsenter' && isSentAway) throw Object.assign(new Error('eof'), { stdout: handshake });
    return program === 'nsenter' ? handshake : (answers[line] ?? '');
  };
  const found = {
    ready: true,
    version,
    kmip: { host: '0.0.0.0', port: 5696, connections: 0 },
    instances: [],
    ...status,
  };
  const parts = { run, status: async () => found, data, directory, units, version };
  return { parts, ran, data, directory };
};

const contentOf = (directory: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), 'hex')]),
  );

test('a system that is well passes; the real data stays as it was, and the database from before is kept', async (t) => {
  const { parts, ran, data, directory } = makeWorld(t);
  const before = contentOf(data);
  await tryOut(parts);
  t.deepEqual(contentOf(data), before);
  t.deepEqual(readdirSync(directory), ['before']);
  const kept = new Sqlite(join(directory, 'before', fileNames.database), { readonly: true });
  t.is(kept.pragma('user_version', { simple: true }), oldSchema);
  kept.close();
  t.deepEqual(readdirSync(parts.units), []);
  t.true(ran.some((line) => line.startsWith('nsenter --net=/proc/4711/ns/net timeout 30 openssl s_client')));
  t.true(ran.every((line) => !line.includes('incoming.update')));
});

test('where the database keeps its shape no copy is kept: what is destroyed later must be gone', async (t) => {
  const { parts, directory } = makeWorld(t, { onStart: () => undefined });
  await tryOut(parts);
  t.false(existsSync(join(directory, 'before')));
});

test('a server that sends OpenSSL away after the handshake has answered it', async (t) => {
  const { parts } = makeWorld(t, { isSentAway: true });
  await t.notThrowsAsync(tryOut(parts));
});

const refuse = (): never => {
  throw new Error('Job for kmip-edge-trial-server.service failed');
};

const spoil = (database: string): void => {
  const opened = new Sqlite(database);
  opened.exec("DELETE FROM vault WHERE name = 'one'");
  opened.close();
};

/** Opens every file of a folder; what is left in it can be read when its name has gone. */
const opened = (directory: string): ReadonlyMap<string, number> =>
  new Map(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => [name, openSync(join(parentPath, name), 'r')]),
  );

test('what the copies held is written over before their names go', async (t) => {
  let files: ReadonlyMap<string, number> = new Map();
  const world = makeWorld(t, {
    onStart: () => {
      files = opened(join(world.directory, 'trial'));
    },
  });
  writeFileSync(join(world.data, 'storage-key.credential'), 'planted secret', { mode: 0o600 });
  await tryOut(world.parts);
  t.deepEqual([...files.keys()].toSorted(), ['client.pem', fileNames.database, 'storage-key.credential']);
  for (const [name, file] of files) {
    t.false(
      readFileSync(file).some((byte) => byte !== 0),
      name,
    );
    closeSync(file);
  }
});

test('a large file that is no database, such as a backup, costs a trial no second writing', (t) => {
  const directory = join(temporaryDirectory(t), 'copy');
  mkdirSync(directory);
  writeFileSync(join(directory, 'one.backup'), Buffer.alloc(1024 * 1024 + 1, 'x'));
  const file = openSync(join(directory, 'one.backup'), 'r');
  eraseCopy(directory);
  t.false(existsSync(directory));
  t.true(readFileSync(file).includes('x'));
  closeSync(file);
  t.notThrows(() => eraseCopy(directory));
});

const traps: readonly (readonly [what: string, set: (data: string, elsewhere: string) => void, problem: RegExp])[] = [
  [
    'a link to another file',
    (data, elsewhere) => {
      rmSync(join(data, fileNames.database));
      makeDatabase(elsewhere);
      symlinkSync(elsewhere, join(data, fileNames.database));
    },
    /no plain file/,
  ],
  [
    'a rollback journal, which can have any file removed',
    (data) => writeFileSync(join(data, `${fileNames.database}-journal`), 'names a file'),
    /has a rollback journal/,
  ],
];
for (const [what, set, problem] of traps) {
  test(`a server that was broken into cannot have root open ${what}`, async (t) => {
    const { parts, data, directory, ran } = makeWorld(t);
    set(data, join(temporaryDirectory(t), 'elsewhere'));
    await t.throwsAsync(tryOut(parts), { message: problem });
    t.false(ran.some((line) => line.startsWith('systemctl start')));
    t.deepEqual(readdirSync(directory), []);
  });
}

const failures: readonly (readonly [what: string, played: Played, problem: RegExp])[] = [
  ['whose server does not start', { onStart: refuse }, /its server does not start: Error: this system is broken$/],
  ['whose server is not ready', { status: { ready: false } as never }, /says that it is not ready/],
  ['whose server is another version', { status: { version: '0.1.0' } }, /is kmip-edge 0\.1\.0/],
  ['that answers no handshake', { handshake: 'connect:errno=111' }, /answers no TLS handshake/],
  ['that ends the handshake without a certificate', { handshake: '', isSentAway: true }, /answers no TLS handshake/],
  ['that loses a row', { onStart: spoil }, /has 1 rows of vault instead of 2/],
  [
    'that ruins the database',
    { onStart: (database) => writeFileSync(database, 'ruined'.repeat(2000)) },
    /cannot be read/,
  ],
];
for (const [what, played, problem] of failures) {
  test(`a system ${what} is not confirmed, and leaves nothing behind`, async (t) => {
    const { parts, data, directory, ran } = makeWorld(t, played);
    const before = contentOf(data);
    await t.throwsAsync(tryOut(parts), { message: problem });
    t.deepEqual(contentOf(data), before);
    t.deepEqual([readdirSync(directory), readdirSync(parts.units)], [[], []]);
    t.is(ran.at(-1), 'systemctl stop kmip-edge-trial-server.service');
  });
}

test("the trial's unit is the server's, but for where it is and who can reach it", (t) => {
  const server = readFileSync('appliance/etc/systemd/system/kmip-edge.service', 'utf8');
  const dropIn =
    '# /run/systemd/system/kmip-edge.service.d/more.conf\n[Unit]\nAfter=x\n[Service]\nEnvironment=A=b\nSockets=s\n';
  const unit = trialUnit(`${server}\n${dropIn}`, '/data/update/trial');
  const lines = unit.split('\n');
  for (const line of server
    .split('\n')
    .filter((text) => /^(Load|User|Exec|Protect|Restrict|System|No|Cap)/.test(text))) {
    t.true(lines.includes(line), line);
  }
  for (const line of [
    'PrivateNetwork=yes',
    `BindPaths=/data/update/trial:${dataDirectory}`,
    'Restart=no',
    'Environment=A=b',
  ]) {
    t.true(lines.includes(line), line);
  }
  for (const name of ['Sockets', 'WantedBy', 'Requires=', 'Restart=always', 'After=x'])
    t.false(unit.includes(name), name);
});
