// What our authority issues: certificates for the KMIP server and the management page, and for clients that cannot make
// their own (vCenter's "KMS certificate and private key"). Key pairs are made here and handed over once.

import { createPublicKey } from 'node:crypto';
import { EdgeError } from '../errors.ts';
import { checkAuthority } from './authority.ts';
import { type KeyType, makeKeyPair } from './key-pair.ts';
import { checkAddress, checkCommonName, checkDnsName, dnsNameFrom } from './names.ts';
import { type Credential, type Extensions, signCertificate } from './sign.ts';

export interface ClientRequest {
  readonly commonName: string;
  readonly days: number;
  /** RSA-2048 unless told. */
  readonly keyType?: KeyType | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ServerNames {
  readonly commonName: string;
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

export interface ServerRequest extends ClientRequest, ServerNames {}

/** GeneralName choices of RFC 5280 section 4.2.1.6. */
const dnsName = (value: string) => ({ type: 2, value });
const address = (ip: string) => ({ type: 7, ip });

/** What a key may do: an elliptic curve key encrypts nothing. */
const endEntity = (publicKeyPem: string): Extensions => [
  { name: 'basicConstraints', cA: false, critical: true },
  {
    name: 'keyUsage',
    digitalSignature: true,
    keyEncipherment: createPublicKey(publicKeyPem).asymmetricKeyType === 'rsa',
    critical: true,
  },
];

/** The rows for a server's certificate or for a request for one. Throws where there is neither name nor address. */
export const serverExtensions = (publicKeyPem: string, request: ServerNames): Extensions => {
  const altNames = [
    ...[...new Set(request.dnsNames.map(checkDnsName))].map(dnsName),
    ...[...new Set(request.addresses.map(checkAddress))].map(address),
  ];
  if (altNames.length === 0) {
    throw new EdgeError('missing-data', `server certificate '${request.commonName}' has no DNS name and no address`, {
      hint: 'give at least one name or address under which clients reach this server',
    });
  }
  return [...endEntity(publicKeyPem), { name: 'extKeyUsage', serverAuth: true }, { name: 'subjectAltName', altNames }];
};

/** A certificate for a server, valid for every DNS name and address given (at least one of either). */
export const issueServerCertificate = (authority: Credential, request: ServerRequest): Promise<Credential> =>
  issue(authority, request, (publicKeyPem) => serverExtensions(publicKeyPem, request));

/** A certificate for a client. Its DNS name is made from the common name: some clients want one to be there. */
export const issueClientCertificate = (authority: Credential, request: ClientRequest): Promise<Credential> =>
  issue(authority, request, (publicKeyPem) => clientExtensions(publicKeyPem, request.commonName));

/** A certificate for a client that has its own key. Only the key is taken from its request, all else is ours. */
export const signClientCertificate = (
  authority: Credential,
  publicKeyPem: string,
  { commonName, days, now }: ClientRequest,
): Promise<string> => {
  checkAuthority(authority);
  const extensions = clientExtensions(publicKeyPem, commonName);
  const draft = { commonName: checkCommonName(commonName), publicKeyPem, days, now, extensions, issuer: authority };
  return signCertificate(draft, authority.privateKeyPem);
};

const clientExtensions = (publicKeyPem: string, commonName: string): Extensions => [
  ...endEntity(publicKeyPem),
  { name: 'extKeyUsage', clientAuth: true },
  { name: 'subjectAltName', altNames: [dnsName(dnsNameFrom(commonName))] },
];

const issue = async (
  authority: Credential,
  request: ClientRequest,
  extensionsOf: (publicKeyPem: string) => Extensions,
): Promise<Credential> => {
  const { days, now } = request;
  const commonName = checkCommonName(request.commonName);
  checkAuthority(authority);
  const { publicKeyPem, privateKeyPem } = await makeKeyPair(request.keyType ?? 'rsa-2048');
  const draft = { commonName, publicKeyPem, days, now, extensions: extensionsOf(publicKeyPem), issuer: authority };
  return { certificatePem: await signCertificate(draft, authority.privateKeyPem), privateKeyPem };
};
