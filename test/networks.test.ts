// Which addresses are in which networks, and what is no network.

import test from 'ava';
import { EdgeError } from '../src/errors.ts';
import { createNetworks, parseNetwork } from '../src/networks.ts';

const inside: readonly (readonly [networks: readonly string[], address: string, is: boolean])[] = [
  [[], '203.0.113.9', true],
  [[], '', true],
  [['10.20.0.0/16'], '10.20.255.1', true],
  [['10.20.0.0/16'], '10.21.0.1', false],
  // The bits of the host do not count.
  [['10.20.30.40/16'], '10.20.0.1', true],
  [['10.20.0.0/16', '192.0.2.7'], '192.0.2.7', true],
  [['192.0.2.7'], '192.0.2.8', false],
  [['0.0.0.0/0'], '203.0.113.9', true],
  [['0.0.0.0/0'], '2001:db8::1', false],
  [['2001:db8::/32'], '2001:db8:ffff::1', true],
  [['2001:db8::/32'], '2001:db9::1', false],
  [['2001:db8::1'], '2001:DB8:0:0::1', true],
  // A peer that is gone has none.
  [['10.20.0.0/16'], '', false],
];
for (const [networks, address, is] of inside) {
  test(`'${address}' is ${is ? '' : 'not '}in ${networks.join(', ') || 'any network'}`, (t) => {
    t.is(createNetworks(networks)(address), is);
  });
}

for (const text of [
  '',
  '/',
  '10.0.0.0/',
  '10.0.0.0/33',
  '10.0.0.0/-1',
  '10.0.0.0/8/8',
  '10.0.0/8',
  '2001:db8::/129',
  'fe80::1%eth0',
  'kms',
]) {
  test(`'${text}' is no network`, (t) => {
    const error = t.throws(() => parseNetwork(text), { instanceOf: EdgeError });
    t.is(error.kind, 'invalid-field');
  });
}
