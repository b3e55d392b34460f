// The properties of a deployment: how they are read, what is refused with which words, and what they become.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { isKind } from '../../src/errors.ts';
import { readOvfEnvironment } from '../../src/first-boot/ovf-environment.ts';
import { checkProperties, type PropertyRow, pemOf } from '../../src/first-boot/properties.ts';
import { systemFiles } from '../../src/first-boot/system-files.ts';
import { selfSigned } from '../server/certificates.ts';

const { properties: rows } = JSON.parse(readFileSync('ova.json', 'utf8')) as {
  readonly properties: readonly PropertyRow[];
};
const check = (given: Readonly<Record<string, string>>) => checkProperties(rows, new Map(Object.entries(given)));

const environment = (rows: string): string => `<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="http://schemas.dmtf.org/ovf/environment/1" xmlns:oe="http://schemas.dmtf.org/ovf/environment/1"
  xmlns:ve="http://www.vmware.com/schema/ovfenv" oe:id="" ve:vCenterId="vm-42">
  <PlatformSection><Kind>VMware ESXi</Kind></PlatformSection>
  <PropertySection>${rows}</PropertySection>
</Environment>`;

test('an OVF environment is read, entities and namespaces included', (t) => {
  const read = readOvfEnvironment(
    environment(
      '<Property oe:key="hostname" oe:value="edge1"/><Property oe:key="x" oe:value="a&amp;b &lt;&quot;&#10;"/>',
    ),
  );
  t.deepEqual(
    [...read],
    [
      ['hostname', 'edge1'],
      ['x', 'a&b <"\n'],
    ],
  );
});

const notEnvironments: readonly (readonly [what: string, xml: string])[] = [
  ['nothing', ''],
  ['something else', '<a/>'],
  ['half a document', environment('').slice(0, 200)],
  ['a document with entities of its own', `<!DOCTYPE a [<!ENTITY b "c">]>${environment('')}`],
  ['too much', environment('x'.repeat(1024 * 1024))],
];
for (const [what, xml] of notEnvironments) {
  test(`${what} is not an OVF environment`, (t) => {
    const error = t.throws(() => readOvfEnvironment(xml));
    t.true(isKind(error, 'invalid-field'));
  });
}

const good = {
  hostname: 'edge1.example.com',
  address: '192.0.2.10/24',
  gateway: '192.0.2.1',
  dns: '192.0.2.2, 192.0.2.3',
  ntp: 'time.example.com 192.0.2.4',
  password: ' twelve chars ',
};

test('what is right is taken, and what nobody filled in is not there', (t) => {
  const { values, problems } = check({ ...good, domain: '  ', unknown: 'x' });
  t.deepEqual(problems, []);
  t.deepEqual(values, good);
});

const wrong: readonly (readonly [given: Readonly<Record<string, string>>, problem: RegExp])[] = [
  [{ hostname: 'edge_1' }, /^Host name: 'edge_1' is not letters/],
  [{ hostname: '10.0.0.1' }, /^Host name/],
  [{ hostname: 'edge\nReboot=now' }, /^Host name/],
  [{ address: '192.0.2.10' }, /^Address: '192.0.2.10' is not an address with its prefix/],
  [{ address: '192.0.2.10/33' }, /^Address/],
  [{ dns: '1.1.1.1 nonsense' }, /^Name servers/],
  [{ address: '192.0.2.10/24', dns: '192.0.2.2' }, /^Gateway: is needed with Address/],
  [{ password: 'short' }, /^Administrator password: the value is not at least 12 characters$/],
  [{ upstream: 'kmip' }, /^Upstream: 'kmip'/],
  [{ upstream: 'key-protect', url: 'eu-de', 'instance-id': 'g', crk: 'c' }, /^API key: is needed with Upstream/],
  [{ 'ssh-key': 'ssh-ed25519 AAAA command="x"\nroot' }, /^SSH public key/],
  [{ 'vcenter-certificate': 'x' }, /^Certificate of vCenter/],
];
for (const [given, problem] of wrong) {
  test(`${JSON.stringify(given)} is refused, without its secret`, (t) => {
    const { values, problems } = check(given);
    t.is(problems.length, 1);
    t.regex(problems[0] ?? '', problem);
    t.false(problems.some((text) => text.includes('short')));
    t.true(Object.keys(values).length < Object.keys(given).length || problem.source.includes('needed'));
  });
}

test('a certificate whose line ends became spaces is one again', async (t) => {
  const { certificate: certificatePem } = await selfSigned(t);
  const typed = certificatePem.trim().replaceAll('\n', ' ');
  t.deepEqual(check({ 'vcenter-certificate': typed }).problems, []);
  t.is(pemOf(typed), certificatePem);
});

test('a fixed address becomes a network file, and SSH is open only with a key', (t) => {
  const files = new Map(systemFiles(check(good).values).map(({ path, content }) => [path, content]));
  const network = files.get('/run/systemd/network/10-settings.network') ?? '';
  for (const row of ['DHCP=no', 'Address=192.0.2.10/24', 'Gateway=192.0.2.1', 'DNS=192.0.2.2', 'DNS=192.0.2.3']) {
    t.true(network.split('\n').includes(row), row);
  }
  t.is(files.get('/run/chrony-settings/settings.sources'), 'server time.example.com iburst\nserver 192.0.2.4 iburst\n');
  t.false(files.has('/run/kmip-edge/ssh.nft'));
  const open = systemFiles({ 'ssh-key': 'ssh-ed25519 AAAA' });
  t.true(open.some(({ path }) => path === '/run/kmip-edge/ssh.nft'));
  t.true(systemFiles({}).some(({ content }) => content.includes('DHCP=yes')));
});
