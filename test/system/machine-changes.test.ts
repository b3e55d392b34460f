// What is changed of a running machine: kept, written for the services that read it, and these told.

import { existsSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EdgeError, isKind } from '../../src/errors.ts';
import { clockState, readTracking, stepClock, timeSources } from '../../src/system/clock-state.ts';
import { hasRootShell, setRootShell, setSsh, setTime, setUpdates } from '../../src/system/machine-changes.ts';
import { checkNetwork } from '../../src/system/network-check.ts';
import { restart, shutDown } from '../../src/system/power.ts';
import { changedSettings, currentSettings, keepSettings, rememberApplied } from '../../src/system/settings.ts';
import { writeSystemFiles } from '../../src/system/system-files.ts';
import { fakeMachine } from './fake-machine.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGmlpmXyzzyzzyzzyzzyzzyzzyzzyzzyzzyzzyzzyzzy admin';

test('time servers and zone are kept and in effect', async (t) => {
  const machine = fakeMachine(t);
  await setTime(machine, 'time.example.com 192.0.2.4', 'Europe/Berlin');
  t.deepEqual(currentSettings(machine), { ntp: 'time.example.com 192.0.2.4', 'time-zone': 'Europe/Berlin' });
  const sources = join(machine.root, 'run/chrony-settings/settings.sources');
  t.is(readFileSync(sources, 'utf8'), 'server time.example.com iburst\nserver 192.0.2.4 iburst\n');
  t.is(readlinkSync(join(machine.root, 'run/kmip-edge/localtime')), '/usr/share/zoneinfo/Europe/Berlin');
  t.deepEqual(machine.commands, ['systemctl restart chrony.service']);
  await setTime(machine, '', '');
  t.deepEqual(currentSettings(machine), {});
  t.false(existsSync(sources));
  const error = await t.throwsAsync(setTime(machine, 'a_b', 'Europe/Nowhere'));
  t.true(isKind(error, 'invalid-field'));
  t.regex(error?.message ?? '', /Time servers.*Time zone/);
});

test('updates are looked for at a time of the zone of the appliance, which may change, until there is no address', async (t) => {
  const machine = fakeMachine(t);
  const timer = join(machine.root, 'run/systemd/system/kmip-edge-look.timer.d/settings.conf');
  const follows = (verb: string) => ['systemctl daemon-reload', `systemctl --no-block ${verb} kmip-edge-look.timer`];
  await setUpdates(machine, 'https://mirror.example.com/kmip-edge.update?token=abc', '');
  t.is(readFileSync(timer, 'utf8'), '[Timer]\nOnCalendar=\nOnCalendar=*-*-* 02:30:00 UTC\n');
  t.deepEqual(machine.commands.splice(0), follows('restart'));
  const shown = readFileSync(join(machine.root, 'run/kmip-edge/unattended.json'), 'utf8');
  t.deepEqual(JSON.parse(shown), { address: 'https://mirror.example.com/kmip-edge.update', time: '02:30' });
  await setTime(machine, '', 'Europe/Berlin');
  t.regex(readFileSync(timer, 'utf8'), /^OnCalendar=\*-\*-\* 02:30:00 (Europe\/Berlin|UTC)$/m);
  t.deepEqual(machine.commands.splice(0), ['systemctl restart chrony.service', ...follows('restart')]);
  const error = await t.throwsAsync(setUpdates(machine, 'http://mirror.example.com/', '24:00'));
  t.true(isKind(error, 'invalid-field'));
  t.deepEqual(machine.commands.splice(0), []);
  await setUpdates(machine, '', '');
  t.deepEqual(machine.commands, follows('stop'));
  for (const name of ['unattended.json', 'fetch.json']) t.false(existsSync(join(machine.root, 'run/kmip-edge', name)));
  t.false(existsSync(timer));
});

test('SSH is on with a key, and wholly off without one', async (t) => {
  const machine = fakeMachine(t);
  await setSsh(machine, key);
  t.deepEqual(machine.commands, [
    `ssh-keygen -q -t ed25519 -N  -f ${join(machine.root, 'data/ssh/ssh_host_ed25519_key')}`,
    'systemctl reload nftables.service',
    'systemctl restart ssh.service',
  ]);
  t.is(readFileSync(join(machine.root, 'data/ssh/authorized_keys'), 'utf8'), `${key}\n`);
  machine.commands.splice(0);
  await setSsh(machine, undefined);
  t.deepEqual(machine.commands, ['systemctl reload nftables.service', 'systemctl stop ssh.service']);
  t.false(existsSync(join(machine.root, 'data/ssh/authorized_keys')));
  t.false(existsSync(join(machine.root, 'run/kmip-edge/ssh.nft')));
});

test('the root shell is off until it is turned on, and is so again', (t) => {
  const machine = fakeMachine(t);
  t.false(hasRootShell(machine));
  setRootShell(machine, true);
  t.true(hasRootShell(machine));
  setRootShell(machine, false);
  t.false(hasRootShell(machine));
});

