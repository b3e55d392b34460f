// Networks of IPv4 and IPv6 addresses, as people write them: `10.20.0.0/16`, `2001:db8::/32`, or one address.

import { BlockList, isIP } from 'node:net';
import { EdgeError } from './errors.ts';

interface Network {
  readonly address: string;
  /** Bits. */
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Throws `invalid-field`. */
export const parseNetwork = (text: string): Network => {
  const [address = '', bits] = text.split('/', 2);
  const kind = isIP(address);
  const widest = kind === 4 ? 32 : 128;
  const prefix = bits === undefined ? widest : Number(bits);
  if (
    kind === 0 ||
    address.includes('%') ||
    text.split('/').length > 2 ||
    !/^(?:0|[1-9]\d{0,2})$/.test(bits ?? '0') ||
    prefix > widest
  ) {
    throw new EdgeError('invalid-field', `'${text.slice(0, 60)}' is no network, such as 10.20.0.0/16`);
  }
  return { address, prefix, family: kind === 4 ? 'ipv4' : 'ipv6' };
};

/** Whether an address is in one of these networks; every address is where there are none. Throws `invalid-field`. */
export const createNetworks = (networks: readonly string[]): ((address: string) => boolean) => {
  if (networks.length === 0) return () => true;
  const list = new BlockList();
  for (const { address, prefix, family } of networks.map(parseNetwork)) list.addSubnet(address, prefix, family);
  return (address) => {
    const kind = isIP(address);
    return kind !== 0 && list.check(address, kind === 4 ? 'ipv4' : 'ipv6');
  };
};
