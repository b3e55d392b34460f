// A database of an older program is brought up to date with all that is in it.

import { join } from 'node:path';
import test from 'ava';
import Sqlite from 'better-sqlite3';
import { migrate } from '../../src/store/sqlite/migrations.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { sampleObject } from './samples.ts';

/** An instance with a key, as the first version stored them. */
const first = `
  INSERT INTO service_instance VALUES ('i-1', 'one', 'key-protect', '{"url":"u"}', 1000, 5), ('i-2', 'two', 'local', '{}', NULL, 6);
  INSERT INTO lease VALUES ('i-1', 1, 2, '{"state":"active"}');
  INSERT INTO client VALUES ('c-1', 'i-1', 'vc', 'ab', 'PEM', 7);
  INSERT INTO vault VALUES ('upstream i-1', x'0102');
  INSERT INTO material (id, wrapped, sealed) VALUES (1, CAST('wrapped' AS BLOB), x'03');
  INSERT INTO object (uid, instance_id, object_type, cryptographic_algorithm, cryptographic_length,
    cryptographic_usage_mask, initial_date, last_change_date, material_id) VALUES ('u-1', 'i-1', 2, 3, 256, 12, 8, 9, 1);
  INSERT INTO attribute VALUES (1, 'x-Name', 0, 'i-1', x'04');
`;

test('instances of the first version keep their upstream, credentials, lease, clients and keys', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const database = new Sqlite(path);
  migrate(database, 1);
  t.is(database.pragma('user_version', { simple: true }), 1);
  database.exec(first);
  database.close();
  const store = openSqliteStore(path);
  t.teardown(() => store.close());
  t.deepEqual(store.instances.instances(), [
    { id: 'i-1', name: 'one', upstreamId: 'i-1', lease: 1000, createdAt: 5 },
    { id: 'i-2', name: 'two', upstreamId: 'i-2', lease: 'unlimited', createdAt: 6 },
  ]);
  t.deepEqual(store.upstreams.upstreams(), [
    { id: 'i-1', instanceId: 'i-1', kind: 'key-protect', settings: { url: 'u' }, createdAt: 5 },
    { id: 'i-2', instanceId: 'i-2', kind: 'local', settings: {}, createdAt: 6 },
  ]);
  t.deepEqual(store.upstreams.lease('i-1'), { provenAt: 1, highWater: 2, rootKey: { state: 'active' } });
  t.deepEqual(store.vault.sealedSecret('upstream i-1'), Buffer.of(1, 2));
  const wanted = { uid: 'u-1', instanceId: 'i-1', upstreamId: 'i-1', initialDate: 8, lastChangeDate: 9 };
  const { wrapped, sealed } = { wrapped: { text: 'wrapped' }, sealed: Buffer.of(3) };
  t.deepEqual(store.objects.find('u-1'), sampleObject({ ...wanted, wrapped, sealed }));
  t.deepEqual(store.objects.attributesOf('u-1'), [{ name: 'x-Name', index: 0, value: Buffer.of(4) }]);
  await store.write(({ objects }) => objects.insert(sampleObject({ instanceId: 'i-2', upstreamId: 'i-2' }), []));
});

test('an upstream that still holds objects cannot be deleted', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const database = new Sqlite(path);
  migrate(database, 1);
  database.exec(first);
  database.close();
  const store = openSqliteStore(path);
  t.teardown(() => store.close());
  await t.throwsAsync(store.write(({ upstreams }) => upstreams.deleteUpstream('i-1')));
  t.is(store.upstreams.upstreams().length, 2);
  await store.write(({ upstreams }) => upstreams.deleteUpstream('i-2'));
  t.is(store.upstreams.upstreams().length, 1);
});

test('what the server gave to keys of an older version moves into their rows, and is found there', async (t) => {
  const path = join(temporaryDirectory(t), 'db');
  const database = new Sqlite(path);
  migrate(database, 1);
  database.exec(`${first}
    INSERT INTO attribute VALUES (1, 'Digest', 0, 'i-1', x'0506'), (1, 'Original Creation Date', 0, 'i-1', x'07');
    INSERT INTO object (uid, instance_id, object_type, cryptographic_algorithm, cryptographic_length,
      cryptographic_usage_mask, initial_date, last_change_date) VALUES ('u-2', 'i-1', 2, 3, 256, 12, 8, 9);`);
  database.close();
  const store = openSqliteStore(path);
  t.teardown(() => store.close());
  const kept = [
    { name: 'Digest', index: 0, value: Buffer.of(5, 6) },
    { name: 'Original Creation Date', index: 0, value: Buffer.of(7) },
    { name: 'x-Name', index: 0, value: Buffer.of(4) },
  ];
  t.deepEqual(store.objects.attributesOf('u-1'), kept);
  t.deepEqual(store.objects.attributesOf('u-2'), []);
  const found = (...attributes: { name: string; value: Buffer; until?: Buffer }[]) =>
    [...store.objects.search({ instanceId: 'i-1', attributes })].map(({ uid }) => uid);
  t.deepEqual(found({ name: 'Digest', value: Buffer.of(5, 6) }, { name: 'x-Name', value: Buffer.of(4) }), ['u-1']);
  t.deepEqual(found({ name: 'Digest', value: Buffer.of(5) }), []);
  t.deepEqual(found({ name: 'Original Creation Date', value: Buffer.of(6), until: Buffer.of(8) }), ['u-1']);
  await store.write(({ objects }) => {
    objects.setAttributes('u-1', kept.slice(1, 2));
    objects.addAttribute('u-2', kept[0] ?? t.fail());
  });
  t.deepEqual(store.objects.attributesOf('u-1'), kept.slice(1, 2));
  t.deepEqual(store.objects.attributesOf('u-2'), kept.slice(0, 1));
});
