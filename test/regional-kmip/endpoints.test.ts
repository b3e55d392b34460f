// What a user may type for an endpoint, and what the table says about each.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import {
  addressText,
  type EndpointKind,
  endpointOf,
  endpoints,
  runningAt,
} from '../../src/upstream/regional-kmip/endpoints.ts';

const today = Date.UTC(2026, 10, 23);

const typed: readonly (readonly [text: string, addresses: string, kind: EndpointKind | undefined])[] = [
  ['us-south', 'us-south.kms.cloud.ibm.com:5696', 'key-protect'],
  [' EU-DE ', 'eu-de.kms.cloud.ibm.com:5696', 'key-protect'],
  ['private.jp-tok', 'private.jp-tok.kms.cloud.ibm.com:5696', 'key-protect'],
  [
    'vmware.us-south',
    'kmip-1.private.us-south.vmware-solutions.cloud.ibm.com:5696 kmip-2.private.us-south.vmware-solutions.cloud.ibm.com:5696',
    'vmware',
  ],
  [
    'eu-central',
    'kmip-1.private.eu-central.vmware-solutions.cloud.ibm.com:5696 kmip-2.private.eu-central.vmware-solutions.cloud.ibm.com:5696',
    'vmware',
  ],
  ['sydney', '130.198.73.134:5696', '2018'],
  ['2018.us-south', '169.60.185.42:5696', '2018'],
  ['158.175.93.122:5696', '158.175.93.122:5696', '2018'],
  ['161.156.68.107', '161.156.68.107:5696', '2018'],
  ['us-east.kms.cloud.ibm.com', 'us-east.kms.cloud.ibm.com:5696', 'key-protect'],
  ['kmip.example.com:5697', 'kmip.example.com:5697', undefined],
  ['a.example:1, b.example:2', 'a.example:1 b.example:2', undefined],
  ['[2001:db8::1]:5696', '[2001:db8::1]:5696', undefined],
  ['localhost', 'localhost:5696', undefined],
];
for (const [text, addresses, kind] of typed) {
  test(`'${text}' is ${addresses}`, (t) => {
    const choice = endpointOf(text);
    t.is(choice.addresses.map(addressText).join(' '), addresses);
    t.is(choice.row?.kind, kind);
  });
}

const wrong = ['', 'nowhere', 'a.example:0', 'a.example:65536', 'a.example:x', '1.2.3', 'a b.example', '2001:db8::1'];
const alsoWrong = [
  'a.example,,b.example',
  'a.example,a.example:5696',
  'https://a.example',
  '-a.example:1',
  'é.example:1',
];
for (const text of [...wrong, ...alsoWrong, Array.from({ length: 9 }, (_, at) => `h${at}.example`).join(',')]) {
  test(`'${text.slice(0, 30)}' is refused with advice`, (t) => {
    const error = t.throws(() => endpointOf(text), { instanceOf: EdgeError });
    t.is(error.kind, 'invalid-field');
    t.truthy(error.hint);
  });
}

test('the table says what runs', (t) => {
  const count = (running: string) => [...endpoints.values()].filter((row) => runningAt(row, today) === running).length;
  t.is(count('runs'), 26);
  t.is(count('will-end'), 10);
  t.is(count('ended'), 4);
  const [vmware] = [...endpoints.values()].filter(({ kind }) => kind === 'vmware');
  t.truthy(vmware);
  t.is(vmware && runningAt(vmware, Date.UTC(2026, 11, 31, 23, 59)), 'will-end');
  t.is(vmware && runningAt(vmware, Date.UTC(2027, 0, 1)), 'ended');
});

test('the endpoints of 2018, and only they, come with a SHA-1 fingerprint', (t) => {
  for (const { kind, sha1 } of endpoints.values()) {
    t.is(sha1, kind === '2018' ? 'a9d0ff15df85106b6188fe2e8bd31aaf48c8a07a' : undefined);
  }
});

test('every row is found by its name and by its addresses', (t) => {
  for (const [name, row] of endpoints) {
    t.is(endpointOf(name).row, row);
    t.is(endpointOf(row.addresses.map(addressText).join(',')).row, row);
  }
});
