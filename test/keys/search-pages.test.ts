// Locate's walk: others get their turn between its pages, and it ends where it may not go on.

import { setImmediate } from 'node:timers';
import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import type { Caller } from '../../src/keys/caller.ts';
import type { LocateQuery } from '../../src/keys/locate-ports.ts';
import type { ObjectReader } from '../../src/keys/object-ports.ts';
import { type Search, searchPages } from '../../src/keys/search-pages.ts';
import { sampleObject } from '../store/samples.ts';

const caller = { instanceId: 'instance-1' } as Caller;
const search: Search = {
  attributes: [],
  narrowing: { ranges: [], usage: 0, onLine: true },
  matches: () => true,
  maximum: 100,
  offset: 0,
};

/** Pages of one object each; `seen` is called as one is read. */
const pagesOf = (count: number, seen: (query: LocateQuery) => void) =>
  ({
    locate(query: LocateQuery) {
      seen(query);
      const number = query.after + 1;
      return { found: [sampleObject({ uid: `object ${number}` })], next: number < count ? number : undefined };
    },
  }) as unknown as ObjectReader;

test('between two pages everybody else who waits is served', async (t) => {
  const order: string[] = [];
  const objects = pagesOf(3, ({ after }) => {
    order.push(`page ${after}`);
    setImmediate(() => order.push('another'));
  });
  t.deepEqual(await searchPages(objects, caller, search, () => {}), ['object 1', 'object 2', 'object 3']);
  t.deepEqual(order.slice(0, 5), ['page 0', 'another', 'page 1', 'another', 'page 2']);
});

test('a page is never larger than what takes some milliseconds', async (t) => {
  const looks: number[] = [];
  await searchPages(
    pagesOf(8, (query) => looks.push(query.looks)),
    caller,
    search,
    () => {},
  );
  t.deepEqual(looks, [64, 256, 1024, 2048, 2048, 2048, 2048, 2048]);
});

const many = Array.from({ length: 500 }, () => ({ name: 'x-A', value: Buffer.alloc(8) }));
const long = [{ name: 'x-A', value: Buffer.alloc(1_000_000) }];
for (const [what, attributes] of Object.entries({ 'many attributes': many, 'a long one': long })) {
  test(`of ${what} a page compares few objects`, async (t) => {
    const looks: number[] = [];
    await searchPages(
      pagesOf(4, (query) => looks.push(query.looks)),
      caller,
      { ...search, attributes },
      () => {},
    );
    t.true(Math.max(...looks) < 100);
  });
}

test('no page is read once as many were found as were asked for', async (t) => {
  let pages = 0;
  const objects = pagesOf(9, () => {
    pages += 1;
  });
  t.deepEqual(await searchPages(objects, caller, { ...search, maximum: 2, offset: 1 }, () => {}), [
    'object 2',
    'object 3',
  ]);
  t.is(pages, 3);
});

test('a search ends when its service instance is suspended meanwhile', async (t) => {
  let checks = 0;
  const check = (): void => {
    if (++checks === 2) throw new EdgeError('suspended', 'no more');
  };
  await t.throwsAsync(
    searchPages(
      pagesOf(9, () => {}),
      caller,
      search,
      check,
    ),
    { message: 'no more' },
  );
  t.is(checks, 2);
});
