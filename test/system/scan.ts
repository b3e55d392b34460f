// A network that holds nothing but a machine and us: a namespace into which the far end of a second network adapter is put.
// Seen from there it is found out which ports the machine has open, as a stranger on its network would.

import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type { Machine } from './machine.ts';

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
    const address = await neighbourOn(name, inside);
    const seen = inside('nmap', '-6', '-n', '-Pn', '-sS', '-T5', '-p-', '-oG', '-', `${address}%${name}`);
    return [...seen.matchAll(/(\d+)\/open\/tcp/g)]
      .map(([, port]) => Number(port))
      .toSorted((one, other) => one - other);
  } finally {
    execFileSync('ip', ['netns', 'delete', name]);
  }
};

/** The link-local address of the only other one on the link. */
const neighbourOn = async (link: string, inside: (...args: readonly string[]) => string): Promise<string> => {
  const until = performance.now() + patience.address;
  while (performance.now() < until) {
    try {
      inside('ping', '-6', '-c', '2', '-W', '2', `ff02::1%${link}`);
    } catch {
      // Nobody answers yet.
    }
    const found = /^(fe80::\S+) lladdr /m.exec(inside('ip', '-6', 'neighbour', 'show', 'dev', link));
    if (found?.[1] !== undefined) return found[1];
    await setTimeout(1000);
  }
  throw new Error('nobody answers on the network of the scan');
};
