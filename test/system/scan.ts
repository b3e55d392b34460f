// A network that holds nothing but a machine and us: a namespace into which the far end of a second network adapter is put.
// Seen from there it is found out which ports the machine has open, as a stranger on its network would.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { type Machine, spareAddress } from './machine.ts';

/** Milliseconds. */
const patience = { address: 60_000, scan: 300_000 };

const runs = (program: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** Whether the TCP ports of a machine can be looked at here: root, nmap and tap devices. */
export const canScan = (): boolean => {
  try {
    accessSync('/dev/net/tun', constants.W_OK);
  } catch {
    return false;
  }
  return process.getuid?.() === 0 && runs('nmap', '--version') && runs('ip', 'netns', 'list');
};

/** The TCP ports on which `machine` accepts connections from a stranger, ascending. */
export const openPorts = async (machine: Machine): Promise<readonly number[]> => {
  const name = `edge${randomBytes(3).toString('hex')}`;
  execFileSync('ip', ['netns', 'add', name]);
  try {
    await machine.plugNetwork(name);
    execFileSync('ip', ['link', 'set', name, 'netns', name]);
    const inside = (...args: readonly string[]): string =>
      execFileSync('ip', ['netns', 'exec', name, ...args], {
        timeout: patience.scan,
        stdio: ['ignore', 'pipe', 'ignore'],
      }).toString();
    inside('ip', 'link', 'set', name, 'up');
    await linkLocal(inside);
    const target = `${spareAddress}%${name}`;
    const seen = inside('nmap', '-6', '-n', '-Pn', '-sS', '-T5', '-p-', '-oG', '-', target);
    if (!seen.includes('Status: Up')) throw new Error(`the machine does not answer the scan:\n${seen}`);
    return [...seen.matchAll(/(\d+)\/open\/tcp/g)]
      .map(([, port]) => Number(port))
      .toSorted((one, other) => one - other);
  } finally {
    execFileSync('ip', ['netns', 'delete', name]);
  }
};

/** A sender needs an address of its own, which the kernel gives after it has looked for others. */
const linkLocal = async (inside: (...args: readonly string[]) => string): Promise<void> => {
  const until = performance.now() + patience.address;
  while (!/inet6 fe80\S+ scope link (?!tentative)/.test(inside('ip', '-6', 'address'))) {
    if (performance.now() > until) throw new Error('the network of the scan has no address');
    await setTimeout(500);
  }
  // The machine takes its address meanwhile.
  await setTimeout(15_000);
};
