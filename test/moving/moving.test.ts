// Moving house: identifiers, bytes, states, dates and attributes stay the same, whatever is cut, stopped or destroyed on
// the way.

import test, { type ExecutionContext } from 'ava';
import { settingsFor as keyProtectSettings, withDatabase } from '../custody/kit.ts';
import { createKey, destroyKey, getKey } from '../custody/requests.ts';
import { refusal } from '../kit/refusal.ts';
import { startServer } from '../kit/server.ts';
import { until } from '../kit/until.ts';
import { startRegion } from '../regional/kit.ts';
import { look, makeKeys, moved, startKeyProtect, stateOf } from './kit.ts';

const fromRegion = async (t: ExecutionContext, count = 8) => {
  const region = await startRegion(t);
  const cloud = await startKeyProtect(t);
  const uids = await makeKeys(region.client, count);
  return { region, cloud, uids, before: await look(region.client, uids) };
};

test('keys move from a KMIP endpoint to Key Protect, and vCenter notices nothing', async (t) => {
  const { region, cloud, uids, before } = await fromRegion(t);
  const unseen = region.simulator.makeKey();
  const settings = keyProtectSettings(cloud);
  await region.server.api('instance.migrate', { name: 'region', to: 'key-protect', settings });
  const view = await moved(region.server, 'region');
  t.like(view, { state: 'done', from: 'kmip', to: 'key-protect', total: uids.length + 1, notMoved: 0 });
  t.is(view.moved, uids.length + 1);
  await region.simulator.close();
  t.deepEqual(await look(region.client, uids), before);
  t.deepEqual(await getKey(region.client, unseen.uid), unseen.material);
  const made = await createKey(region.client);
  const { keys } = await region.server.api('instance.migrate.report', { name: 'region' });
  t.true(keys.every((key) => key.moved && key.problem === ''));
  t.is(keys.length, uids.length + 2);
  await region.server.api('instance.migrate.finish', { name: 'region' });
  t.is((await region.instance()).upstream, 'key-protect');
  await region.restart();
  t.deepEqual(await look(region.client, uids), before);
  t.is((await getKey(region.client, made)).length, 32);
  t.regex(await refusal(t, stateOf(region.server, 'region')), /no keys of 'region' are moving/);
});

test('until a move is finished the certificate at the endpoint is watched and renewed, and then forgotten', async (t) => {
  const { region, cloud } = await fromRegion(t, 1);
  const { server, simulator } = region;
  await server.api('instance.migrate', { name: 'region', to: 'key-protect', settings: keyProtectSettings(cloud) });
  await moved(server, 'region');
  const { endings } = await server.api('status', {});
  t.deepEqual(
    endings.filter(({ kind }) => kind === 'upstream-client').map(({ command }) => command),
    ['kmip-edge instance renew-identity region'],
  );
  const { next } = await server.api('renewal.begin', { name: 'region' });
  simulator.admit(next?.certificatePem ?? '');
  const { inUse } = await server.api('renewal.switch', { name: 'region' });
  t.is(inUse.certificatePem, next?.certificatePem ?? 'none');
  t.is((await region.instance()).upstream, 'key-protect');
  await server.api('instance.migrate.finish', { name: 'region' });
  t.regex(await refusal(t, server.api('renewal.state', { name: 'region' })), /is not at a KMIP endpoint/);
  await server.close();
  const names = withDatabase(server.dataDirectory, (database) =>
    database.prepare("SELECT name FROM vault WHERE name LIKE 'renewal %'").all(),
  );
  t.deepEqual(names, []);
});

test('what is moved is opened by the new root key alone', async (t) => {
  const { region, cloud, uids, before } = await fromRegion(t, 3);
  const settings = keyProtectSettings(cloud);
  await region.server.api('instance.migrate', { name: 'region', to: 'key-protect', settings });
  await moved(region.server, 'region');
  await region.simulator.close();
  const forget = "UPDATE material SET sealed = x'' WHERE id IN (SELECT material_id FROM object)";
  await region.server.close();
  withDatabase(region.server.dataDirectory, (database) => database.exec(forget));
  await region.restart();
  t.deepEqual(await look(region.client, uids), before);
  t.true(cloud.count('unwrap') > 0);
});

test('old forms are kept until the move is finished, and erased then', async (t) => {
  const { region, cloud, uids } = await fromRegion(t, 3);
  await region.server.api('instance.migrate', {
    name: 'region',
    to: 'key-protect',
    settings: keyProtectSettings(cloud),
  });
  t.is((await moved(region.server, 'region')).formerForms, uids.length - 1);
  const [first = ''] = uids;
  await destroyKey(region.client, first);
  t.is((await stateOf(region.server, 'region')).formerForms, uids.length - 2);
  await region.server.api('instance.migrate.finish', { name: 'region' });
  await region.server.close();
  const live = 'SELECT material_id FROM object WHERE material_id IS NOT NULL';
  const left = `SELECT count(*) FROM material WHERE id NOT IN (${live})
    AND (wrapped != zeroblob(length(wrapped)) OR sealed != zeroblob(length(sealed)))`;
  t.is(
    withDatabase(region.server.dataDirectory, (database) => database.prepare(left).pluck().get()),
    0,
  );
});

