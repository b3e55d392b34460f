// The registry of service instances on a real store: what it stores, what it starts again, and that one damaged instance
// does not keep the others from serving.

import { createSecretKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createKeyCache } from '../../src/cache/key-cache.ts';
import { EdgeError } from '../../src/errors.ts';
import { InstanceRegistry } from '../../src/instances/registry.ts';
import type { Store, StoreWriter } from '../../src/keys/ports.ts';
import type { RootKey } from '../../src/keys/root-key-ports.ts';
import type { PreparedUpstream, UpstreamKind } from '../../src/keys/upstream-ports.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { createScriptedRootKey } from '../keys/scripted-root-key.ts';
import { FakeClock, settle } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const setUp = (t: ExecutionContext) => {
  const store = openSqliteStore(join(temporaryDirectory(t), 'db'));
  t.teardown(() => store.close());
  const opened: { readonly settings: unknown; readonly secret: string }[] = [];
  const prepared: PreparedUpstream[] = [];
  const rootKeys: RootKey[] = [];
  const open = new Set<RootKey>();
  const kind: UpstreamKind = {
    kind: 'scripted',
    holds: 'root key',
    remote: true,
    secretSetting: 'apiKey',
    async prepare(settings) {
      const made = {
        settings: { ...(settings as object) },
        secret: Buffer.from('api key'),
        rootKey: { state: 'active' },
      } as const;
      prepared.push(made);
      return made;
    },
    targets: () => [],
    open(_instance, settings, secret) {
      opened.push({ settings, secret: secret.toString() });
      const rootKey = createScriptedRootKey();
      rootKeys.push(rootKey);
      open.add(rootKey);
      const close = async (): Promise<void> => {
        for (let turns = 0; turns < 20; turns += 1) await settle();
        open.delete(rootKey);
      };
      return Object.assign(rootKey, { close });
    },
  };
  const log = createMemoryLog();
  const parts = {
    sealer: createSealer(createSecretKey(randomBytes(32))),
    cache: createKeyCache(10),
    upstreams: [kind],
    clock: new FakeClock(),
    log,
    pollInterval: 50_000,
    regional: { freshness: 300_000, checkTimeout: 2_000, syncInterval: 900_000 },
  };
  const start = (on: Store = store): InstanceRegistry => {
    const registry = new InstanceRegistry({ ...parts, store: on });
    t.teardown(() => registry.close());
    return registry;
  };
  return { store, opened, prepared, rootKeys, open, clock: parts.clock, log, start };
};

const wanted = (name: string) => ({ name, upstream: 'scripted', settings: { url: 'u' }, lease: 1000 });
const refused = async (t: ExecutionContext, promise: Promise<unknown>): Promise<EdgeError> =>
  t.throwsAsync(promise, { instanceOf: EdgeError });

test('an instance is served at once and after a restart, with its own settings and secret', async (t) => {
  const { store, opened, start } = setUp(t);
  const registry = start();
  const made = await registry.create(wanted('one'));
  t.deepEqual(registry.instances(), [made]);
  t.true(registry.authorityOf(made.upstreamId).status().serving);
  await registry.close();
  const again = start();
  t.deepEqual(again.instanceNamed('one'), made);
  t.true(again.authorityOf(made.upstreamId).status().serving);
  const once = { settings: { url: 'u' }, secret: 'api key' };
  t.deepEqual(opened, [once, once]);
  t.false(store.vault.sealedSecret(`upstream ${made.upstreamId}`)?.includes('api key'));
});

test('the secret in memory is wiped, whether storing it succeeds or not', async (t) => {
  const { store, prepared, start } = setUp(t);
  await start().create(wanted('one'));
  const failing: Store = {
    ...store,
    write: <T>(change: (tx: StoreWriter) => T): Promise<T> =>
      store.write((tx) => {
        change(tx);
        throw new EdgeError('storage-full', 'the data disk is full');
      }),
  };
  const registry = start(failing);
  t.is((await refused(t, registry.create(wanted('two')))).kind, 'storage-full');
  t.is(registry.instances().length, 1);
  t.is(store.instances.instances().length, 1);
  t.true(prepared.length === 2 && prepared.every(({ secret }) => secret.every((byte) => byte === 0)));
});

