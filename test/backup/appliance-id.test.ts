// Whose backups they are stays the same when the certificate authority does not, in an appliance that was restored, and in
// one whose database is from before that was written down.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readBackupName } from '../../src/backup/names.ts';
import { readCertificate } from '../../src/ca/certificate.ts';
import { runHere } from '../cli/here.ts';
import { withDatabase } from '../custody/kit.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';

const madeInThisSecond = (name: string): boolean => Date.now() - (readBackupName(name)?.at ?? 0) < 1_000;

const setUp = async (t: ExecutionContext) => {
  const folder = temporaryDirectory(t);
  const [destination, key] = [join(folder, 'backups'), join(folder, 'private.key')];
  mkdirSync(destination);
  const { stdout: recipient } = await runHere(['backup', 'keygen', key]);
  const settings = { 'backup.destination': destination, 'backup.recipients': recipient.trim() };
  const start = (dataDirectory = temporaryDirectory(t)) => startServer(t, { dataDirectory, settings });
  const names = (): readonly string[] => readdirSync(destination).toSorted();
  const backUp = async (server: TestServer): Promise<void> => {
    const running = async () => (await server.api('backup.job', {})).job?.running === true;
    await until(async () => !(await running()));
    // Names have whole seconds: each backup needs a second of its own.
    await until(() => !names().some(madeInThisSecond));
    await server.api('backup.now', {});
    await until(async () => !(await running()));
  };
  return { destination, key, start, names, backUp };
};

const renewAuthority = async (t: ExecutionContext, server: TestServer): Promise<void> => {
  const before = (await server.api('certificate.show', {})).authority.sha256;
  const { next } = await server.api('certificate.renew', { newAuthority: true });
  await server.api('certificate.activate', { sha256: next?.sha256 ?? '' });
  t.not((await server.api('certificate.show', {})).authority.sha256, before);
};

/** The appliances that the names are of. */
const appliances = (names: readonly string[]): readonly string[] => [
  ...new Set(names.map((name) => readBackupName(name)?.appliance ?? name)),
];

test('with a new authority the old backups are this appliance’s still, and a restored one makes the next', async (t) => {
  const { destination, key, start, names, backUp } = await setUp(t);
  const server = await start();
  await backUp(server);
  await renewAuthority(t, server);
  await server.close();
  const again = await start(server.dataDirectory);
  await backUp(again);
  t.is(appliances(names()).length, 1, names().join(' '));
  t.deepEqual((await again.api('backup.list', {})).map(({ name }) => name).toSorted(), names());
  await again.close();
  const directory = temporaryDirectory(t);
  const file = join(destination, names().at(-1) ?? '');
  const restored = await runHere(['restore', file, '--identity-file', key, '--data', directory]);
  t.is(restored.code, 0, restored.stderr);
  const next = await start(directory);
  await backUp(next);
  t.is(appliances(names()).length, 1, names().join(' '));
});

test('where nothing is written down yet, the authority of now gives the id, and it stays', async (t) => {
  const { start, names, backUp } = await setUp(t);
  const server = await start();
  const { authorityPem } = await server.api('client.issue', { instance: 'default', name: 'one' });
  await server.close();
  withDatabase(server.dataDirectory, (database) => database.exec("DELETE FROM vault WHERE name = 'appliance'"));
  const again = await start(server.dataDirectory);
  await renewAuthority(t, again);
  await again.close();
  await backUp(await start(server.dataDirectory));
  t.deepEqual(appliances(names()), [readCertificate(authorityPem).fingerprintSha256.slice(0, 12)]);
});
