// What a root key in Key Protect promises on top of the contract: who makes the key, rotation, additional data, states,
// and what goes over the wire.

import { createSecretKey, randomBytes } from 'node:crypto';
import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { createKeyProtectRootKey } from '../../src/upstream/key-protect/root-key.ts';
import { refusalOf } from '../kit/refusal.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { optionsFor, setUp, testTimings } from './kit.ts';

const tls = makeTlsMaterial();

test.serial('Key Protect makes a key of 32 bytes; other lengths are made here', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  await rootKey.generate(32, 'uid');
  t.deepEqual(JSON.parse(simulator.last('wrap')?.body ?? ''), { aad: ['uid'] });
  const { material } = await rootKey.generate(16, 'uid');
  const sent = JSON.parse(simulator.last('wrap')?.body ?? '');
  t.is(sent.plaintext, material.export().toString('base64'));
});

test.serial('a made key that is not 32 bytes is not taken', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const doc = { plaintext: 'Rm91ciBzY29yZSBhbmQgc2V2ZW4geWVhcnMgYWdv', ciphertext: 'eyJj', keyVersion: { id: 'v' } };
  for (const body of [doc, { ciphertext: 'eyJj' }]) {
    simulator.fault({ kind: 'answer', status: 200, body }, { on: 'wrap', times: 1 });
    const error = await refusalOf(t, rootKey.generate(32, 'uid'), 'upstream-unreachable');
    t.regex(error.message, /no key of 32 bytes/);
  }
});

test.serial('requests carry the documented headers', async (t) => {
  const { simulator, rootKey } = await setUp(t, { keyRing: 'default' }, { tls });
  await rootKey.generate(32, 'uid');
  const headers = simulator.last('wrap')?.headers ?? {};
  t.is(headers['bluemix-instance'], simulator.instanceId);
  t.is(headers['x-kms-key-ring'], 'default');
  t.is(headers['content-type'], 'application/vnd.ibm.kms.key_action+json');
  t.is(headers.accept, 'application/vnd.ibm.kms.key_action+json');
  t.regex(String(headers.authorization), /^Bearer /);
  t.regex(String(headers['correlation-id']), /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
});

test.serial('the key ring header is left out when there is none', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  await rootKey.status();
  t.is(simulator.last('metadata')?.headers['x-kms-key-ring'], undefined);
});

test.serial('after a rotation an unwrap hands back the newer wrapped form, which then stays', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { material, wrapped } = await rootKey.generate(32, 'uid');
  simulator.rotate(simulator.crk);
  const first = await rootKey.unwrap(wrapped, 'uid');
  t.true(first.material.equals(material));
  t.not(first.rewrapped?.version, wrapped.version);
  t.is(first.rewrapped?.version, (await rootKey.status()).version);
  const second = await rootKey.unwrap(first.rewrapped ?? wrapped, 'uid');
  t.true(second.material.equals(material));
  t.is(second.rewrapped, undefined);
  t.true((await rootKey.unwrap(wrapped, 'uid')).material.equals(material));
});

test.serial('without additional data none is sent, and identifiers are not bound', async (t) => {
  const { simulator, rootKey } = await setUp(t, { aad: false }, { tls, aad: false });
  const { material, wrapped } = await rootKey.generate(32, 'one');
  t.false('aad' in JSON.parse(simulator.last('wrap')?.body ?? ''));
  t.true((await rootKey.unwrap(wrapped, 'other')).material.equals(material));
});

test.serial('an identifier that does not fit into additional data is refused here', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  for (const uid of ['', 'x'.repeat(256)]) await refusalOf(t, rootKey.generate(32, uid), 'invalid-field');
  t.is(simulator.count('wrap'), 0);
});

test.serial('the state follows Key Protect', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { crk } = simulator;
  const seen: string[] = [];
  for (const act of ['disable', 'enable', 'expire', 'delete', 'restore', 'delete', 'purge'] as const) {
    simulator[act](crk);
    seen.push((await rootKey.status()).state);
  }
  t.deepEqual(seen, ['suspended', 'active', 'deactivated', 'destroyed', 'active', 'destroyed', 'destroyed']);
});

test.serial('a key marked as deleted is destroyed whatever its state says', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const key = { id: simulator.crk, state: 1, extractable: false, deleted: true };
  const body = { metadata: { collectionType: 'application/vnd.ibm.kms.key+json' }, resources: [key] };
  simulator.fault({ kind: 'answer', status: 200, body }, { on: 'metadata' });
  t.is((await rootKey.status()).state, 'destroyed');
});

test.serial('metadata of another key proves nothing', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const key = { id: 'another', state: 2, extractable: false };
  const body = { metadata: { collectionType: 'application/vnd.ibm.kms.key+json' }, resources: [key] };
  simulator.fault({ kind: 'answer', status: 200, body }, { on: 'metadata' });
  const error = await refusalOf(t, rootKey.status(), 'upstream-unreachable');
  t.regex(error.message, /another key than was asked for/);
});

test.serial('an alias works like the id; a standard key does not work at all', async (t) => {
  const { simulator } = await setUp(t, {}, { tls });
  simulator.createRootKey({ aliases: ['edge'] });
  const crk = simulator.createStandardKey();
  const byAlias = createKeyProtectRootKey(optionsFor(simulator, { crk: 'edge' }));
  const standard = createKeyProtectRootKey(optionsFor(simulator, { crk }));
  t.teardown(() => Promise.all([byAlias.close(), standard.close()]));
  t.is((await byAlias.status()).state, 'active');
  t.is((await byAlias.generate(32, 'uid')).material.symmetricKeySize, 32);
  await refusalOf(t, standard.status(), 'upstream-refused');
  await refusalOf(t, standard.wrap(createSecretKey(randomBytes(32)), 'uid'), 'upstream-refused');
});

test.serial('a service behind a path prefix is reached', async (t) => {
  const { simulator } = await setUp(t, {}, { tls });
  const rootKey = createKeyProtectRootKey(optionsFor(simulator, { url: `${simulator.url}/kms/` }));
  t.teardown(() => rootKey.close());
  await refusalOf(t, rootKey.status(), 'upstream-unreachable');
  t.is(simulator.last('other')?.path, `/kms/api/v2/keys/${simulator.crk}/metadata`);
});

test.serial('options that cannot be are refused before anything is sent', async (t) => {
  const { simulator } = await setUp(t, {}, { tls });
  for (const wrong of [
    { url: 'http://x.example' },
    { crk: '../x' },
    { keyRing: 'a b' },
    { caBundle: 'no pem' },
    { iamUrl: 'ftp://x' },
  ]) {
    const error = t.throws(() => createKeyProtectRootKey(optionsFor(simulator, wrong)), { instanceOf: EdgeError });
    t.is(error?.kind, 'invalid-field');
  }
});

test.serial('a connection is not kept for ever, so that DNS changes are seen', async (t) => {
  const timings = { ...testTimings, connectionLifeMs: 50 };
  const { simulator, rootKey } = await setUp(t, { timings }, { tls });
  for (let round = 0; round < 3; round++) {
    await rootKey.status();
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  t.true(simulator.connections() >= 3, `${simulator.connections()} connections`);
});

test.serial('a closed root key answers with an EdgeError', async (t) => {
  const { rootKey } = await setUp(t, {}, { tls });
  await rootKey.status();
  await rootKey.close();
  await refusalOf(t, rootKey.status(), 'upstream-unreachable');
});