test('a taken name, an unknown upstream and an unknown instance are refused with what there is', async (t) => {
  const { start } = setUp(t);
  const registry = start();
  t.regex(
    (await refused(t, Promise.reject(t.throws(() => registry.instanceNamed('x'))))).hint ?? '',
    /instance create/,
  );
  await registry.create(wanted('one'));
  t.is((await refused(t, registry.create(wanted('one')))).kind, 'already-exists');
  t.is((await refused(t, registry.create({ ...wanted('two'), upstream: 'moon' }))).hint, 'there are: scripted');
  const unknown = t.throws(() => registry.instanceNamed('two'), { instanceOf: EdgeError });
  t.is(unknown?.hint, 'there are: one');
});

test('two who create the same name at the same time: one is told that it exists', async (t) => {
  const { store, start } = setUp(t);
  const registry = start();
  const both = await Promise.allSettled([registry.create(wanted('one')), registry.create(wanted('one'))]);
  t.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  t.is(store.instances.instances().length, 1);
  t.is(registry.instances().length, 1);
});

test('an instance whose secret or lease is damaged is not started, said so, and the others are', async (t) => {
  const { store, log, start } = setUp(t);
  const registry = start();
  const [good, damaged] = [await registry.create(wanted('good')), await registry.create(wanted('damaged'))];
  await registry.close();
  await store.write(({ vault }) => vault.putSealedSecret(`upstream ${damaged.upstreamId}`, randomBytes(50)));
  const again = start();
  t.true(again.authorityOf(good.upstreamId).status().serving);
  const error = t.throws(() => again.authorityOf(damaged.upstreamId), { instanceOf: EdgeError });
  t.is(error?.kind, 'not-ready');
  t.is(error?.message, "service instance 'damaged' could not be started");
  t.is(again.startedAuthority(damaged.upstreamId), undefined);
  t.is(again.instances().length, 2);
  t.true(
    log.lines.some(({ event, fields }) => event === 'service instance not started' && fields['instance'] === 'damaged'),
  );
});

test("another instance's credentials do not open in its place", async (t) => {
  const { store, start } = setUp(t);
  const registry = start();
  const [one, two] = [await registry.create(wanted('one')), await registry.create(wanted('two'))];
  await registry.close();
  const sealed = store.vault.sealedSecret(`upstream ${one.upstreamId}`) ?? Buffer.alloc(0);
  await store.write(({ vault }) => vault.putSealedSecret(`upstream ${two.upstreamId}`, sealed));
  const again = start();
  t.is(again.startedAuthority(two.upstreamId), undefined);
  t.not(again.startedAuthority(one.upstreamId), undefined);
});

test('a client is known by its certificate until it is removed, and stays so over a restart', async (t) => {
  const { start } = setUp(t);
  const registry = start();
  await registry.create(wanted('one'));
  const client = { instance: 'one', name: 'vc', fingerprint: 'ab', certificatePem: 'PEM' };
  const added = await registry.addClient(client);
  t.deepEqual(registry.clientOf('ab'), added);
  t.is((await refused(t, registry.addClient({ ...client, name: 'other' }))).kind, 'already-exists');
  t.is((await refused(t, registry.addClient({ ...client, fingerprint: 'cd' }))).kind, 'already-exists');
  t.is(registry.clientOf('cd'), undefined);
  t.deepEqual(start().clientOf('ab'), added);
  await registry.removeClient('one', 'vc');
  t.is(registry.clientOf('ab'), undefined);
  t.is(start().clientOf('ab'), undefined);
  const error = await refused(t, registry.removeClient('one', 'vc'));
  t.is(error.message, "service instance 'one' has no client named 'vc'");
});

