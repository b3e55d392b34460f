// The properties of a deployment: how they are read, what is refused with which words, and what they become.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { loadConfig } from '../../src/config/load.ts';
import { isKind } from '../../src/errors.ts';
import { readOvfEnvironment } from '../../src/first-boot/ovf-environment.ts';
import { serverFiles } from '../../src/first-boot/server-settings.ts';
import { checkProperties, type PropertyRow, pemOf } from '../../src/system/properties.ts';
import { systemFiles } from '../../src/system/system-files.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
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
  [{ gateway6: '2001:db8::1' }, /^IPv6 address: is needed with IPv6 gateway/],
  [{ address6: '192.0.2.10/24' }, /^IPv6 address: '192.0.2.10\/24' is not an IPv6 address/],
  [{ ipv6: 'no' }, /^IPv6: 'no' is not automatic or off/],
  [{ 'root-shell': 'yes' }, /^Root shell on the console/],
  [{ upstream: 'aws' }, /^Upstream: 'aws' is not key-protect, kmip or nothing/],
  [{ upstream: 'kmip', endpoint: 'eu-de' }, /^Fingerprint of the endpoint: is needed with Upstream/],
  [{ 'no-proxy': 'a.example.com' }, /^HTTP proxy: is needed with Hosts without proxy/],
  [{ proxy: 'http://user:word@proxy:3128' }, /^HTTP proxy/],
  [{ proxy: 'proxy:3128' }, /^HTTP proxy/],
  [{ 'update-address': 'http://mirror.example.com/x' }, /^Address of updates: .* begins with https/],
  [{ 'update-address': 'https://user:word@mirror.example.com/x' }, /^Address of updates/],
  [{ 'update-address': 'https://mirror.example.com/a b' }, /^Address of updates/],
  [{ 'update-address': 'https://' }, /^Address of updates/],
  [{ 'update-time': '2:30' }, /^Time of updates: '2:30' is not a time of day/],
  [{ 'update-time': '24:00' }, /^Time of updates/],
  [{ 'update-time': '02:30:00 UTC' }, /^Time of updates/],
  [{ syslog: 'collector:a' }, /^Syslog collector/],
  [{ 'time-zone': 'Europe/Nowhere' }, /^Time zone: 'Europe\/Nowhere' is not a time zone/],
  [{ 'time-zone': '../../etc/shadow' }, /^Time zone/],
  [{ fingerprint: 'ab:cd' }, /^Fingerprint of the endpoint/],
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
  t.is(files.get('/run/kmip-edge/ssh.nft'), undefined);
  const open = systemFiles({ 'ssh-key': 'ssh-ed25519 AAAA' });
  t.true(open.some(({ path, content }) => path === '/run/kmip-edge/ssh.nft' && content !== undefined));
  t.true(systemFiles({}).some(({ content }) => content?.includes('DHCP=yes')));
});

test("what is said of the server's own settings is a file that it reads, and nothing is written where nothing is said", async (t) => {
  const directory = temporaryDirectory(t);
  const { certificate } = await selfSigned(t);
  const { values, problems } = check({
    proxy: 'http://proxy.example.com:3128',
    'no-proxy': 'private.example.com 192.0.2.9',
    syslog: 'collector.example.com:6514',
    'syslog-authority': certificate,
  });
  t.deepEqual(problems, []);
  for (const { name, content } of serverFiles(directory, values)) writeFileSync(join(directory, name), content);
  const { upstream, audit } = await loadConfig(join(directory, 'kmip-edge.yaml'));
  t.deepEqual(
    [upstream.proxy, upstream.noProxy],
    ['http://proxy.example.com:3128', ['private.example.com', '192.0.2.9']],
  );
  t.is(audit.syslogAddress, 'collector.example.com:6514');
  t.is(readFileSync(audit.syslogCaFile, 'utf8'), certificate);
  t.deepEqual(serverFiles(directory, { hostname: 'edge1' }), []);
});
