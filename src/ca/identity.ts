// The appliance's own certificates as they rest in the vault, sealed: its authority, and the server certificates. What is
// missing is made at the first start.

import { hostname, networkInterfaces } from 'node:os';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';
import { createAuthority } from './authority.ts';
import { issueServerCertificate, type ServerNames } from './issue.ts';
import type { KeyType } from './key-pair.ts';
import { dnsNameFrom } from './names.ts';
import type { ServerCredential } from './server-credential.ts';
import type { Credential } from './sign.ts';

/** Where credentials rest: sealed, by name. */
export interface CredentialStorage {
  load(name: string): Buffer | undefined;
  /** All at once and durably; undefined takes one away. Wipes what it was given. */
  change(records: Readonly<Record<string, Buffer | undefined>>): Promise<void>;
}

/** A signing request that waits for its certificate. */
export interface PendingRequest {
  readonly requestPem: string;
  readonly privateKeyPem: Secret;
  readonly names: readonly string[];
}

/** The records' names in the vault. */
export const records = {
  authority: 'certificate-authority',
  current: 'server-certificate',
  next: 'server-certificate next',
  request: 'server-certificate request',
} as const;

/** The host's name as a certificate can hold it. */
export const hostName = (): string => dnsNameFrom(hostname()).slice(0, 64);

const authorityDays = 20 * 365;
/** Of a server certificate made here: every vCenter has to be told of the next one. */
export const serverDays = 10 * 365;

export const makeAuthority = (keyType: KeyType, now: number): Promise<Credential> =>
  createAuthority({ commonName: `kmip-edge CA ${hostName()}`.slice(0, 64), days: authorityDays, keyType, now });

export interface NewServerCertificate {
  readonly names: readonly string[];
  readonly keyType: KeyType;
  readonly days: number;
  readonly now: number;
}

/** A server certificate of our authority, for this machine and `names`. */
export const makeServerCertificate = async (
  authority: Credential,
  { names, keyType, days, now }: NewServerCertificate,
): Promise<ServerCredential> => {
  const made = await issueServerCertificate(authority, { ...serverNames(names), keyType, days, now });
  return { ...made, chainPem: '', names };
};

/** Every name and address under which this machine may be reached now, and `further` ones. */
export const serverNames = (further: readonly string[]): ServerNames => {
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const addresses = own.filter(({ scopeid }) => !scopeid).map(({ address }) => address);
  const isAddress = (name: string): boolean => /^[0-9.]+$/.test(name) || name.includes(':');
  return {
    commonName: hostName(),
    dnsNames: [...new Set([dnsNameFrom(hostname()), 'localhost', ...further.filter((name) => !isAddress(name))])],
    addresses: [...new Set(['127.0.0.1', ...addresses, ...further.filter(isAddress)])],
  };
};

/** For the vault. */
export const encode = (value: Credential | ServerCredential | PendingRequest): Buffer =>
  Buffer.from(JSON.stringify({ ...value, privateKeyPem: value.privateKeyPem.reveal() }));

const read = (storage: CredentialStorage, name: string): Readonly<Record<string, unknown>> | undefined => {
  const stored = storage.load(name);
  if (!stored) return undefined;
  const value = JSON.parse(stored.toString()) as Record<string, unknown>;
  stored.fill(0);
  return value;
};

const incomplete = (name: string): EdgeError => new EdgeError('data-damaged', `the stored ${name} is incomplete`);

/** The stored authority, if any. Throws `data-damaged`. */
export const loadAuthority = (storage: CredentialStorage): Credential | undefined => {
  const value = read(storage, records.authority);
  return value && credentialOf(records.authority, value);
};

const credentialOf = (
  name: string,
  { certificatePem, privateKeyPem }: Readonly<Record<string, unknown>>,
): Credential => {
  if (typeof certificatePem !== 'string' || typeof privateKeyPem !== 'string') throw incomplete(name);
  return { certificatePem, privateKeyPem: new Secret(privateKeyPem) };
};

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];

/** The stored server certificate of this record, if any. Throws `data-damaged`. */
export const loadServer = (storage: CredentialStorage, name: string): ServerCredential | undefined => {
  const value = read(storage, name);
  if (!value) return undefined;
  const chainPem = typeof value['chainPem'] === 'string' ? value['chainPem'] : '';
  return { ...credentialOf(name, value), chainPem, names: textsIn(value['names']) };
};

/** The stored request, if any. Throws `data-damaged`. */
export const loadRequest = (storage: CredentialStorage): PendingRequest | undefined => {
  const value = read(storage, records.request);
  if (!value) return undefined;
  const { requestPem, privateKeyPem, names } = value;
  if (typeof requestPem !== 'string' || typeof privateKeyPem !== 'string') throw incomplete(records.request);
  return { requestPem, privateKeyPem: new Secret(privateKeyPem), names: textsIn(names) };
};
