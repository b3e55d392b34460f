// What an administrator is told to type into vCenter.

import type { NetworkInterfaceInfo } from 'node:os';
import test from 'ava';
import { reachableHosts } from '../../src/cli/own-addresses.ts';

const one = (address: string, family: 'IPv4' | 'IPv6', more: object = {}): NetworkInterfaceInfo =>
  ({ address, family, internal: false, netmask: '', mac: '', cidr: null, scopeid: 0, ...more }) as NetworkInterfaceInfo;

const machine = {
  lo: [one('127.0.0.1', 'IPv4', { internal: true }), one('::1', 'IPv6', { internal: true })],
  eth0: [one('2001:db8::2', 'IPv6'), one('192.0.2.2', 'IPv4'), one('fe80::1', 'IPv6', { scopeid: 2 })],
  eth1: [one('198.51.100.7', 'IPv4')],
  gone: undefined,
};

const cases: readonly (readonly [string, readonly string[]])[] = [
  ['127.0.0.1', ['127.0.0.1']],
  ['kms.example.com', ['kms.example.com']],
  ['0.0.0.0', ['192.0.2.2', '198.51.100.7']],
  ['::', ['192.0.2.2', '198.51.100.7', '2001:db8::2']],
];

for (const [host, expected] of cases) {
  test(`who listens on ${host} is reached at ${expected.join(', ')}`, (t) => {
    t.deepEqual(reachableHosts(host, machine), expected);
  });
}

test('on a machine that nobody reaches the listening address is all there is', (t) => {
  t.deepEqual(reachableHosts('0.0.0.0', { lo: machine.lo }), ['0.0.0.0']);
});
