// What lives on in a restored appliance beside its keys: the recorded sessions of vCenter, the audit trail, and the step
// with a KMIP endpoint that went on without it.

import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { runHere } from '../cli/here.ts';
import { haveRecordings, recordedUid } from '../conformance/recordings.ts';
import { createdBy, runConnection } from '../conformance/replay.ts';
import { activateKey, createKey, getKey } from '../custody/requests.ts';
import { startServer, type TestServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { until } from '../kit/until.ts';
import { startRegion } from '../regional/kit.ts';

/** Makes a backup of `server`; gives how to restore it into a directory of its own. */
const backUp = async (t: ExecutionContext, server: TestServer) => {
  const folder = temporaryDirectory(t);
  const [file, key] = [join(folder, 'edge.age'), join(folder, 'private.key')];
  const { stdout: recipient } = await runHere(['backup', 'keygen', key]);
  const made = await runHere(['backup', file, '--recipient', recipient.trim(), '--data', server.dataDirectory]);
  t.is(made.code, 0, made.stderr);
  return async (): Promise<string> => {
    const directory = temporaryDirectory(t);
    const restored = await runHere(['restore', file, '--identity-file', key, '--data', directory]);
    t.is(restored.code, 0, restored.stderr);
    return directory;
  };
};

const recordedTest = haveRecordings ? test.serial : test.skip;

recordedTest(
  'a session of vCenter that began before the backup goes on after the restore, bytes and all',
  async (t) => {
    const server = await startServer(t);
    const before = { port: server.port, client: server.client };
    const created = await runConnection(t, before, ['discover_versions_minimal', 'create_symmetric_key'], recordedUid);
    const uid = createdBy(created ?? Buffer.alloc(0));
    const bytes = await getKey(await server.connect(), uid);
    const restore = await backUp(t, server);
    await server.close();
    const next = await startServer(t, { dataDirectory: await restore() });
    t.is(next.running.certificate.sha256, server.running.certificate.sha256);
    const after = { port: next.port, client: before.client };
    const rest = [
      ['discover_versions_minimal', 'get_object', 'get_attributes_state', 'activate_object'],
      ['discover_versions_minimal', 'get_attributes_vendor', 'add_attribute_batch'],
      ['discover_versions_minimal', 'create_symmetric_key'],
    ];
    await Promise.all(rest.map((names) => runConnection(t, after, names, uid)));
    t.deepEqual(await getKey(await next.connect(before.client), uid), bytes);
  },
);

test.serial(
  'the audit trail goes on from where the backup ended, says that it was restored, and verifies',
  async (t) => {
    const server = await startServer(t);
    const client = await server.connect();
    await createKey(client);
    const restore = await backUp(t, server);
    const { last } = await server.api('audit.status', {});
    await createKey(client);
    await server.close();
    const next = await startServer(t, { dataDirectory: await restore() });
    const { stdout } = await runHere([
      'audit',
      'list',
      '--event',
      'kmip-edge.server.restored',
      '--json',
      '--data',
      next.dataDirectory,
    ]);
    t.regex(stdout, /"asOf": "20/);
    const status = await next.api('audit.status', {});
    t.true(status.last <= last + 10);
    const verified = await runHere(['audit', 'verify', '--data', next.dataDirectory]);
    t.is(verified.code, 0, verified.stderr);
    await next.close();
    // It is told once.
    const third = await startServer(t, { dataDirectory: next.dataDirectory });
    const again = await runHere([
      'audit',
      'list',
      '--event',
      'kmip-edge.server.restored',
      '--json',
      '--data',
      third.dataDirectory,
    ]);
    t.is(again.stdout.match(/"asOf"/g)?.length, 1);
  },
);

test.serial(
  'keys that were made at a KMIP endpoint after the backup are found there again, and none is destroyed',
  async (t) => {
    const region = await startRegion(t);
    const early = await createKey(region.client);
    const restore = await backUp(t, region.server);
    const late = await createKey(region.client);
    await activateKey(region.client, late);
    const bytes = [await getKey(region.client, early), await getKey(region.client, late)];
    await region.server.close();
    const next = await startServer(t, { dataDirectory: await restore() });
    const client = await next.connect(region.files);
    t.deepEqual(await getKey(client, early), bytes[0]);
    await until(
      async () => (await getKey(client, late).catch(() => undefined))?.equals(bytes[1] ?? Buffer.alloc(0)) ?? false,
    );
    t.is(region.simulator.executed.Destroy, 0);
  },
);
