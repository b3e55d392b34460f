// Under which addresses others reach a server that listens on all of them: nobody can type 0.0.0.0 into vCenter.

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';

type Interfaces = Readonly<Record<string, readonly NetworkInterfaceInfo[] | undefined>>;

/**
 * The host itself where it names one; for `0.0.0.0` and `::` the addresses of this machine that others can reach, IPv4
 * first, or the host where there are none.
 */
export const reachableHosts = (host: string, interfaces: Interfaces = networkInterfaces()): readonly string[] => {
  if (host !== '0.0.0.0' && host !== '::') return [host];
  const others = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(({ internal, family, scopeid }) => !internal && !scopeid && (family === 'IPv4' || host === '::'));
  const addresses = ['IPv4', 'IPv6'].flatMap((family) => others.filter((one) => one.family === family));
  return addresses.length > 0 ? addresses.map(({ address }) => address) : [host];
};
