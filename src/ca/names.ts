// Names that go into certificates, checked before they are signed: common names, DNS names and addresses. Wildcards are
// refused because vSphere does not support them.

import { isIP } from 'node:net';
import { EdgeError } from '../errors.ts';

/** X.520's upper bound for a common name. */
const maximumCommonName = 64;
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** `name`, when a common name may read so. */
export const checkCommonName = (name: string): string => {
  if (name.trim() !== name || name === '' || [...name].length > maximumCommonName || /\p{C}/u.test(name)) {
    throw new EdgeError('invalid-field', `common name ${JSON.stringify(name)} is not allowed`, {
      hint: `use 1 to ${maximumCommonName} printable characters without a space at either end`,
    });
  }
  return name;
};

/** The DNS name in lower case. An address is not a DNS name: clients look for it in another field. */
export const checkDnsName = (name: string): string => {
  const lower = name.toLowerCase();
  const valid = lower.length <= 253 && isIP(lower) === 0 && lower.split('.').every((part) => label.test(part));
  if (valid) return lower;
  throw new EdgeError('invalid-field', `DNS name ${JSON.stringify(name)} is not valid`, {
    hint: 'use letters, digits and hyphens between dots, such as kms.example.com; no wildcards, no addresses',
  });
};

/** The address in the form that can be turned into bytes: IPv6 written out in hexadecimal only. */
export const checkAddress = (address: string): string => {
  const family = isIP(address);
  if (family === 4) return address;
  // A zone (%eth0) means something on one machine only, so it cannot be part of a certificate.
  if (family === 6 && !address.includes('%')) return new URL(`http://[${address}]`).hostname.slice(1, -1);
  throw new EdgeError('invalid-field', `address ${JSON.stringify(address)} is not an IP address`, {
    hint: 'use an IPv4 address such as 192.0.2.10 or an IPv6 address such as 2001:db8::10, without a zone',
  });
};

/** A DNS name made from what a person called a client: never fails, always the same for the same name. */
export const dnsNameFrom = (name: string): string => {
  const parts = name.normalize('NFKD').toLowerCase().split('.').map(safeLabel);
  const safe = parts.filter((part) => part !== '').join('.');
  const short = safe.slice(0, 253).replace(/[.-]+$/, '');
  return short === '' || isIP(short) !== 0 ? 'client' : short;
};

const safeLabel = (part: string): string =>
  part
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