test('a change keeps what the first set-up used, whose secrets are gone', (t) => {
  const machine = fakeMachine(t);
  const used = { upstream: 'key-protect', url: 'eu-de', 'instance-id': 'guid', crk: 'root' };
  keepSettings(machine, { ...used, hostname: 'edge1' });
  t.deepEqual(changedSettings(machine, { hostname: 'edge2' }), { ...used, hostname: 'edge2' });
});

test('of a deployment with a mistake the settings that were applied are changed', (t) => {
  const machine = fakeMachine(t);
  rememberApplied(machine, { hostname: 'edge1' });
  t.deepEqual(changedSettings(machine, { domain: 'example.com' }), { hostname: 'edge1', domain: 'example.com' });
});

test('a damaged settings file is said to be, and not written over', (t) => {
  const machine = fakeMachine(t);
  writeFileSync(join(machine.root, 'data/settings/settings.json'), '{');
  const error = t.throws(() => setRootShell(machine, true));
  t.true(isKind(error, 'data-damaged'));
});

test('IPv6 beside IPv4, alone, and off', (t) => {
  const machine = fakeMachine(t);
  const rows = (values: Readonly<Record<string, string>>): readonly string[] => {
    writeSystemFiles(machine, values);
    return readFileSync(join(machine.root, 'run/systemd/network/10-settings.network'), 'utf8').split('\n');
  };
  const both = rows({ address6: '2001:db8::10/64', gateway6: '2001:db8::1' });
  for (const row of ['DHCP=yes', 'IPv6AcceptRA=yes', 'Address=2001:db8::10/64', 'Gateway=2001:db8::1']) {
    t.true(both.includes(row), row);
  }
  const off = rows({ ipv6: 'off' });
  for (const row of ['DHCP=ipv4', 'IPv6AcceptRA=no', 'LinkLocalAddressing=no']) t.true(off.includes(row), row);
});

test('restart and shut-down are asked of systemd, which stops the server first', async (t) => {
  const machine = fakeMachine(t);
  await restart(machine);
  await shutDown(machine);
  t.deepEqual(machine.commands, ['systemctl --no-block reboot', 'systemctl --no-block poweroff']);
});

const tracked: readonly (readonly [line: string, source: string | undefined, offset: number])[] = [
  [
    'C0000204,time.example.com,3,1732556000.1,0.000123,0.0001,0.0002,-1.2,0,0.1,0.02,0.003,64.2,Normal',
    'time.example.com',
    0.000123,
  ],
  ['7F7F0101,,0,0.000000000,-12.5,0,0,0,0,0,1,1,0,Not synchronised', undefined, -12.5],
  ['', undefined, 0],
];
for (const [line, source, offset] of tracked) {
  test(`chrony's '${line.slice(0, 20)}' is read`, (t) => t.deepEqual(readTracking(line), { source, offset }));
}

test('the clock: how it is, what tells it, and set at once', async (t) => {
  const machine = fakeMachine(t);
  machine.answers.set('chronyc -c tracking', 'C0000204,a.example.com,3,0,0.5,0');
  machine.answers.set('chronyc -c sources', '^,*,a.example.com,3,6,377,1,0,0,0\n^,?,b.example.com,0,6,0,1,0,0,0\n');
  t.is((await clockState(machine)).offset, 0.5);
  t.deepEqual(await timeSources(machine), ['a.example.com: in use', 'b.example.com: does not answer']);
  await stepClock(machine);
  t.is(machine.commands.at(-1), 'chronyc makestep');
});

const addresses = JSON.stringify([{ addr_info: [{ scope: 'global', local: '192.0.2.10', prefixlen: 24 }] }]);

test('a network is well when its gateway and its name servers answer', async (t) => {
  const machine = fakeMachine(t);
  machine.answers.set('ip -j address', addresses);
  machine.answers.set('ip -4 -j route', '[{"gateway":"192.0.2.1"}]');
  machine.answers.set('resolvectl dns', 'Global:\nLink 2 (ens192): 192.0.2.2 2001:db8::2\n');
  const asked: string[] = [];
  const findings = await checkNetwork(machine, 0, async (server) => void asked.push(server));
  t.deepEqual(asked, ['192.0.2.2', '2001:db8::2']);
  t.true(findings.every(({ isWell }) => isWell));
  t.true(machine.commands.includes('ping -n -c 1 -W 2 192.0.2.1'));
});

test('what does not answer is said, after it was asked again until the time was over', async (t) => {
  const machine = fakeMachine(t);
  machine.answers.set('ip -j address', addresses);
  machine.answers.set('ip -4 -j route', '[{"gateway":"192.0.2.1"}]');
  machine.answers.set('resolvectl dns', 'Link 2 (ens192): 192.0.2.2\n');
  machine.answers.set('ping', new EdgeError('internal', 'ping: it ended with 1'));
  const silent = async (): Promise<void> => {
    throw new Error('queryNs ETIMEOUT .');
  };
  const findings = await checkNetwork(machine, 1500, silent);
  t.deepEqual(
    findings.filter(({ isWell }) => !isWell).map(({ text }) => text),
    [
      'the gateway 192.0.2.1 does not answer to a ping',
      'the name server 192.0.2.2 does not answer: queryNs ETIMEOUT .',
    ],
  );
  t.true(machine.commands.filter((line) => line.startsWith('ping')).length > 1);
});
