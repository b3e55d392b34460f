// The OVF descriptor keeps the rules of the standard, says what ova.json says, and lets every property stay empty. The rules
// themselves are tried with descriptors that break them.

import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import test from 'ava';
import { readAppliance } from '../../packer/appliance.ts';
import { type DiskFile, describeOva } from '../../packer/ovf.ts';
import { ovfTypeOf } from '../../packer/property-types.ts';
import { problemsOf } from './ovf-rules.ts';

const root = resolve(import.meta.dirname, '../..');
const appliance = readAppliance(root);
const disks: readonly DiskFile[] = [
  { id: 'system', name: 'kmip-edge-system.vmdk', bytes: 250_000_000, populatedBytes: 900_000_000 },
  { id: 'data', name: 'kmip-edge-data.vmdk', bytes: 2_000_000, populatedBytes: 0 },
];
const descriptor = describeOva(appliance, disks);

test('the descriptor keeps the rules of OVF 1.1', (t) => t.deepEqual(problemsOf(descriptor), []));

const breaches: readonly (readonly [what: string, from: string | RegExp, to: string])[] = [
  [
    'another namespace',
    'xmlns="http://schemas.dmtf.org/ovf/envelope/1"',
    'xmlns="http://schemas.dmtf.org/ovf/envelope/2"',
  ],
  [
    'sections in another order',
    /(<DiskSection>[\s\S]*<\/DiskSection>)\s*(<NetworkSection>[\s\S]*<\/NetworkSection>)/,
    '$2$1',
  ],
  ['an element that is not known', '<Category>Network</Category>', '<Group>Network</Group>'],
  ['an empty text', /<Label>Host name<\/Label>/, '<Label></Label>'],
  ['an attribute that is not known', 'ovf:transport=', 'ovf:transports='],
  ['an attribute too few', ' ovf:capacity="17179869184"', ''],
  ['a disk without its file', 'ovf:id="data-file"', 'ovf:id="other-file"'],
  ['a drive without its disk', 'ovf:/disk/data', 'ovf:/disk/other'],
  ['a controller that is not there', '<rasd:Parent>3</rasd:Parent>', '<rasd:Parent>9</rasd:Parent>'],
  ['a network that is not there', '<rasd:Connection>VM Network<', '<rasd:Connection>Other<'],
  ['an instance twice', '<rasd:InstanceID>8<', '<rasd:InstanceID>7<'],
  ['a property twice', 'ovf:key="gateway"', 'ovf:key="address"'],
  [
    'resources in another order',
    /(<rasd:ElementName>2 CPUs<\/rasd:ElementName>)\s*(<rasd:InstanceID>1<\/rasd:InstanceID>)/,
    '$2$1',
  ],
  ['a type that is not known', 'ovf:key="hostname" ovf:type="string"', 'ovf:key="hostname" ovf:type="text"'],
  ['qualifiers that are not known', 'MaxLen(253)', 'Longest(253)'],
  ['a value that is no choice', /(ovf:key="upstream"[^>]*ovf:value=")"/, '$1other"'],
];
for (const [what, from, to] of breaches) {
  test(`${what} is found`, (t) => {
    const broken = descriptor.replace(from, to);
    t.not(broken, descriptor);
    t.true(problemsOf(broken).length > 0);
  });
}

test('secrets, and they alone, are password fields', (t) => {
  const hidden = [...descriptor.matchAll(/ovf:key="([^"]+)"[^>]*ovf:password="true"/g)].map(([, key]) => key);
  t.deepEqual(
    hidden,
    appliance.properties.filter(({ secret }) => secret).map(({ key }) => key),
  );
  t.true(hidden.length >= 2);
});

test('every property may stay empty', (t) => {
  for (const { key, kind } of appliance.properties) {
    const { qualifiers = '' } = ovfTypeOf(kind);
    t.notRegex(qualifiers, /MinLen/, key);
  }
  t.throws(() => ovfTypeOf('colour'), { message: /kind 'colour' is not known/ });
});

test('text of ova.json cannot break out of the descriptor', (t) => {
  const title = '<&"\'>]]>';
  const tricky = describeOva({ ...appliance, product: { ...appliance.product, title } }, disks);
  t.deepEqual(problemsOf(tricky), []);
  t.true(tricky.includes('&lt;&amp;&quot;'));
});

test('the README names properties that there are', (t) => {
  const readme = readFileSync(join(root, 'README.md'), 'utf8');
  const chapter = readme.slice(readme.indexOf('### Unattended'), readme.indexOf('### Then, in vCenter'));
  const values = ['ova.json', 'govc import.spec -verbose', 'key-protect', 'kmip', 'main'];
  const named = [...chapter.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []);
  const keys = appliance.properties.map(({ key }) => key);
  t.deepEqual(
    named.filter((name) => !keys.includes(name) && !values.includes(name)),
    [],
  );
  t.true(named.length > 12);
});
