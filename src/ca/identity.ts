// The appliance's own certificates: its authority and the server certificate that vCenter trusts. Made once, then loaded;
// the private keys rest sealed in the store. The server certificate is never replaced by itself, because every vCenter
// would have to be told.

import { hostname, networkInterfaces } from 'node:os';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { createAuthority } from './authority.ts';
import { issueServerCertificate } from './issue.ts';
import { dnsNameFrom } from './names.ts';
import type { Credential } from './sign.ts';

/** Where credentials rest: sealed, by name. */
export interface CredentialStorage {
  load(name: string): Buffer | undefined;
  save(name: string, bytes: Buffer): Promise<void>;
}

export interface Identity {
  readonly authority: Credential;
  readonly server: Credential;
}

/** The host's name as a certificate can hold it. */
const hostName = (): string => dnsNameFrom(hostname()).slice(0, 64);

const authorityDays = 20 * 365;
const serverDays = 10 * 365;

/** The stored identity; what is missing is made. `names` are further DNS names and addresses of the server. */
export const openIdentity = async (
  storage: CredentialStorage,
  names: readonly string[],
  now: number,
): Promise<Identity> => {
  const authority = await openOrMake(storage, 'certificate-authority', () =>
    createAuthority({ commonName: `kmip-edge CA ${hostName()}`.slice(0, 64), days: authorityDays, now }),
  );
  const server = await openOrMake(storage, 'server-certificate', () =>
    issueServerCertificate(authority, { commonName: hostName(), days: serverDays, now, ...serverNames(names) }),
  );
  return { authority, server };
};

const openOrMake = async (
  storage: CredentialStorage,
  name: string,
  make: () => Promise<Credential>,
): Promise<Credential> => {
  const stored = storage.load(name);
  if (stored) return decode(name, stored);
  const credential = await make();
  const { certificatePem, privateKeyPem } = credential;
  await storage.save(name, Buffer.from(JSON.stringify({ certificatePem, privateKeyPem: privateKeyPem.reveal() })));
  return credential;
};

const decode = (name: string, stored: Buffer): Credential => {
  const value = JSON.parse(stored.toString()) as Record<string, unknown>;
  stored.fill(0);
  const { certificatePem, privateKeyPem } = value;
  if (typeof certificatePem === 'string' && typeof privateKeyPem === 'string') {
    return { certificatePem, privateKeyPem: new Secret(privateKeyPem) };
  }
  throw new EdgeError('data-damaged', `the stored ${name} is incomplete`);
};

/** Every name and address under which this machine may be reached now. */
const serverNames = (further: readonly string[]): { dnsNames: readonly string[]; addresses: readonly string[] } => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const addresses = own.filter(({ scopeid }) => !scopeid).map(({ address }) => address);
  const isAddress = (name: string): boolean => /^[0-9.]+$/.test(name) || name.includes(':');
  return {
    dnsNames: [...new Set([dnsNameFrom(hostname()), 'localhost', ...further.filter((name) => !isAddress(name))])],
    addresses: [...new Set(['127.0.0.1', ...addresses, ...further.filter(isAddress)])],
  };
};
