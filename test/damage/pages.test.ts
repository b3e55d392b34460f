// A page of a table that no key depends on, which the disk has lost, is no reason to serve no keys after a restart.

import { cpSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { Output } from '../../src/admin/api/table.ts';
import { messageOf } from '../../src/errors.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { type ClientFiles, startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { openPki } from '../trust/pki.ts';
import { damagePage } from './kit.ts';

/** Those whose damage the start or the status meets, and says. */
const said = [
  'alarm',
  'api_token',
  'audit_checkpoint',
  'audit_segment',
  'backup_run',
  'client_root',
  'history',
  'move',
  'restoration',
  'seen_client',
] as const;
const unsaid = [
  'audit_forwarded',
  'client_use',
  'key_count',
  'key_use',
  'not_moved',
  'pending_create',
  'removal',
  'undecided',
  'use_since',
] as const;

const backups = (destination: string) => ({
  'backup.destination': destination,
  'backup.recipients': `age1${'q'.repeat(58)}`,
});

let before: { readonly directory: string; readonly client: ClientFiles; readonly uid: string; readonly key: Buffer };

const endings: (() => unknown)[] = [];
test.before('a server has a key and trusts a root', async () => {
  const t = { teardown: (end: () => unknown) => void endings.push(end) };
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=CA' });
  const first = await startServer(t);
  const client = await first.connect();
  const uid = await createKey(client);
  const key = await getKey(client, uid);
  const trusted = { name: 'vcenter', certificate: root.certificate, subjects: ['CN=vc01'] };
  await first.api('root.trust', { instance: 'default', ...trusted });
  await first.close();
  before = { directory: first.dataDirectory, client: first.client, uid, key };
});

test.after.always('what it left is removed', async () => {
  for (const end of endings.reverse()) await end();
});

/** A copy that has lost a page. */
const damagedCopy = (t: ExecutionContext, table: string): string => {
  const dataDirectory = join(temporaryDirectory(t), 'data');
  cpSync(before.directory, dataDirectory, { recursive: true });
  damagePage(dataDirectory, table);
  return dataDirectory;
};

for (const table of [...said, ...unsaid]) {
  test(`with a page of ${table} lost, the server starts and serves`, async (t) => {
    const dataDirectory = damagedCopy(t, table);
    const log = createMemoryLog();
    // Then a schedule would look at the runs.
    const settings = table === 'backup_run' ? backups(temporaryDirectory(t)) : {};
    const server = await startServer(t, { dataDirectory, log, settings });
    t.deepEqual(await getKey(await server.connect(before.client), before.uid), before.key);
    const status = await server.api('status', {});
    t.true(status.ready);
    await server.api('instance.list', {});
    await server.api('client.list', {});
    if (!said.some((one) => one === table)) return;
    const what = `table ${table}`;
    const lines = log.lines.filter(({ event }) => event === 'stored data is damaged and left out');
    t.deepEqual(
      lines.map(({ level, fields }) => [level, fields['damaged']]),
      [['error', what]],
    );
    t.like(
      status.alarms.find(({ name }) => name === 'data-damaged'),
      { subject: what, command: 'kmip-edge doctor' },
    );
  });
}

for (const table of ['audit_segment', 'audit_checkpoint']) {
  test(`the verification of the audit trail tells of a lost page of ${table}`, async (t) => {
    const server = await startServer(t, { dataDirectory: damagedCopy(t, table) });
    t.regex(await verify(server), /the database is damaged/);
  });
}

/** Why it could not be verified. */
const verify = async (server: TestServer): Promise<string> => {
  try {
    let view: Output['audit.status']['verification'] = await server.api('audit.verify', {});
    while (view?.running) view = (await server.api('audit.status', {})).verification;
    return view?.problem ?? '';
  } catch (error) {
    return messageOf(error);
  }
};
