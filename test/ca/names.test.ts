// Names made from what people type must be valid DNS names, whatever was typed.

import test from 'ava';
import fc from 'fast-check';
import { checkDnsName, dnsNameFrom } from '../../src/ca/names.ts';
import { anyText } from '../kit/any-text.ts';

const table = {
  'vCenter 1': 'vcenter-1',
  'vc01.Example.COM': 'vc01.example.com',
  'Zürich (prod)': 'zurich-prod',
  '--a--': 'a',
  '..': 'client',
  東京: 'client',
  '192.0.2.1': 'client',
};
for (const [name, expected] of Object.entries(table)) {
  test(`the DNS name of '${name}' is ${expected}`, (t) => {
    t.is(dnsNameFrom(name), expected);
  });
}

test('every text gives a valid DNS name', (t) => {
  const plain = fc.string({ unit: fc.constantFrom('a', '-', '.', '7', 'É', ' '), maxLength: 600 });
  fc.assert(
    fc.property(fc.oneof(anyText({ maxLength: 600 }), plain), (text) => checkDnsName(dnsNameFrom(text)) !== ''),
  );
  t.pass();
});
