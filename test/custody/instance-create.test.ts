// Setting up a service instance: every wrong input is refused with what to do about it, and leaves nothing behind.

import { randomUUID } from 'node:crypto';
import test from 'ava';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { settingsFor, startCloud, withDatabase } from './kit.ts';

const settings = { 'upstream.attemptTimeout': '3 s', 'upstream.totalTimeout': '4 s' };

test('each wrong input is refused with a hint and leaves nothing behind', async (t) => {
  const cloud = await startCloud(t, { settings });
  const { simulator, server } = cloud;
  const good = settingsFor(simulator);
  const disabled = simulator.createRootKey({ name: 'disabled' });
  simulator.disable(disabled);
  const deleted = simulator.createRootKey({ name: 'deleted' });
  simulator.delete(deleted);
  const stranger = simulator.addApiKey('none');
  const wrong: readonly (readonly [string, object, ErrorKind, RegExp])[] = [
    ['no such root key', { crk: randomUUID() }, 'upstream-refused', /root keys of this instance: .*edge-root-key/],
    ['a standard key', { crk: simulator.createStandardKey() }, 'upstream-refused', /name a root key/],
    ['disabled', { crk: disabled }, 'upstream-refused', /enable it/],
    ['deleted', { crk: deleted }, 'upstream-refused', /restore it/],
    ['wrong API key', { apiKey: 'x'.repeat(44) }, 'upstream-unreachable', /API key/],
    ['API key without a role', { apiKey: stranger }, 'upstream-unreachable', /Reader role/],
    ['another instance', { instanceId: randomUUID() }, 'upstream-unreachable', /url and instance id/],
    ['untrusted CA', { caBundle: makeTlsMaterial().caPem }, 'upstream-unreachable', /./],
    ['a CA bundle that is none', { caBundle: 'PEM' }, 'invalid-field', /PEM/],
    ['nobody there', { url: 'https://127.0.0.1:1' }, 'upstream-unreachable', /./],
    ['no TLS', { url: 'http://127.0.0.1:1' }, 'invalid-field', /./],
  ];
  for (const [what, change, kind, hint] of wrong) {
    const input = { name: 'second', upstream: 'key-protect', settings: { ...good, ...change } };
    const error = await t.throwsAsync(server.api('instance.create', input), { instanceOf: EdgeError }, what);
    t.is(error.kind, kind, `${what}: ${error.message}`);
    t.regex(error.hint ?? '', hint, `${what}: ${error.message}`);
    t.false(`${error.message} ${error.hint}`.includes(good.apiKey), what);
  }
  const names = (await server.api('instance.list', {})).map(({ name }) => name);
  t.deepEqual(names, ['default', 'cloud']);
  await server.close();
  const left = withDatabase(server.dataDirectory, (database) =>
    ['service_instance', 'upstream', 'upstream_lease', "vault WHERE name LIKE 'upstream %'"].map((table) =>
      database.prepare(`SELECT count(*) FROM ${table}`).pluck().get(),
    ),
  );
  t.deepEqual(left, [2, 2, 2, 2]);
});

test('a name is taken once, also when two ask at the same time', async (t) => {
  const cloud = await startCloud(t, { settings });
  const input = { name: 'twin', upstream: 'key-protect', settings: settingsFor(cloud.simulator) };
  const both = await Promise.allSettled([
    cloud.server.api('instance.create', input),
    cloud.server.api('instance.create', input),
  ]);
  t.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  const error = await t.throwsAsync(cloud.server.api('instance.create', input), { instanceOf: EdgeError });
  t.is(error.kind, 'already-exists');
  t.is((await cloud.server.api('instance.list', {})).length, 3);
});