test('a client changes its certificate, at once or with the one before beside it, and stays so over a restart', async (t) => {
  const { start } = setUp(t);
  const registry = start();
  await registry.create(wanted('one'));
  const pem = (fingerprint: string) => ({ fingerprint, certificatePem: 'PEM' });
  const first = await registry.addClient({ instance: 'one', name: 'vc', ...pem('aa') });
  const other = await registry.addClient({ instance: 'one', name: 'other', ...pem('ff') });
  const second = await registry.replaceCertificate(first, { ...pem('bb'), origin: 'signed' }, true);
  for (const known of [registry, start()]) {
    t.deepEqual(known.clientOf('aa'), second);
    t.deepEqual(known.clientOf('bb'), second);
    t.is(known.clients().length, 2);
  }
  const taken = [
    registry.replaceCertificate(other, { ...pem('aa'), origin: 'signed' }, false),
    registry.replaceCertificate(other, { ...pem('bb'), origin: 'signed' }, true),
    registry.addClient({ instance: 'one', name: 'third', ...pem('aa') }),
  ];
  for (const attempt of taken) t.is((await refused(t, attempt)).kind, 'already-exists');
  const third = await registry.replaceCertificate(second, { ...pem('cc'), origin: 'signed' }, false);
  for (const known of [registry, start()]) {
    t.deepEqual(
      ['aa', 'bb', 'cc'].map((one) => known.clientOf(one)?.id),
      [undefined, undefined, third.id],
    );
  }
});

test('closing saves every lease though one authority does not close, and then says so', async (t) => {
  const { store, rootKeys, clock, start } = setUp(t);
  const registry = start();
  for (const name of ['one', 'two', 'three']) await registry.create(wanted(name));
  await settle();
  await clock.pass(100);
  const [, broken, slow] = rootKeys;
  Object.assign(broken ?? {}, { close: () => Promise.reject(new Error('stuck')) });
  Object.assign(slow ?? {}, { close: settle });
  await t.throwsAsync(registry.close(), { message: 'stuck' });
  for (const { upstreamId } of registry.instances()) t.is(store.upstreams.lease(upstreamId)?.highWater, clock.now());
  Object.assign(broken ?? {}, { close: async () => {} });
});

test('an upstream is opened anew by one at a time: one is open in the end, with what is stored', async (t) => {
  const { store, opened, rootKeys, open, start } = setUp(t);
  const registry = start();
  const { id, upstreamId } = await registry.create(wanted('one'));
  const reopen = (lease: number) =>
    registry.change(id, { lease }, (tx) => tx.instances.setLease(id, lease), { reopen: true });
  const rounds = [
    () => [reopen(5000), reopen(6000), reopen(7000)],
    () => [registry.updateUpstream('one', { url: 'v' }), reopen(8000)],
    () => [reopen(9000), registry.updateUpstream('one', { url: 'w' })],
  ];
  for (const round of rounds) {
    await Promise.all(round());
    t.deepEqual([...open], rootKeys.slice(-1));
    const stored = store.upstreams.upstreams().find((upstream) => upstream.id === upstreamId);
    t.deepEqual(registry.upstream(upstreamId), stored);
    t.deepEqual(opened.at(-1)?.settings, stored?.settings);
  }
  t.deepEqual(registry.instances(), store.instances.instances());
});

test('an upstream that does not open again is not served by the one that was closed', async (t) => {
  const { store, start } = setUp(t);
  const registry = start();
  const { id, upstreamId } = await registry.create(wanted('one'));
  await store.write(({ vault }) => vault.deleteSealedSecret(`upstream ${upstreamId}`), { erase: true });
  await registry.change(id, { lease: 2000 }, (tx) => tx.instances.setLease(id, 2000), { reopen: true });
  t.throws(() => registry.authorityOf(upstreamId), { message: /could not be started/ });
});
