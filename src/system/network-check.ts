// Whether a network works: an address is there, the gateway answers, each name server answers. What is not so may come yet,
// so it is asked again until the time is over; what it says at the end counts.

import { Resolver } from 'node:dns/promises';
import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { Machine } from './machine.ts';

export interface Finding {
  readonly isWell: boolean;
  readonly text: string;
}

/** Asks a name server for something that every one knows; throws where no answer comes. */
export type AskNameServer = (server: string) => Promise<void>;

const askNameServer: AskNameServer = async (server) => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 });
  resolver.setServers([server]);
  try {
    await resolver.resolveNs('.');
  } catch (error) {
    // That it knows of no such name is an answer too.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENODATA' && code !== 'ENOTFOUND' && code !== 'ESERVFAIL' && code !== 'EREFUSED') throw error;
  }
};

interface Route {
  readonly gateway?: string;
}
interface Link {
  readonly addr_info: readonly { readonly scope: string; readonly local: string; readonly prefixlen: number }[];
}

/** Addresses of the network cards with their prefix lengths. */
export const addressesOf = async ({ run }: Machine): Promise<readonly string[]> => {
  const links = JSON.parse((await run('ip', ['-j', 'address', 'show', 'scope', 'global'])) || '[]') as readonly Link[];
  return links
    .flatMap(({ addr_info = [] }) => addr_info)
    .filter(({ scope }) => scope === 'global')
    .map(({ local, prefixlen }) => `${local}/${prefixlen}`);
};

const gatewaysOf = async ({ run }: Machine): Promise<readonly string[]> => {
  const families = await Promise.all(
    ['-4', '-6'].map(async (family) =>
      JSON.parse((await run('ip', [family, '-j', 'route', 'show', 'default'])) || '[]'),
    ),
  );
  return [...new Set((families.flat() as readonly Route[]).flatMap(({ gateway }) => gateway ?? []))];
};

/** The name servers that count, those of DHCP too. */
export const nameServersOf = async ({ run }: Machine): Promise<readonly string[]> => {
  const text = await run('resolvectl', ['dns']);
  const words = text.split('\n').flatMap((row) => row.replace(/^[^:]*:/, '').split(/\s+/));
  return [...new Set(words.filter((word) => /^[0-9A-Fa-f:.]{2,45}$/.test(word)))];
};

const well = (text: string): Finding => ({ isWell: true, text });
const bad = (text: string): Finding => ({ isWell: false, text });

const pingOf = async ({ run }: Machine, gateway: string): Promise<Finding> =>
  run('ping', ['-n', '-c', '1', '-W', '2', gateway]).then(
    () => well(`the gateway ${gateway} answers`),
    () => bad(`the gateway ${gateway} does not answer to a ping`),
  );

const serverFinding = async (server: string, ask: AskNameServer): Promise<Finding> =>
  ask(server).then(
    () => well(`the name server ${server} answers`),
    (error: unknown) => bad(`the name server ${server} does not answer: ${messageOf(error)}`),
  );

const look = async (machine: Machine, ask: AskNameServer): Promise<readonly Finding[]> => {
  const [addresses, gateways, servers] = await Promise.all([
    addressesOf(machine),
    gatewaysOf(machine),
    nameServersOf(machine),
  ]);
  const none = (what: string, list: readonly string[]): readonly Finding[] => (list.length > 0 ? [] : [bad(what)]);
  return [
    ...none('there is no address', addresses),
    ...addresses.map((address) => well(`the address ${address} is there`)),
    ...none('there is no gateway', gateways),
    ...(await Promise.all(gateways.map((gateway) => pingOf(machine, gateway)))),
    ...none('there is no name server', servers),
    ...(await Promise.all(servers.map((server) => serverFinding(server, ask)))),
  ];
};

/** Looks until all is well or `patience` milliseconds are over. */
export const checkNetwork = async (
  machine: Machine,
  patience: number,
  ask: AskNameServer = askNameServer,
): Promise<readonly Finding[]> => {
  for (const end = performance.now() + patience; ; ) {
    const findings = await look(machine, ask);
    if (findings.every(({ isWell }) => isWell) || performance.now() >= end) return findings;
    await setTimeout(Math.min(1000, Math.max(1, end - performance.now())));
  }
};