test('keys move from the local root key to Key Protect, are wrapped anew after a rotation, and move to another root key', async (t) => {
  const server = await startServer(t);
  const cloud = await startKeyProtect(t);
  const client = await server.connect();
  const uids = await makeKeys(client, 6);
  const before = await look(client, uids);
  const name = 'default';
  const finish = async (): Promise<void> => {
    t.like(await moved(server, name), { state: 'done', notMoved: 0, moved: uids.length });
    t.deepEqual(await look(client, uids), before);
    await server.api('instance.migrate.finish', { name });
    t.deepEqual(await look(client, uids), before);
  };
  await server.api('instance.migrate', { name, to: 'key-protect', settings: keyProtectSettings(cloud) });
  await finish();
  cloud.rotate(cloud.crk);
  const versions = () =>
    withDatabase(server.dataDirectory, (database) =>
      database.prepare('SELECT DISTINCT wrapped_version FROM object WHERE material_id IS NOT NULL').pluck().all(),
    );
  await server.api('instance.migrate', { name, settings: {} });
  await finish();
  const other = cloud.createRootKey({ name: 'other' });
  await server.api('instance.migrate', { name, to: 'key-protect', settings: { crk: other } });
  await finish();
  cloud.disable(cloud.crk);
  t.deepEqual(await look(client, uids), before);
  await server.close();
  t.is(versions().length, 1);
});

test('a move goes on after a stop and after a restart, and a stop keeps what is moved', async (t) => {
  const { region, cloud, uids, before } = await fromRegion(t, 40);
  const name = 'region';
  const lift = cloud.fault({ kind: 'slow', ms: 60 });
  await region.server.api('instance.migrate', { name, to: 'key-protect', settings: keyProtectSettings(cloud) });
  await until(async () => (await stateOf(region.server, name)).moved > 3);
  const stopped = await region.server.api('instance.migrate.stop', { name });
  t.is(stopped.state, 'stopped');
  t.true(stopped.moved < uids.length);
  t.deepEqual(await look(region.client, uids), before);
  t.regex(await refusal(t, region.server.api('instance.migrate.finish', { name })), /keys of 'region' are not moved/);
  const again = region.server.api('instance.migrate', { name, to: 'local', settings: {} });
  t.regex(await refusal(t, again), /is not finished/);
  await region.server.api('instance.migrate.resume', { name });
  await region.restart();
  t.is((await stateOf(region.server, name)).state, 'running');
  lift();
  t.like(await moved(region.server, name), { state: 'done', moved: uids.length, notMoved: 0 });
  t.deepEqual(await look(region.client, uids), before);
});

test('a new upstream that goes away is waited for', async (t) => {
  const { region, cloud, uids, before } = await fromRegion(t, 4);
  const name = 'region';
  await region.server.api('instance.migrate', { name, to: 'key-protect', settings: keyProtectSettings(cloud) });
  await moved(region.server, name);
  await region.server.api('instance.migrate.finish', { name });
  await region.server.api('instance.migrate', { name, settings: {} });
  await cloud.cutLink();
  t.deepEqual(await look(region.client, uids), before);
  await region.server.api('instance.migrate.stop', { name });
  await cloud.restoreLink();
  await region.server.api('instance.migrate.resume', { name });
  t.like(await moved(region.server, name), { state: 'done', notMoved: 0 });
  t.deepEqual(await look(region.client, uids), before);
});

test('with the old service gone, keys move from what is held here', async (t) => {
  const { region, cloud, uids, before } = await fromRegion(t, 4);
  await region.simulator.close();
  const settings = keyProtectSettings(cloud);
  await region.server.api('instance.migrate', { name: 'region', to: 'key-protect', settings });
  t.like(await moved(region.server, 'region'), { state: 'done', moved: uids.length, notMoved: 0 });
  t.deepEqual(await look(region.client, uids), before);
});

test('a key that cannot be opened is told, stays where it is, and does not let the move be finished unasked', async (t) => {
  const { region, cloud, uids } = await fromRegion(t, 3);
  const name = 'region';
  const [lost = ''] = uids;
  region.simulator.forgetKey(lost);
  const settings = keyProtectSettings(cloud);
  await region.server.api('instance.migrate', { name, to: 'key-protect', settings, dryRun: true });
  t.like(await moved(region.server, name), { state: 'dry run done', notMoved: 1, total: uids.length });
  t.is((await region.instance()).upstream, 'kmip');
  await region.server.api('instance.migrate', { name, to: 'key-protect', settings });
  t.like(await moved(region.server, name), { state: 'done', notMoved: 1, moved: uids.length - 1 });
  const { keys } = await region.server.api('instance.migrate.report', { name });
  t.like(
    keys.find(({ moved: isMoved }) => !isMoved),
    { uid: lost },
  );
  t.regex(keys.find(({ uid }) => uid === lost)?.problem ?? '', /Item ?Not ?Found|no object/);
  t.regex(await refusal(t, region.server.api('instance.migrate.finish', { name })), /1 keys of 'region' are not moved/);
  await region.server.api('instance.migrate.finish', { name, leave: true });
  t.regex(await refusal(t, getKey(region.client, lost)), /ItemNotFound/);
});

test('a wrong new upstream is refused before anything changes; a KMIP endpoint takes no keys in', async (t) => {
  const { region, cloud, uids, before } = await fromRegion(t, 2);
  const wrong = { ...keyProtectSettings(cloud), apiKey: 'wrong' };
  await t.throwsAsync(region.server.api('instance.migrate', { name: 'region', to: 'key-protect', settings: wrong }));
  const kmip = region.server.api('instance.migrate', { name: 'region', to: 'kmip', settings: {} });
  t.regex(await refusal(t, kmip), /takes no keys in/);
  t.regex(await refusal(t, stateOf(region.server, 'region')), /no keys of 'region' are moving/);
  t.deepEqual(await look(region.client, uids), before);
});
