// Names of KMIP adapters that Key Protect takes, whatever an instance is called here.

import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import { adapterNameOf, isUuid } from '../../src/upstream/key-protect/adapter-names.ts';
import { anyText } from '../kit/any-text.ts';

const taken = (name: string): boolean => /^[A-Za-z0-9_-]{2,40}$/.test(name) && !isUuid(name);
const uuid = '77388c3b-de14-4522-bd91-d9ea1cfa2047';

test('a name that Key Protect takes stays', (t) => {
  for (const name of ['ab', 'vcenter-1', 'A_b-9', 'x'.repeat(40)]) t.is(adapterNameOf(name), name);
});

const changed: readonly (readonly [string, RegExp])[] = [
  ['a', /^a-[0-9a-f]{8}$/],
  ['Büro Köln', /^Buro-Koln-[0-9a-f]{8}$/],
  ['東京', /^adapter-[0-9a-f]{8}$/],
  ['a/../b', /^a-b-[0-9a-f]{8}$/],
  ['x'.repeat(41), /^x{31}-[0-9a-f]{8}$/],
  [uuid, /^77388c3b-de14-4522-bd91-d9ea1cf-[0-9a-f]{8}$/],
];

for (const [name, becomes] of changed) {
  test(`"${name}" becomes a name like ${becomes.source}`, (t) => {
    t.regex(adapterNameOf(name), becomes);
    t.is(adapterNameOf(name), adapterNameOf(name));
  });
}

test('names that differ stay apart', (t) => {
  const names = ['a b', 'a-b', 'a  b', 'ä b', 'A b'];
  t.is(new Set(names.map(adapterNameOf)).size, names.length);
});

test('any name becomes one that is taken', (t) => {
  const property = fc.property(anyText({ maxLength: 80 }), (name) => {
    fc.pre(name.trim() !== '');
    return taken(adapterNameOf(name));
  });
  t.notThrows(() => fc.assert(property));
});

test('no name is refused', (t) => {
  for (const name of ['', ' \t']) {
    t.is(t.throws(() => adapterNameOf(name), { instanceOf: EdgeError })?.kind, 'invalid-field');
  }
});
