// What every store must do, whatever it is made of: run on each implementation of the port.

import type { ExecutionContext, TestFn } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import type { Store } from '../../src/keys/ports.ts';
import { erased, sampleInstance, sampleObject, sampleUpstream, textAttribute, withInstance } from './samples.ts';

/** A store under test: empty at first, closed after the test. */
export interface StoreUnderTest {
  readonly store: Store;
  /** Closes it and opens what it had stored. */
  reopen(): Promise<Store>;
}
export type MakeStore = (t: ExecutionContext) => Promise<StoreUnderTest> | StoreUnderTest;

const everything = { instanceId: 'instance-1', attributes: [] } as const;
const uids = (store: Store, query: Parameters<Store['objects']['search']>[0] = everything): readonly string[] =>
  [...store.objects.search(query)].map(({ uid }) => uid);

/** Declares the tests of one implementation. */
export const testStore = (name: string, test: TestFn, make: MakeStore): void => {
  test(`${name}: an object is found as it was inserted, with every field and after reopening`, async (t) => {
    const { store, reopen } = await make(t);
    await withInstance(store);
    const full = sampleObject({
      activationDate: 1,
      processStartDate: 2,
      protectStopDate: 3,
      deactivationDate: 4,
      destroyDate: 5,
      compromiseOccurrenceDate: 6,
      compromiseDate: 7,
      revocationReason: { code: 1, message: 'gone 🔑' },
    });
    const bare = sampleObject({ wrapped: { text: 'w' }, sealed: undefined, revocationReason: { code: 2 } });
    const large = sampleObject({ wrapped: { text: 'x'.repeat(20_000) }, sealed: Buffer.alloc(9000, 7) });
    const given = [full, bare, large, erased(sampleObject())];
    await store.write(({ objects }) => {
      for (const object of given) objects.insert(object, []);
    });
    for (const open of [() => store, reopen]) {
      const one = await open();
      for (const object of given) t.deepEqual(one.objects.find(object.uid), object);
      t.is(one.objects.count('instance-1'), given.length);
      t.is(one.objects.count('another'), 0);
      t.is(one.objects.find('nothing'), undefined);
    }
  });

  test(`${name}: an update replaces the object and leaves its attributes`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    const object = sampleObject();
    const kept = [textAttribute('x-B', 'b'), textAttribute('Name', 'n', 1), textAttribute('Name', 'm')];
    await store.write(({ objects }) => objects.insert(object, kept));
    const longer = { ...object, wrapped: { text: 'y'.repeat(300), version: '2' }, activationDate: 5 };
    for (const changed of [longer, { ...longer, sealed: undefined }, object, erased(object)]) {
      await store.write(({ objects }) => objects.update(changed));
      t.deepEqual(store.objects.find(object.uid), changed);
    }
    const order = store.objects.attributesOf(object.uid).map(({ name: n, index, value }) => `${n} ${index} ${value}`);
    t.deepEqual(order, ['Name 0 m', 'Name 1 n', 'x-B 0 b']);
  });

  test(`${name}: a change to an object that is not there is refused`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    const update = store.write(({ objects }) => objects.update(sampleObject({ uid: 'u-1' })));
    const error = await t.throwsAsync(update, { instanceOf: EdgeError, message: /'u-1'/ });
    t.is(error.kind, 'item-not-found');
    const add = store.write(({ objects }) => objects.addAttribute('u-1', textAttribute('x-A', 'a')));
    t.is((await t.throwsAsync(add, { instanceOf: EdgeError })).kind, 'item-not-found');
  });

  test(`${name}: a unique identifier is taken once`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    const object = sampleObject();
    await store.write(({ objects }) => objects.insert(object, []));
    await t.throwsAsync(store.write(({ objects }) => objects.insert({ ...object, cryptographicLength: 128 }, [])));
    t.deepEqual(store.objects.find(object.uid), object);
    t.is(store.objects.count('instance-1'), 1);
  });

  test(`${name}: a search is oldest first, by attributes as they are, and within one instance`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    await store.write(({ instances }) => instances.insertInstance(sampleInstance({ id: 'two', name: 'two' })));
    const objects = Array.from({ length: 20 }, (_, index) => sampleObject({ uid: `u-${99 - index}` }));
    for (const [index, object] of objects.entries()) {
      const kept = [textAttribute('x-Even', String(index % 2 === 0)), textAttribute('x-Third', String(index % 3))];
      await store.write((tx) => tx.objects.insert(object, kept));
    }
    await store.write((tx) =>
      tx.objects.insert(sampleObject({ instanceId: 'two' }), [textAttribute('x-Even', 'true')]),
    );
    t.deepEqual(
      uids(store),
      objects.map(({ uid }) => uid),
    );
    const even = { name: 'x-Even', value: Buffer.from('true') };
    const third = { name: 'x-Third', value: Buffer.from('0') };
    const wanted = (index: number): boolean => index % 2 === 0 && index % 3 === 0;
    const both = objects.filter((_, index) => wanted(index)).map(({ uid }) => uid);
    t.deepEqual(uids(store, { ...everything, attributes: [even, third] }), both);
    t.deepEqual(uids(store, { ...everything, attributes: [even], uid: 'u-98' }), []);
    t.deepEqual(uids(store, { ...everything, attributes: [even], uid: 'u-99' }), ['u-99']);
    t.deepEqual(uids(store, { ...everything, attributes: [{ name: 'x-Even', value: Buffer.from('TRUE') }] }), []);
    t.is(uids(store, { instanceId: 'two', attributes: [even] }).length, 1);
  });

  test(`${name}: a search gives every field but the forms of the material`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    const object = sampleObject({ activationDate: 1, revocationReason: { code: 1, message: 'gone' } });
    await store.write(({ objects }) => objects.insert(object, []));
    const { wrapped, sealed, ...rest } = object;
    t.truthy(wrapped && sealed);
    t.deepEqual([...store.objects.search(everything)], [rest]);
  });

  test(`${name}: a search passes over what is destroyed where that is asked for`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    const [there, gone] = [sampleObject(), erased(sampleObject())];
    await store.write(({ objects }) => {
      for (const object of [gone, there]) objects.insert(object, [textAttribute('Name', 'n')]);
    });
    const named = { ...everything, attributes: [textAttribute('Name', 'n')] };
    for (const live of [true, false]) t.is(uids(store, { ...named, live }).includes(gone.uid), !live);
  });

  test(`${name}: a search is lazy, and may be left early`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    await store.write(({ objects }) => {
      for (let n = 0; n < 500; n += 1) objects.insert(sampleObject(), []);
    });
    let walked = 0;
    for (const _ of store.objects.search(everything)) if (++walked === 3) break;
    t.is(walked, 3);
    await store.write(({ objects }) => objects.insert(sampleObject(), []));
    t.is(uids(store).length, 501);
  });

  test(`${name}: a search for more attributes than can be is refused, not failed`, async (t) => {
    const { store } = await make(t);
    const attributes = Array.from({ length: 5000 }, (_, index) => ({ name: `x-${index}`, value: Buffer.of(1) }));
    const error = t.throws(() => uids(store, { ...everything, attributes }), { instanceOf: EdgeError });
    t.is(error?.kind, 'invalid-field');
  });

  test(`${name}: a change that throws is undone alone, others in the same commit stand`, async (t) => {
    const { store, reopen } = await make(t);
    await withInstance(store);
    const objects = Array.from({ length: 50 }, () => sampleObject());
    const outcomes = await Promise.allSettled(
      objects.map((object, index) =>
        store.write((tx) => {
          tx.objects.insert(object, [textAttribute('x-A', 'a')]);
          if (index % 3 === 0) throw new EdgeError('illegal-operation', `not ${index}`);
          return index;
        }),
      ),
    );
    for (const open of [() => store, reopen]) {
      const one = await open();
      objects.forEach((object, index) => {
        const outcome = outcomes[index];
        t.is(outcome?.status, index % 3 === 0 ? 'rejected' : 'fulfilled');
        t.is(one.objects.find(object.uid) !== undefined, index % 3 !== 0);
        t.is(one.objects.attributesOf(object.uid).length, index % 3 === 0 ? 0 : 1);
      });
    }
  });

  test(`${name}: a change sees those before it and gives its result`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    const counts = await Promise.all(
      Array.from({ length: 1000 }, () =>
        store.write(({ objects }) => {
          objects.insert(sampleObject(), []);
          return objects.count('instance-1');
        }),
      ),
    );
    t.deepEqual(
      counts,
      Array.from({ length: 1000 }, (_, index) => index + 1),
    );
  });

  test(`${name}: a change that waits is refused and leaves nothing`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    await t.throwsAsync(
      store.write(async ({ objects }) => {
        objects.insert(sampleObject(), []);
      }),
    );
    t.is(store.objects.count('instance-1'), 0);
  });

  test(`${name}: what was asked for before closing is written`, async (t) => {
    const { store, reopen } = await make(t);
    const written = withInstance(store);
    const again = await reopen();
    await written;
    t.is(again.instances.instances().length, 1);
  });

  test(`${name}: roots and whom they admitted are kept, the latest of them, and go with the instance`, async (t) => {
    const { store, reopen } = await make(t);
    await withInstance(store);
    const { id: instanceId } = sampleInstance();
    const lists = { subjects: ['CN=a', 'C=US, CN=b'], keyFingerprints: ['ab'] };
    const root = {
      id: 'r',
      instanceId,
      name: 'vmca',
      certificatePem: 'PEM',
      intermediatesPem: '',
      ...lists,
      addedAt: 5,
    };
    const seen = (fingerprint: string, lastSeen: number) =>
      ({ rootId: 'r', fingerprint, certificatePem: 'PEM', address: '192.0.2.1', firstSeen: 1, lastSeen }) as const;
    await store.write(({ roots }) => {
      roots.insertRoot(root);
      roots.putSeen({ ...seen('x', 1), rootId: 'nobody' }, 2);
      for (const one of [seen('a', 1), seen('b', 2), seen('c', 3), { ...seen('b', 4), firstSeen: 4 }])
        roots.putSeen(one, 2);
    });
    const again = await reopen();
    t.deepEqual(again.roots.roots(), [root]);
    t.deepEqual(again.roots.seen('r'), [seen('b', 4), seen('c', 3)], 'when it was seen first stays');
    t.deepEqual(again.roots.seen('nobody'), []);
    const changed = { ...root, subjects: ['CN=a'], intermediatesPem: 'PEM' };
    await again.write(({ roots }) => roots.updateRoot(changed));
    t.deepEqual(again.roots.roots(), [changed]);
    const other = { ...root, id: 'r-2' };
    const twice = again.write(({ roots }) => roots.insertRoot(other));
    t.is((await t.throwsAsync(twice, { instanceOf: EdgeError })).kind, 'already-exists');
    await again.write(({ roots }) => roots.deleteRoot('r'));
    t.deepEqual([again.roots.roots(), again.roots.seen('r')], [[], []]);
    const update = again.write(({ roots }) => roots.updateRoot(changed));
    t.is((await t.throwsAsync(update, { instanceOf: EdgeError, message: /'vmca'/ })).kind, 'item-not-found');
  });

  test(`${name}: instances, clients and leases are kept, and names are taken once`, async (t) => {
    const { store, reopen } = await make(t);
    await withInstance(store);
    const unlimited = sampleInstance({ id: 'i-2', name: 'two', lease: 'unlimited', createdAt: 1_800_000_000_000 });
    const client = {
      instanceId: 'i-2',
      fingerprint: 'ab',
      certificatePem: 'PEM',
      origin: 'pinned',
      addedAt: 3,
    } as const;
    const upstream = sampleUpstream({ id: 'u-2', instanceId: 'i-2', createdAt: 1_800_000_000_000 });
    await store.write(({ instances, upstreams }) => {
      instances.insertInstance(unlimited);
      upstreams.putUpstream(upstream);
      instances.insertClient({ ...client, id: 'c-1', name: 'vc' });
      upstreams.saveLease('u-2', { provenAt: 1, highWater: 2, rootKey: { state: 'active', name: 'n' } });
      upstreams.saveLease('u-2', { provenAt: 3, highWater: 4, rootKey: { state: 'suspended', version: 'v' } });
    });
    const taken = [
      store.write(({ instances }) => instances.insertInstance(sampleInstance({ id: 'i-3' }))),
      store.write(({ instances }) => instances.insertClient({ ...client, id: 'c-2', name: 'other' })),
      store.write(({ instances }) => instances.insertClient({ ...client, id: 'c-3', name: 'vc', fingerprint: 'cd' })),
    ];
    for (const write of taken) t.is((await t.throwsAsync(write, { instanceOf: EdgeError })).kind, 'already-exists');
    const again = await reopen();
    t.deepEqual(again.instances.instances(), [sampleInstance(), unlimited]);
    t.deepEqual(again.upstreams.upstreams(), [sampleUpstream(), upstream]);
    t.deepEqual(again.instances.clients(), [{ ...client, id: 'c-1', name: 'vc' }]);
    const record = { provenAt: 3, highWater: 4, rootKey: { state: 'suspended', version: 'v' } } as const;
    t.deepEqual(again.upstreams.lease('u-2'), record);
    t.is(again.upstreams.lease('upstream-1'), undefined);
    t.true(await again.write(({ instances }) => instances.deleteClient('c-1')));
    t.false(await again.write(({ instances }) => instances.deleteClient('c-1')));
    const update = again.write(({ instances }) => instances.updateClient({ ...client, id: 'c-1', name: 'vc' }));
    t.is((await t.throwsAsync(update, { instanceOf: EdgeError, message: /'vc'/ })).kind, 'item-not-found');
  });

  test(`${name}: upstreams are replaced and deleted, with their leases and pending creates`, async (t) => {
    const { store, reopen } = await make(t);
    await withInstance(store);
    const changed = sampleUpstream({ settings: { url: 'other' } });
    const pending = { marker: 'm-1', upstreamId: 'upstream-1', sentAt: 3 };
    await store.write(({ upstreams, instances }) => {
      upstreams.putUpstream(changed);
      upstreams.putUpstream(sampleUpstream({ id: 'second', createdAt: 1_800_000_000_000 }));
      upstreams.saveLease('upstream-1', { provenAt: 1, highWater: 2, rootKey: { state: 'active' } });
      upstreams.addPendingCreate(pending);
      upstreams.addPendingCreate({ ...pending, marker: 'm-2' });
      upstreams.deletePendingCreate('m-2');
      instances.setUpstream('instance-1', 'second');
    });
    const again = await reopen();
    t.deepEqual(again.upstreams.upstreams()[0], changed);
    t.deepEqual(again.upstreams.pendingCreates('upstream-1'), [pending]);
    t.deepEqual(again.upstreams.pendingCreates('second'), []);
    t.is(again.instances.instances()[0]?.upstreamId, 'second');
    await again.write(({ upstreams }) => upstreams.deleteUpstream('upstream-1'));
    t.deepEqual(again.upstreams.pendingCreates('upstream-1'), []);
    t.is(again.upstreams.lease('upstream-1'), undefined);
  });

  test(`${name}: what is missing at its endpoint is listed, and who holds what is counted`, async (t) => {
    const { store } = await make(t);
    await withInstance(store);
    const [here, gone] = [sampleObject(), sampleObject({ missingSince: 5 })];
    await store.write(({ objects, upstreams }) => {
      upstreams.putUpstream(sampleUpstream({ id: 'second' }));
      objects.insert(here, [textAttribute('x-A', 'a')]);
      objects.insert(gone, []);
      objects.insert(sampleObject({ upstreamId: 'second' }), []);
      objects.setAttributes(here.uid, [textAttribute('x-B', 'b')]);
    });
    t.deepEqual(store.objects.missing('upstream-1'), [gone.uid]);
    t.deepEqual(store.objects.missing('second'), []);
    t.is(store.objects.countHeldBy('instance-1', 'upstream-1'), 2);
    t.deepEqual(store.objects.attributesOf(here.uid), [textAttribute('x-B', 'b')]);
  });

  test(`${name}: the forms of a key that moves are set aside, and erased with it or at the end`, async (t) => {
    const { store, reopen } = await make(t);
    await withInstance(store);
    const [one, two] = [sampleObject(), sampleObject()];
    const move = { instanceId: 'instance-1', from: 'upstream-1', to: 'second', startedAt: 1 } as const;
    await store.write(({ objects, upstreams, moves }) => {
      upstreams.putUpstream(sampleUpstream({ id: 'second' }));
      moves.putMove({ ...move, state: 'running' });
      for (const object of [one, two]) {
        objects.insert(object, []);
        moves.keepFormer(object.uid);
        objects.update({ ...object, upstreamId: 'second', wrapped: { text: 'new' } });
      }
      moves.putNotMoved('instance-1', { uid: 'u-9', problem: 'first' });
      moves.putNotMoved('instance-1', { uid: 'u-9', problem: 'then' });
    });
    t.deepEqual(store.objects.find(one.uid)?.wrapped, { text: 'new' });
    t.is(store.moves.formerForms('instance-1'), 2);
    await store.write(({ objects, moves }) => {
      objects.update(erased({ ...one, upstreamId: 'second' }));
      moves.putMove({ ...move, state: 'done', endedAt: 2 });
    });
    const again = await reopen();
    t.is(again.moves.formerForms('instance-1'), 1);
    t.deepEqual(again.moves.moves(), [{ ...move, state: 'done', endedAt: 2 }]);
    t.deepEqual(again.moves.notMoved('instance-1'), [{ uid: 'u-9', problem: 'then' }]);
    await again.write(({ moves }) => {
      moves.eraseFormer('instance-1');
      moves.deleteMove('instance-1');
    });
    t.is(again.moves.formerForms('instance-1'), 0);
    t.deepEqual(again.moves.moves(), []);
    t.deepEqual(again.moves.notMoved('instance-1'), []);
    t.deepEqual(again.objects.find(two.uid)?.upstreamId, 'second');
  });

  test(`${name}: tokens are kept, oldest first, with their last use, until they are deleted`, async (t) => {
    const { store, reopen } = await make(t);
    const token = { id: 'a', name: 'ci', role: 'operator', sha256: 'ab', createdAt: 2, createdBy: 'box', expiresAt: 9 };
    const older = { ...token, id: 'b', name: 'older', sha256: 'cd', createdAt: 1, lastUsedAt: 3 };
    await store.write(({ tokens }) => {
      tokens.putToken(token);
      tokens.putToken(older);
      tokens.putLastUse('a', 7);
    });
    await t.throwsAsync(store.write(({ tokens }) => tokens.putToken({ ...token, id: 'c', name: 'twice' })));
    const again = await reopen();
    t.deepEqual(again.tokens.tokens(), [older, { ...token, lastUsedAt: 7 }]);
    await again.write(({ tokens }) => tokens.deleteToken('b'));
    t.deepEqual(again.tokens.tokens(), [{ ...token, lastUsedAt: 7 }]);
  });

  test(`${name}: sealed secrets and slots are kept and replaced`, async (t) => {
    const { store, reopen } = await make(t);
    t.true(store.vault.isEmpty());
    const slot = { id: 's', kind: 'passphrase', parameters: { salt: 'x' }, wrapped: Buffer.from('w'), createdAt: 1 };
    await store.write(({ vault, slots }) => {
      vault.putSealedSecret('a', Buffer.from('1'));
      vault.putSealedSecret('a', Buffer.from('2'));
      slots.putSlot({ ...slot, id: 'later', createdAt: 2 });
      slots.putSlot(slot);
    });
    const again = await reopen();
    t.false(again.vault.isEmpty());
    t.deepEqual(again.vault.sealedSecret('a'), Buffer.from('2'));
    t.is(again.vault.sealedSecret('b'), undefined);
    t.deepEqual(again.slots.slots(), [slot, { ...slot, id: 'later', createdAt: 2 }]);
    t.true(await again.write(({ slots }) => slots.deleteSlot('s')));
    t.false(await again.write(({ slots }) => slots.deleteSlot('s')));
  });
};
