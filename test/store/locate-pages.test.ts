// Locate's pages: together they give what a look at every object gives, in the same order, and none looks at more than it
// was told to.

import test from 'ava';
import fc from 'fast-check';
import { stateAt } from '../../src/keys/life-cycle.ts';
import type { LocateQuery, NumberField } from '../../src/keys/locate-ports.ts';
import type { KeptAttribute, ManagedObject } from '../../src/keys/object.ts';
import type { Store } from '../../src/keys/ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { sampleInstance, sampleObject, textAttribute, withInstance } from './samples.ts';

interface Row {
  readonly object: ManagedObject;
  readonly kept: readonly KeptAttribute[];
}

type Query = Omit<LocateQuery, 'after' | 'looks'>;

const few = fc.integer({ min: 1, max: 3 });
const now = 2;

const rows: fc.Arbitrary<readonly Row[]> = fc.array(
  fc
    .record({
      objectType: few,
      cryptographicUsageMask: fc.integer({ min: 0, max: 7 }),
      activationDate: fc.option(few, { nil: undefined }),
      deactivationDate: fc.option(few, { nil: undefined }),
      destroyDate: fc.option(few, { nil: undefined, freq: 4 }),
      archiveDate: fc.option(few, { freq: 4 }),
      instanceId: fc.constantFrom('instance-1', 'instance-1', 'instance-2'),
      group: few,
      rare: fc.integer({ min: 1, max: 20 }),
    })
    .map(({ group, rare, archiveDate, ...fields }) => ({
      object: sampleObject({ ...fields, ...(archiveDate === null ? {} : { archiveDate }), lastChangeDate: 2 }),
      kept: [
        textAttribute('Object Group', String(group)),
        textAttribute('x-rare', String(rare)),
        textAttribute('Digest', String(group)),
      ],
    })),
  { maxLength: 60 },
);

const range = (field: NumberField) => fc.tuple(few, few).map(([from, to]) => ({ field, from, to }));

const queries: fc.Arbitrary<Query> = fc.record({
  instanceId: fc.constantFrom('instance-1', 'instance-2'),
  attributes: fc.array(
    fc.oneof(
      few.map((group) => textAttribute('Object Group', String(group))),
      few.map((rare) => textAttribute('x-rare', String(rare))),
      few.map((group) => textAttribute('Digest', String(group))),
      fc.constant({ ...textAttribute('x-rare', '1'), until: Buffer.from('2') }),
    ),
    { maxLength: 3 },
  ),
  narrowing: fc.record(
    {
      ranges: fc.array(fc.oneof(range('objectType'), range('activationDate')), { maxLength: 2 }),
      usage: fc.integer({ min: 0, max: 3 }),
      onLine: fc.boolean(),
      state: fc.integer({ min: 1, max: 6 }).map((is) => ({ is, now })),
    },
    { requiredKeys: ['ranges', 'usage', 'onLine'] },
  ),
});

const holds = ({ kept }: Row, { name, value, until = value }: Query['attributes'][number]): boolean =>
  kept.some(
    (one) => one.name === name && Buffer.compare(one.value, value) >= 0 && Buffer.compare(one.value, until) <= 0,
  );

/** As the query reads, a State set aside: that the searcher looks at. */
const fits = (row: Row, { instanceId, attributes, narrowing: { ranges, usage, onLine } }: Query): boolean => {
  const { object } = row;
  const { destroyDate, archiveDate } = object;
  return (
    object.instanceId === instanceId &&
    attributes.every((one) => holds(row, one)) &&
    (object.cryptographicUsageMask & usage) === usage &&
    !(onLine && (destroyDate !== undefined || archiveDate !== undefined)) &&
    ranges.every(({ field, from, to }) => {
      const value = object[field];
      return value !== undefined && value >= from && value <= to;
    })
  );
};

const walk = (
  store: Store,
  query: Query,
  looks: number,
): { readonly uids: readonly string[]; readonly pages: number } => {
  const uids: string[] = [];
  let pages = 0;
  for (let after: number | undefined = 0; after !== undefined; pages += 1) {
    const { found, next } = store.objects.locate({ ...query, after, looks });
    if (found.length > looks) throw new Error(`${found.length} of ${looks}`);
    uids.push(...found.map(({ uid }) => uid));
    after = next;
  }
  return { uids, pages };
};

const filled = async (t: Parameters<typeof temporaryDirectory>[0], given: readonly Row[]): Promise<Store> => {
  const store = openSqliteStore(`${temporaryDirectory(t)}/store.sqlite`);
  t.teardown(() => store.close());
  await withInstance(store);
  await store.write(({ objects, instances }) => {
    instances.insertInstance(sampleInstance({ id: 'instance-2', name: 'two' }));
    for (const { object, kept } of given) objects.insert(object, kept);
  });
  return store;
};

test('pages of any length give what a look at every object gives', async (t) => {
  const endings: (() => unknown)[] = [];
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.array(queries, { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 1, max: 20 }),
      async (given, asked, looks) => {
        const owner = { teardown: (end: () => unknown) => void endings.push(end) };
        const store = await filled(owner as typeof t, given);
        for (const query of asked) {
          const { state } = query.narrowing;
          const inState = (uid: string): boolean => {
            const object = given.find((one) => one.object.uid === uid)?.object;
            return !state || (object !== undefined && stateAt(object, state.now) === state.is);
          };
          const expected = given.filter((row) => fits(row, query)).map(({ object }) => object.uid);
          t.deepEqual(walk(store, query, looks).uids.filter(inState), expected.filter(inState));
        }
        for (const end of endings.splice(0).reverse()) await end();
      },
    ),
    { numRuns: 40 },
  );
});

test('the rarest attribute leads, whichever is named first', async (t) => {
  const given = Array.from({ length: 500 }, (_, index) => ({
    object: sampleObject(),
    kept: [textAttribute('Object Group', 'all'), textAttribute('x-rare', String(index))],
  }));
  const store = await filled(t, given);
  const narrowing = { ranges: [], usage: 0, onLine: true };
  const attributes = [textAttribute('Object Group', 'all'), textAttribute('x-rare', '499')];
  const { uids, pages } = walk(store, { instanceId: 'instance-1', attributes, narrowing }, 10);
  t.deepEqual(uids, [given[499]?.object.uid]);
  t.is(pages, 1);
  t.true(walk(store, { instanceId: 'instance-1', attributes: attributes.slice(0, 1), narrowing }, 10).pages >= 50);
});
