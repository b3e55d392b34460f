// A sealed record that no key depends on, and that does not open any more, is no reason to serve no keys after a restart.

import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { withDatabase } from '../custody/kit.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusal } from '../kit/refusal.ts';
import { type ClientFiles, startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { damageRecord } from './kit.ts';

interface Row {
  readonly name: string;
  /** It is stored anew by what is said of it here, and then no more an alarm. */
  readonly mend: (t: ExecutionContext, server: TestServer) => Promise<unknown>;
}

const certificateOf = (server: TestServer) => server.api('certificate.show', {});
const authority = 'certificate-authority';
const rows: readonly Row[] = [
  {
    name: 'machine',
    async mend(t, server) {
      t.is((await server.api('seal.show', {})).data.machine, 'unknown');
      t.is((await server.api('seal.adopt', {})).data.machine, 'own');
    },
  },
  {
    name: 'server-certificate next',
    async mend(t, server) {
      t.is((await certificateOf(server)).next, undefined);
      t.truthy((await server.api('certificate.renew', {})).next);
    },
  },
  {
    name: 'server-certificate request',
    async mend(t, server) {
      t.is((await certificateOf(server)).request, undefined);
      await server.api('certificate.request', {});
    },
  },
  {
    name: authority,
    async mend(t, server) {
      t.regex((await certificateOf(server)).authority.subject, /damaged/);
      const issue = server.api('client.issue', { instance: 'default', name: 'other' });
      t.regex(await refusal(t, issue), /the certificate authority cannot be read/);
      await refusal(t, server.api('certificate.renew', {}));
      t.truthy((await server.api('certificate.renew', { newAuthority: true })).next);
      await server.api('client.issue', { instance: 'default', name: 'other' });
    },
  },
];

const endings: (() => unknown)[] = [];
let before: { readonly directory: string; readonly client: ClientFiles; readonly uid: string; readonly key: Buffer };
let environment: NodeJS.ProcessEnv;

test.before('a server has a key', async () => {
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  const machine = join(temporaryDirectory(t), 'machine.json');
  writeFileSync(machine, JSON.stringify({ id: '0123456789abcdef', credential: 'disk', problem: '' }));
  environment = { KMIP_EDGE_MACHINE: machine };
  const first = await startServer(t, { environment });
  const client = await first.connect();
  const uid = await createKey(client);
  before = { directory: first.dataDirectory, client: first.client, uid, key: await getKey(client, uid) };
  await first.close();
});

test.after.always('what it left is removed', async () => {
  for (const end of endings.reverse()) await end();
});

const sealedIn = (dataDirectory: string, name: string): Buffer | undefined =>
  withDatabase(dataDirectory, (database) =>
    database.prepare<[string], Buffer>('SELECT sealed FROM vault WHERE name = ?').pluck().get(name),
  );

/** Starts on a copy whose record is damaged, and sees that it serves. */
const startDamaged = async (t: ExecutionContext, name: string) => {
  const dataDirectory = join(temporaryDirectory(t), 'data');
  cpSync(before.directory, dataDirectory, { recursive: true });
  damageRecord(dataDirectory, name);
  const damaged = sealedIn(dataDirectory, name);
  const log = createMemoryLog();
  const server = await startServer(t, { dataDirectory, environment, log });
  t.deepEqual(await getKey(await server.connect(before.client), before.uid), before.key);
  const alarms = async () => (await server.api('status', {})).alarms.filter((one) => one.name === 'data-damaged');
  return { server, log, alarms, damaged };
};

for (const name of [...rows.map((row) => row.name), 'appliance']) {
  test(`with a record of ${name} that does not open, the server serves, says so and keeps the record`, async (t) => {
    const { server, log, alarms, damaged } = await startDamaged(t, name);
    const lines = log.lines.filter(({ event }) => event === 'stored data is damaged and left out');
    t.deepEqual(
      lines.map(({ level, fields }) => [level, fields['damaged']]),
      [['error', `record ${name}`]],
    );
    t.deepEqual(
      (await alarms()).map(({ subject }) => subject),
      [`record ${name}`],
    );
    await server.close();
    t.deepEqual(sealedIn(server.dataDirectory, name), damaged);
  });
}

for (const { name, mend } of rows) {
  test(`a record of ${name} that does not open is replaced when somebody asks for it`, async (t) => {
    const { server, alarms } = await startDamaged(t, name);
    await mend(t, server);
    t.deepEqual(await alarms(), []);
    await server.close();
    const again = await startServer(t, { dataDirectory: server.dataDirectory, environment });
    t.deepEqual(
      (await again.api('status', {})).alarms.filter((one) => one.name === 'data-damaged'),
      [],
    );
  });
}

test('a key or head of the audit trail that does not open is said in the log, and keys are served', async (t) => {
  for (const name of ['audit trail key', 'audit trail head']) {
    const { server, log } = await startDamaged(t, name);
    t.true(log.lines.some(({ level, event }) => level === 'error' && /audit trail/.test(event)));
    await server.close();
  }
});
