// Looking for keys and counting them: whatever is asked for, pages of any size give exactly what a look at each key would,
// and counts follow every change.

import { join } from 'node:path';
import test from 'ava';
import fc from 'fast-check';
import { stateAt } from '../../src/keys/life-cycle.ts';
import type { ManagedObject } from '../../src/keys/object.ts';
import type { Store } from '../../src/keys/ports.ts';
import type { PageQuery } from '../../src/keys/use-ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { sampleInstance, sampleObject, sampleUpstream, textAttribute, withInstance } from './samples.ts';

const now = 1_700_000_000;
const date = fc.option(fc.constantFrom(now - 10, now, now + 10), { nil: undefined });
const text = fc.constantFrom('a', 'b');

/** A key with dates before and after now, two attributes, and perhaps a last fetch. */
const key = fc.record({
  activationDate: date,
  deactivationDate: date,
  destroyDate: fc.option(fc.constant(now - 1), { nil: undefined, freq: 3 }),
  compromiseDate: fc.option(fc.constant(now - 1), { nil: undefined, freq: 3 }),
  name: text,
  component: text,
  client: fc.option(text, { nil: undefined }),
  foreign: fc.boolean(),
});

interface Kept {
  readonly object: ManagedObject;
  readonly name: string;
  readonly component: string;
  readonly client: string | undefined;
}

const question = fc.record({
  name: fc.option(fc.uniqueArray(text, { minLength: 1 }), { nil: undefined }),
  component: fc.option(text, { nil: undefined }),
  client: fc.option(text, { nil: undefined }),
  state: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
  looks: fc.integer({ min: 1, max: 4 }),
});
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never;

const fits = ({ object, ...kept }: Kept, asked: Question): boolean =>
  object.instanceId === 'instance-1' &&
  (asked.name?.some((name) => name === kept.name) ?? true) &&
  (asked.component === undefined || kept.component === asked.component) &&
  (asked.client === undefined || kept.client === asked.client) &&
  (asked.state === undefined || stateAt(object, now) === asked.state);

const queryOf = ({ name, component, client, state, looks }: Question): Omit<PageQuery, 'after'> => ({
  instanceId: 'instance-1',
  looks,
  attributes: [
    ...(name ? [name.map((value) => ({ name: 'x-Name', value: Buffer.from(value) }))] : []),
    ...(component ? [[{ name: 'x-Component', value: Buffer.from(component) }]] : []),
  ],
  client,
  state: state === undefined ? undefined : { is: state, now },
});

const allPages = (store: Store, query: Omit<PageQuery, 'after'>): readonly string[] => {
  const uids: string[] = [];
  for (let after: number | undefined = 0; after !== undefined; ) {
    const { found, next }: ReturnType<Store['objects']['page']> = store.objects.page({ ...query, after });
    uids.push(...found.map(({ object }) => object.uid));
    after = next;
  }
  return uids;
};

const countsOf = (objects: readonly ManagedObject[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...Map.groupBy(objects, (object) => stateAt(object, now))].map(([state, all]) => [state, all.length]),
  );

test('pages of any size give what a look at each key gives, and counts follow every change', async (t) => {
  const store = await withInstance(openSqliteStore(join(temporaryDirectory(t), 'db')));
  t.teardown(() => store.close());
  await store.write(({ instances, upstreams }) => {
    instances.insertInstance(sampleInstance({ id: 'instance-2', name: 'two' }));
    upstreams.putUpstream(sampleUpstream({ id: 'upstream-2', instanceId: 'instance-2' }));
  });
  const run = async (
    keys: readonly (typeof key extends fc.Arbitrary<infer T> ? T : never)[],
    asked: readonly Question[],
  ) => {
    const kept: Kept[] = keys.map(({ name, component, client, foreign, ...dates }) => ({
      object: sampleObject({
        ...dates,
        ...(foreign ? { instanceId: 'instance-2', upstreamId: 'upstream-2' } : {}),
        lastChangeDate: now - 5,
      }),
      name,
      component,
      client,
    }));
    await store.write(({ objects, uses }) => {
      for (const { object, name, component, client } of kept) {
        objects.insert(object, [textAttribute('x-Name', name), textAttribute('x-Component', component)]);
        if (client) uses.putKey(object.uid, { fetchedAt: 1, client });
      }
    });
    const own = kept.map(({ object }) => object).filter(({ instanceId }) => instanceId === 'instance-1');
    t.deepEqual(Object.fromEntries(store.objects.countByState('instance-1', now)), countsOf(own));
    for (const one of asked) {
      const expected = kept.filter((candidate) => fits(candidate, one)).map(({ object }) => object.uid);
      t.deepEqual(allPages(store, queryOf(one)), expected);
    }
    const changed = own.map((object) => ({ ...object, activationDate: now, destroyDate: undefined }));
    await store.write(({ objects }) => changed.forEach((object) => void objects.update(object)));
    t.deepEqual(Object.fromEntries(store.objects.countByState('instance-1', now)), countsOf(changed));
    t.is(store.objects.count('instance-1'), own.length);
    await store.write(({ erasure }) => {
      for (const id of ['instance-1', 'instance-2']) while (erasure.eraseObjects(id, 3) > 0);
    });
    t.is(store.objects.count('instance-1'), 0);
    t.deepEqual([...store.objects.countByState('instance-1', now)], []);
    t.deepEqual(store.uses.page(0, 10), []);
  };
  const property = fc.asyncProperty(fc.array(key, { maxLength: 12 }), fc.array(question, { maxLength: 4 }), run);
  await fc.assert(property, { numRuns: 60 });
});

test('a page looks at no more keys than it was told to', async (t) => {
  const store = await withInstance(openSqliteStore(join(temporaryDirectory(t), 'db')));
  t.teardown(() => store.close());
  await store.write(({ objects }) => {
    for (let n = 0; n < 50; n += 1) objects.insert(sampleObject(), [textAttribute('x-Name', n === 40 ? 'b' : 'a')]);
  });
  const attributes = [[{ name: 'x-Name', value: Buffer.from('a') }], [{ name: 'x-Name', value: Buffer.from('b') }]];
  const page = store.objects.page({ instanceId: 'instance-1', after: 0, looks: 20, attributes });
  t.deepEqual(page, { found: [], next: 20 });
});
