// Updates from an administrator's side: a bundle goes up through the management API in pieces, and what is asked for reaches
// the part of the appliance that installs it; how it ended is told by the command line, the alarms and the audit trail.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { pieceBytes } from '../../src/admin/api/updates.ts';
import { schemaVersion } from '../../src/store/sqlite/migrations.ts';
import { bundleName } from '../../src/update/request.ts';
import { version } from '../../src/version.ts';
import { answering, runHere } from '../cli/here.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { imageOf, makeBundle, updateKeyPair } from './bundle-kit.ts';
import { FakeRoot } from './fake-root.ts';

const pair = updateKeyPair();
const running = { version, schema: schemaVersion };
const next = { version: '9.0.0', schema: schemaVersion };

const startAppliance = async (t: ExecutionContext) => {
  const directory = temporaryDirectory(t);
  const root = new FakeRoot(directory, pair, running);
  const server = await startServer(t, { updatePlaces: root.places });
  const watching = root.watch();
  t.teardown(async () => {
    root.end();
    await watching;
  });
  const cli = (line: string, answer?: string) =>
    runHere([...line.split(' '), '--data', server.dataDirectory], {}, answering(answer));
  return { directory, root, server, cli };
};

test('an update is applied by the command line', async (t) => {
  const { directory, root, cli, server } = await startAppliance(t);
  const image = imageOf(380_000);
  const { path } = await makeBundle(directory, pair.privateKey, { ...next, image });
  const { code, stdout, stderr } = await cli(`update apply ${path}`, 'yes');
  t.is(code, 0, stderr);
  t.regex(stderr, new RegExp(`kmip-edge ${version.replaceAll('.', '\\.')} is replaced`));
  t.regex(stdout, /the appliance restarts into it/);
  t.deepEqual(root.disk.slots.b.subarray(0, image.length), image);
  t.deepEqual(root.disk.environment, { slot: 'a', trial: 'b' });
  t.like(root.state.pending(), { kind: 'update', slot: 'b', ...next, from: version });
  t.like(await server.api('update.show', {}), { supported: true, version, stage: 'restarting' });
  // While it restarts, nothing else begins.
  t.is((await cli(`update apply ${path} --yes`)).code, 5);
});

test('what is not confirmed with yes changes nothing', async (t) => {
  const { directory, root, cli } = await startAppliance(t);
  const { path } = await makeBundle(directory, pair.privateKey, next);
  for (const answer of ['no', '', undefined]) {
    const { code } = await cli(`update apply ${path}`, answer);
    t.is(code, 2);
  }
  t.is(root.disk.steps, 0);
});

test('a bundle of a stranger is refused at once, and forgotten', async (t) => {
  const { directory, root, cli } = await startAppliance(t);
  const { path } = await makeBundle(directory, updateKeyPair().privateKey, next);
  const { code, stderr } = await cli(`update apply ${path} --yes`);
  t.is(code, 6);
  t.regex(stderr, /not signed by a key that this appliance knows/);
  t.is(root.disk.steps, 0);
  t.throws(() => readFileSync(join(root.places.fromServer, bundleName)), { code: 'ENOENT' });
});

test('what the installing part refuses is told with its reason, and stands among the alarms', async (t) => {
  const { directory, cli, server } = await startAppliance(t);
  const { path } = await makeBundle(directory, pair.privateKey, { version: '0.0.1', minimumVersion: '0.0.1' });
  const { code, stderr } = await cli(`update apply ${path} --yes`);
  t.is(code, 5);
  t.regex(stderr, /the update is kmip-edge 0\.0\.1/);
  t.regex((await cli('update status')).stdout, /problem: +the update is kmip-edge 0\.0\.1/);
  const view = await server.api('update.show', {});
  t.is(view.problem?.kind, 'wrong-state');
});

