// The envelope authority on a real store and sealer, with a scripted root key: which path opens a key when, and what is
// said when none does.

import { createSecretKey, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import Sqlite from 'better-sqlite3';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import type { Keep } from '../../src/keys/authority.ts';
import { EnvelopeAuthority } from '../../src/keys/envelope.ts';
import { type LeaseTerm, OfflineLease } from '../../src/keys/lease.ts';
import type { NewKey } from '../../src/keys/new-key.ts';
import type { ManagedObject } from '../../src/keys/object.ts';
import type { Store } from '../../src/keys/ports.ts';
import { type LeaseRecord, RootKeyUnusable } from '../../src/keys/root-key-ports.ts';
import { RootKeyWatch } from '../../src/keys/root-key-watch.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock, settle } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { erased, sampleObject, withInstance } from '../store/samples.ts';
import { createScriptedRootKey } from './scripted-root-key.ts';

const hour = 3_600_000;

const aes: NewKey = {
  objectType: 2,
  cryptographicAlgorithm: 3,
  cryptographicLength: 256,
  cryptographicUsageMask: 12,
  dates: {},
  attributes: [],
};

/** Makes a key and stores it, as the key service does. */
const keepIn = async (
  store: Store,
  make: (uid: string, keep: Keep) => Promise<void>,
): Promise<{ readonly object: ManagedObject; readonly material: KeyObject }> => {
  const kept: { readonly object: ManagedObject; readonly material: KeyObject }[] = [];
  await make(randomUUID(), async ({ object, material, settle: also }) => {
    await store.write((tx) => {
      also(tx);
      tx.objects.insert(object, []);
    });
    const stored = store.objects.find(object.uid);
    if (material && stored) kept.push({ object: stored, material });
  });
  const [one] = kept;
  if (!one) throw new Error('nothing was made');
  return one;
};

const setUp = async (t: ExecutionContext, term: LeaseTerm = 72 * hour, keepsCopies = true) => {
  const path = join(temporaryDirectory(t), 'db');
  let store: Store = await withInstance(openSqliteStore(path));
  t.teardown(() => store.close());
  const [clock, rootKey, log] = [new FakeClock(), createScriptedRootKey(), createMemoryLog()];
  const record = { provenAt: clock.now(), highWater: clock.now(), rootKey: { state: 'active' } } as const;
  const lease = new OfflineLease(term, record, clock);
  const saves: LeaseRecord[] = [];
  const save = async (saved: LeaseRecord): Promise<void> => void saves.push(saved);
  const watch = new RootKeyWatch({
    instance: 'one',
    rootKey,
    lease,
    clock,
    log,
    interval: 50_000,
    save,
    onUnusable: () => {},
  });
  const instance = { id: 'instance-1', name: 'one' };
  const sealer = createSealer(createSecretKey(randomBytes(32)));
  const authorityOn = (): EnvelopeAuthority =>
    new EnvelopeAuthority({
      instance,
      upstreamId: 'upstream-1',
      rootKey,
      lease,
      watch,
      keepsCopies,
      store,
      sealer,
      clock,
      log,
    });
  const made = { authority: authorityOn() };
  return {
    rootKey,
    clock,
    lease,
    log,
    saves,
    watch,
    get store() {
      return store;
    },
    open: async (object: ManagedObject) => (await made.authority.open(object)).material,
    authority: () => made.authority,
    async newKey(): Promise<{ readonly object: ManagedObject; readonly material: KeyObject }> {
      return keepIn(store, (uid, keep) => made.authority.create(aes, uid, keep));
    },
    /** Closes the store, lets `act` change the file, and opens it again. */
    async tamper(act: (database: Sqlite.Database) => void): Promise<void> {
      await store.close();
      const database = new Sqlite(path);
      act(database);
      database.close();
      store = openSqliteStore(path);
      made.authority = authorityOn();
    },
    find: (uid: string): ManagedObject => store.objects.find(uid) ?? t.fail(`no ${uid}`) ?? sampleObject(),
  };
};

const refused = async (t: ExecutionContext, promise: Promise<unknown>, kind: ErrorKind): Promise<EdgeError> => {
  const error = await t.throwsAsync(promise, { instanceOf: EdgeError });
  t.is(error.kind, kind, error.message);
  return error;
};

test('while the lease holds, the sealed copy is served and nobody is asked', async (t) => {
  const { newKey, open, rootKey, clock } = await setUp(t);
  const { object, material } = await newKey();
  rootKey.reachable = false;
  await clock.pass(72 * hour - 1);
  t.true(material.equals(await open(object)));
  t.is(rootKey.calls.unwrap, 0);
});

test('a key without a copy is unwrapped, and a copy is kept then', async (t) => {
  const { newKey, open, rootKey, find } = await setUp(t);
  const { object, material } = await newKey();
  t.true(material.equals(await open({ ...object, sealed: undefined })));
  t.is(rootKey.calls.unwrap, 1);
  await settle();
  rootKey.reachable = false;
  t.true(material.equals(await open(find(object.uid))));
});

test('not held here and unreachable: refused as that, with the way out', async (t) => {
  const { newKey, open, rootKey } = await setUp(t);
  const { object } = await newKey();
  rootKey.reachable = false;
  const error = await refused(t, open({ ...object, sealed: undefined }), 'upstream-unreachable');
  t.is(error.message, `key '${object.uid}' is not held here and the upstream is unreachable: no route`);
  t.is(error.hint, 'look at the cable');
});

test('a key of another length than its own is neither served nor kept', async (t) => {
  const { newKey, open, rootKey, find, lease, clock } = await setUp(t);
  const { object, material } = await newKey();
  const { unwrap } = rootKey;
  rootKey.unwrap = async () => ({ material: createSecretKey(randomBytes(16)) });
  await clock.pass(hour);
  const error = await refused(t, open({ ...object, sealed: undefined }), 'upstream-unreachable');
  t.regex(error.message, /scripted root key gave 128 bits for key '.*', which has 256/);
  t.is(lease.remaining(), 71 * hour);
  await settle();
  t.deepEqual(find(object.uid).sealed, object.sealed);
  rootKey.unwrap = unwrap;
  t.true(material.equals(await open({ ...object, sealed: undefined })));
});

test('after the lease has ended the upstream is asked; reachable, it starts the lease anew', async (t) => {
  const { newKey, open, rootKey, clock, lease } = await setUp(t);
  const { object, material } = await newKey();
  rootKey.reachable = false;
  await clock.pass(72 * hour);
  const error = await refused(t, open(object), 'lease-ended');
  const text = "the offline lease of service instance 'one' has ended and its upstream is unreachable: no route";
  t.is(error.message, text);
  rootKey.reachable = true;
  t.true(material.equals(await open(object)));
  t.is(lease.remaining(), 72 * hour);
});

test('an unusable root key stops every path, and the message names its state', async (t) => {
  const { newKey, open, rootKey, watch, lease } = await setUp(t);
  const { object, material } = await newKey();
  rootKey.state = 'suspended';
  await refused(t, open({ ...object, sealed: undefined }), 'root-key-unusable');
  t.is(lease.verdict(), 'root-key-unusable');
  const error = await refused(t, open(object), 'root-key-unusable');
  t.regex(error.message, /root key of service instance 'one' is suspended .*its keys are not served/);
  await refused(t, open({ ...object, sealed: undefined }), 'root-key-unusable');
  t.is(rootKey.calls.unwrap, 1);
  rootKey.state = 'active';
  await watch.ask();
  t.true(material.equals(await open(object)));
});

test('one wrong 404 to an unwrap refuses that request and no other, also when the link is cut after it', async (t) => {
  const { newKey, open, rootKey, lease } = await setUp(t);
  const [one, other] = [await newKey(), await newKey()];
  const { unwrap } = rootKey;
  rootKey.unwrap = () => Promise.reject(new RootKeyUnusable('404', 'destroyed'));
  await refused(t, open({ ...one.object, sealed: undefined }), 'root-key-unusable');
  rootKey.unwrap = unwrap;
  rootKey.reachable = false;
  t.is(lease.verdict(), 'valid');
  t.true(other.material.equals(await open(other.object)));
});

test('a lease that came back while an unwrap failed lets the copy be served', async (t) => {
  const { newKey, open, rootKey, clock, watch } = await setUp(t);
  const { object, material } = await newKey();
  await clock.pass(73 * hour);
  const late = Promise.withResolvers<never>();
  rootKey.unwrap = () => late.promise;
  const opening = open(object);
  await watch.ask();
  late.reject(new EdgeError('upstream-unreachable', 'no answer in time'));
  t.true(material.equals(await opening));
});

test('an expired root key opens what it wrapped, and stays expired', async (t) => {
  const { newKey, open, rootKey, watch, lease } = await setUp(t);
  const { object, material } = await newKey();
  rootKey.state = 'deactivated';
  await watch.ask();
  t.true(material.equals(await open({ ...object, sealed: undefined })));
  t.is(lease.rootKey.state, 'deactivated');
});

test('an unwrap that was under way when the root key was disabled gives no key', async (t) => {
  const { newKey, open, rootKey, watch, lease } = await setUp(t);
  const { object } = await newKey();
  const release = rootKey.hold();
  const opening = open({ ...object, sealed: undefined });
  const outcome = refused(t, opening, 'root-key-unusable');
  rootKey.state = 'suspended';
  const asking = watch.ask();
  await watch.heardUnusable(Object.assign(new Error(), { state: 'suspended' }) as never);
  release();
  await Promise.all([outcome, asking]);
  t.is(lease.verdict(), 'root-key-unusable');
});

test('a thousand requests for one key make one unwrap', async (t) => {
  const { newKey, open, rootKey } = await setUp(t);
  const { object, material } = await newKey();
  const release = rootKey.hold();
  const opened = Promise.all(Array.from({ length: 1000 }, () => open({ ...object, sealed: undefined })));
  await settle();
  release();
  t.true((await opened).every((one) => material.equals(one)));
  t.is(rootKey.calls.unwrap, 1);
});

test('a failed unwrap is shared too, and the next request asks anew', async (t) => {
  const { newKey, open, rootKey } = await setUp(t);
  const { object, material } = await newKey();
  rootKey.reachable = false;
  const bare = { ...object, sealed: undefined };
  const outcomes = await Promise.allSettled([open(bare), open(bare), open(bare)]);
  t.true(outcomes.every(({ status }) => status === 'rejected'));
  t.is(rootKey.calls.unwrap, 1);
  rootKey.reachable = true;
  t.true(material.equals(await open(bare)));
});

test('a newer wrapped form replaces the old one, and opens', async (t) => {
  const { newKey, open, rootKey, find } = await setUp(t);
  const { object, material } = await newKey();
  rootKey.rotated = true;
  await open({ ...object, sealed: undefined });
  await settle();
  const stored = find(object.uid);
  t.not(stored.wrapped?.text, object.wrapped?.text);
  t.true(material.equals(await open({ ...stored, sealed: undefined })));
});

test('a newer wrapped form that does not open to the same key never replaces the good one', async (t) => {
  const { newKey, open, rootKey, find, log } = await setUp(t, 0);
  const { object, material } = await newKey();
  const other = createSecretKey(randomBytes(32));
  for (const newerForm of [{ text: 'nonsense' }, await rootKey.wrap(other, object.uid), { text: '' }]) {
    Object.assign(rootKey, { rotated: true, newerForm });
    t.true(material.equals(await open(object)));
    await settle();
    t.deepEqual(find(object.uid).wrapped, object.wrapped);
  }
  t.is(
    log.lines.filter((line) => /newer wrapping refused|rewrapped key not stored/.test(JSON.stringify(line))).length,
    3,
  );
});

test('a newer wrapped form does not bring back a key that was destroyed meanwhile', async (t) => {
  const context = await setUp(t);
  const { newKey, open, rootKey, find } = context;
  const { object } = await newKey();
  rootKey.rotated = true;
  const release = rootKey.hold();
  const opening = open({ ...object, sealed: undefined });
  await context.store.write((tx) => tx.objects.update(erased(object)), { erase: true });
  release();
  await opening;
  await settle();
  t.deepEqual(find(object.uid), erased(object));
});

test('a damaged copy falls back to the wrapped key, and is replaced by a good one', async (t) => {
  const context = await setUp(t);
  const { newKey, rootKey, find, log } = context;
  const { object, material } = await newKey();
  await context.tamper((database) => database.prepare('UPDATE material SET sealed = randomblob(65)').run());
  t.true(material.equals(await context.open(find(object.uid))));
  t.true(log.lines.some(({ event, fields }) => event === 'sealed copy damaged' && fields['uid'] === object.uid));
  await settle();
  rootKey.reachable = false;
  t.true(material.equals(await context.open(find(object.uid))));
});

test('rows whose material was swapped from outside never give the wrong key', async (t) => {
  const swap = (database: Sqlite.Database, columns: string): void => {
    const list = columns.split(', ');
    const [one = {}, other = {}] = database.prepare<[], Record<string, unknown>>('SELECT * FROM material').all();
    const update = database.prepare(`UPDATE material SET ${list.map((name) => `${name} = @${name}`)} WHERE id = @id`);
    for (const [row, values] of [
      [one, other],
      [other, one],
    ] as const) {
      update.run({ ...values, id: row['id'] });
    }
  };
  const cases = { sealed: 'right', wrapped: 'right', 'wrapped, sealed': 'refused' } as const;
  for (const [columns, outcome] of Object.entries(cases)) {
    const context = await setUp(t);
    const [one, other] = [await context.newKey(), await context.newKey()];
    await context.tamper((database) => swap(database, columns));
    for (const { object, material } of [one, other]) {
      const found = context.find(object.uid);
      if (outcome === 'right') t.true(material.equals(await context.open(found)), columns);
      else await refused(t, context.open(found), 'wrapped-key-refused');
    }
  }
});

test('a row that was given another unique identifier from outside does not open', async (t) => {
  const context = await setUp(t);
  const { object } = await context.newKey();
  await context.tamper((database) => database.prepare("UPDATE object SET uid = 'another'").run());
  await refused(t, context.open(context.find('another')), 'wrapped-key-refused');
  t.is(context.store.objects.find(object.uid), undefined);
});

test('with a lease of zero no copy is kept, and every request asks', async (t) => {
  const { newKey, open, rootKey, find, authority } = await setUp(t, 0);
  const { object, material } = await newKey();
  t.is(find(object.uid).sealed, undefined);
  t.false(authority().servesFromMemory());
  for (let n = 1; n <= 3; n += 1) {
    t.true(material.equals(await open(find(object.uid))));
    t.is(rootKey.calls.unwrap, n);
  }
  await settle();
  t.is(find(object.uid).sealed, undefined);
  rootKey.reachable = false;
  await refused(t, open(find(object.uid)), 'lease-ended');
});

test('for a root key that is always at hand no copy is kept', async (t) => {
  const { newKey, open, find } = await setUp(t, 'unlimited', false);
  const { object, material } = await newKey();
  t.true(material.equals(await open(object)));
  await settle();
  t.is(find(object.uid).sealed, undefined);
});

test('closing saves the lease also where the root key does not close', async (t) => {
  const { authority, rootKey, clock, saves } = await setUp(t);
  rootKey.close = () => Promise.reject(new Error('stuck'));
  await clock.pass(hour);
  await t.throwsAsync(authority().close(), { message: 'stuck' });
  t.is(saves.at(-1)?.highWater, clock.now());
});

test('an object that has lost its wrapped key is damage, not absence', async (t) => {
  const { newKey, open } = await setUp(t);
  const { object } = await newKey();
  const error = await refused(t, open({ ...object, wrapped: undefined, sealed: undefined }), 'data-damaged');
  t.is(error.message, `object '${object.uid}' has lost its wrapped key`);
});

test('a key that a client brought is wrapped, sealed, and comes back', async (t) => {
  const context = await setUp(t);
  const { authority, open, rootKey } = context;
  const material = createSecretKey(randomBytes(20));
  const register = (uid: string, keep: Keep) =>
    authority().register({ ...aes, cryptographicLength: 160 }, material, uid, keep);
  const { object } = await keepIn(context.store, register);
  t.is(rootKey.calls.wrap, 1);
  t.true(material.equals(await open(object)));
  t.true(material.equals(await open({ ...object, sealed: undefined })));
});
