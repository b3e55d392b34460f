// Changes of trust that are asked for at the same moment: each begins with what the one before it has left, so that what is
// in force is what is stored, and nobody who was taken away comes back.

import { createSecretKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createKeyCache } from '../../src/cache/key-cache.ts';
import { Damage } from '../../src/damage.ts';
import { InstanceRegistry } from '../../src/instances/registry.ts';
import { TrustedRoots } from '../../src/instances/trusted-roots.ts';
import type { Client } from '../../src/keys/instance-ports.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { sampleInstance, withInstance } from '../store/samples.ts';
import { openPki } from './pki.ts';

const { id: instanceId, name: instance } = sampleInstance();

const setUp = async (t: ExecutionContext) => {
  const store = openSqliteStore(join(temporaryDirectory(t), 'db'));
  t.teardown(() => store.close());
  await withInstance(store);
  const clock = new FakeClock(Date.now());
  const log = createMemoryLog();
  const start = (): { readonly registry: InstanceRegistry; readonly roots: TrustedRoots } => {
    const registry = new InstanceRegistry({
      store,
      sealer: createSealer(createSecretKey(randomBytes(32))),
      cache: createKeyCache(10),
      upstreams: [],
      clock,
      log,
      pollInterval: 50_000,
      regional: { freshness: 300_000, checkTimeout: 2_000, syncInterval: 900_000 },
    });
    return { registry, roots: new TrustedRoots({ store, registry, clock, log, damage: new Damage(log) }) };
  };
  return { store, start };
};

const pem = (fingerprint: string) => ({ fingerprint, certificatePem: 'PEM' });
const signed = (fingerprint: string) => ({ ...pem(fingerprint), origin: 'signed' }) as const;

/** By which certificates a client is known, now and after a restart. */
const certificates = ['a', 'b', 'c', 'd'];
const known = (registry: InstanceRegistry): readonly string[] =>
  certificates.filter((fingerprint) => registry.clientOf(fingerprint));

type Act = (registry: InstanceRegistry, client: Client) => Promise<unknown>;
const remove: Act = (registry) => registry.removeClient(instance, 'vc');
const dropOld: Act = (registry) => registry.dropFormer(instance, 'vc');
const signAnew: Act = (registry, client) => registry.replaceCertificate(client, signed('c'), true);
const signOver: Act = (registry, client) => registry.replaceCertificate(client, signed('d'), false);
const detach: Act = (registry) => registry.detach(instanceId);

/** The client shows b, and a until it is dropped. */
const together: readonly (readonly [what: string, acts: readonly Act[], left: readonly string[]])[] = [
  ['drop-old, then remove', [dropOld, remove], []],
  ['remove, then drop-old', [remove, dropOld], []],
  ['sign, then remove', [signAnew, remove], []],
  ['remove, then sign', [remove, signAnew], []],
  ['sign, then drop-old', [signAnew, dropOld], ['c']],
  ['drop-old, then sign', [dropOld, signAnew], ['b', 'c']],
  ['sign twice', [signAnew, signOver], ['d']],
  ['sign over, then sign', [signOver, signAnew], ['c', 'd']],
];
for (const [what, acts, left] of together) {
  test(`${what} at the same moment leaves what is stored, and that is known`, async (t) => {
    const { start } = await setUp(t);
    const { registry } = start();
    const first = await registry.addClient({ instance, name: 'vc', ...pem('a'), origin: 'signed' });
    const client = await registry.replaceCertificate(first, signed('b'), true);
    t.deepEqual(known(registry), ['a', 'b']);
    await Promise.allSettled(acts.map((act) => act(registry, client)));
    t.deepEqual(known(registry), left);
    t.deepEqual(known(start().registry), left);
  });
}

test('a client that was removed meanwhile is not changed, and this is said', async (t) => {
  const { start } = await setUp(t);
  const { registry } = start();
  const client = await registry.addClient({ instance, name: 'vc', ...pem('a') });
  const [removed, changed] = await Promise.allSettled([remove(registry, client), signAnew(registry, client)]);
  t.is(removed.status, 'fulfilled');
  t.like(changed, { status: 'rejected', reason: { kind: 'item-not-found' } });
});

for (const acts of [
  [detach, signAnew, remove],
  [signAnew, detach, dropOld],
  [remove, dropOld, detach],
]) {
  test(`an instance is detached beside changes of its clients: ${acts.indexOf(detach)}`, async (t) => {
    const { start } = await setUp(t);
    const { registry } = start();
    const client = await registry.addClient({ instance, name: 'vc', ...pem('a') });
    await Promise.allSettled(acts.map((act) => act(registry, client)));
    t.deepEqual(known(registry), []);
  });
}

type RootAct = (roots: TrustedRoots) => Promise<unknown>;
const allow: RootAct = (roots) => roots.allow(instance, 'root', { subjects: ['CN=third'] });
const disallow: RootAct = (roots) => roots.disallow(instance, 'root', { subjects: ['CN=bad'] });
const removeRoot: RootAct = (roots) => roots.remove(instance, 'root');
const forget: RootAct = (roots) => roots.forget(instanceId);

test('what is taken off the list of a root stays off, and a root that is removed stays away', async (t) => {
  const pki = await openPki(t);
  const { certificate } = await pki.root({ subject: '/CN=CA' });
  const cases: readonly (readonly [acts: readonly RootAct[], left: readonly (readonly string[])[]])[] = [
    [[disallow, allow], [['CN=good', 'CN=third']]],
    [[allow, disallow], [['CN=good', 'CN=third']]],
    [[removeRoot, allow], []],
    [[allow, removeRoot], []],
    [[disallow, removeRoot, allow], []],
  ];
  for (const [acts, left] of cases) {
    const { start } = await setUp(t);
    const { roots } = start();
    await roots.trust({ instance, name: 'root', certificate, subjects: ['CN=good', 'CN=bad'] });
    await Promise.allSettled(acts.map((act) => act(roots)));
    for (const one of [roots, start().roots]) {
      t.deepEqual(
        one.roots().map(({ subjects }) => subjects),
        left,
      );
    }
  }
});

test('the roots of an instance that is being erased are not revived by a change beside it', async (t) => {
  const pki = await openPki(t);
  const { certificate } = await pki.root({ subject: '/CN=CA' });
  for (const acts of [
    [allow, forget],
    [forget, allow],
  ]) {
    const { start } = await setUp(t);
    const { roots } = start();
    await roots.trust({ instance, name: 'root', certificate, subjects: ['CN=good'] });
    await Promise.allSettled(acts.map((act) => act(roots)));
    t.deepEqual(roots.roots(), []);
  }
});