test('a large bundle goes up in pieces, and only those that follow are taken', async (t) => {
  const { server } = await startAppliance(t);
  const piece = Buffer.alloc(pieceBytes, 7).toString('base64');
  await server.api('update.upload', { size: 2 * pieceBytes + 1 });
  await server.api('update.piece', { offset: 0, bytes: piece });
  await t.throwsAsync(server.api('update.piece', { offset: 0, bytes: piece }), { message: /a piece begins at 0/ });
  const view = await server.api('update.piece', { offset: pieceBytes, bytes: piece });
  t.deepEqual(view, { received: 2 * pieceBytes, size: 2 * pieceBytes + 1 });
  await t.throwsAsync(server.api('update.apply', {}), { message: /2097152 of 2097153 bytes/ });
  await t.throwsAsync(server.api('update.piece', { offset: 2 * pieceBytes, bytes: piece }), {
    message: /not what is left/,
  });
  const tooLong = Buffer.alloc(pieceBytes + 3).toString('base64');
  await t.throwsAsync(server.api('update.piece', { offset: 2 * pieceBytes, bytes: tooLong }), {
    message: /bytes|large/,
  });
});

test('pieces are not acts of their own in the audit trail; the beginning and the end are', async (t) => {
  const { directory, server, cli } = await startAppliance(t);
  const { path } = await makeBundle(directory, pair.privateKey, next);
  await cli(`update apply ${path} --yes`);
  const { stdout } = await runHere(['audit', 'list', '--data', server.dataDirectory, '--json']);
  t.regex(stdout, /update\.upload/);
  t.regex(stdout, /update\.apply/);
  t.notRegex(stdout, /update\.piece/);
});

test('an update that gave way is told: in the status, as an alarm, and once in the audit trail', async (t) => {
  const directory = temporaryDirectory(t);
  const root = new FakeRoot(directory, pair, running);
  const last = {
    kind: 'update',
    version: '9.0.0',
    from: version,
    outcome: 'returned',
    at: new Date().toISOString(),
    problem: 'its server does not start',
  } as const;
  root.state.setRecord({ running: 'a', slots: { a: running, b: next }, last });
  const dataDirectory = join(directory, 'data');
  for (let start = 0; start < 2; start += 1) {
    const server = await startServer(t, { updatePlaces: root.places, dataDirectory });
    t.deepEqual((await server.api('update.show', {})).last, last);
    const alarms = await server.api('alarm.list', {});
    const [alarm] = alarms.filter(({ name }) => name === 'update-returned');
    t.regex(alarm?.what ?? '', /9\.0\.0 was tried and .* runs again: its server does not start/);
    const { stdout } = await runHere(['audit', 'list', '--data', dataDirectory, '--json']);
    t.is(stdout.match(/"operation":\s*"update\.returned"/g)?.length, 1);
    const status = await runHere(['update', 'status', '--data', dataDirectory]);
    t.regex(status.stdout, /was given up .*: its server does not start/);
    t.regex(status.stdout, /other system: +9\.0\.0/);
    await server.close();
  }
});

test('a return is asked for by the command line', async (t) => {
  const { root, cli } = await startAppliance(t);
  t.regex((await cli('update return --yes')).stderr, /no other system/);
  root.state.setRecord({ running: 'a', slots: { a: running, b: { version: '0.0.9', schema: schemaVersion } } });
  const { code, stderr } = await cli('update return', 'yes');
  t.is(code, 0, stderr);
  t.regex(stderr, /0\.0\.9 starts instead of/);
  t.like(root.state.pending(), { kind: 'return', version: '0.0.9' });
  t.is(root.disk.environment['trial'], 'b');
});

test('without the appliance nothing is taken up, and it is said what to do instead', async (t) => {
  const server = await startServer(t);
  t.like(await server.api('update.show', {}), { supported: false, version, stage: 'idle' });
  const { code, stderr } = await runHere(['update', 'apply', 'package.json', '--yes', '--data', server.dataDirectory]);
  t.is(code, 2);
  t.regex(stderr, /this is not the appliance[\s\S]*install the new version in its place/);
});

test('what a server before had taken up is forgotten by the next one', async (t) => {
  const directory = temporaryDirectory(t);
  const root = new FakeRoot(directory, pair, running);
  const dataDirectory = join(directory, 'data');
  const server = await startServer(t, { updatePlaces: root.places, dataDirectory });
  await server.api('update.upload', { size: 100 });
  const file = join(root.places.fromServer, bundleName);
  t.is(readFileSync(file).length, 0);
  await server.close();
  writeFileSync(file, 'left behind');
  await startServer(t, { updatePlaces: root.places, dataDirectory });
  t.throws(() => readFileSync(file), { code: 'ENOENT' });
});
