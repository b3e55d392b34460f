// What our authority issues: certificates for the KMIP server and the management page, and for clients that cannot make
// their own (vCenter's "KMS certificate and private key"). Key pairs are made here and handed over once.

import { EdgeError } from '../errors.ts';
import { checkAuthority } from './authority.ts';
import { makeKeyPair } from './key-pair.ts';
import { checkAddress, checkCommonName, checkDnsName, dnsNameFrom } from './names.ts';
import { type Credential, type Extensions, signCertificate } from './sign.ts';

export interface ClientRequest {
  readonly commonName: string;
  readonly days: number;
  /** RSA key length, 2048 unless told. */
  readonly bits?: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export interface ServerRequest extends ClientRequest {
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
}

/** GeneralName choices of RFC 5280 section 4.2.1.6. */
const dnsName = (value: string) => ({ type: 2, value });
const address = (ip: string) => ({ type: 7, ip });

const endEntity: Extensions = [
  { name: 'basicConstraints', cA: false, critical: true },
  { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
];

/** A certificate for a server, valid for every DNS name and address given (at least one of either). */
export const issueServerCertificate = async (authority: Credential, request: ServerRequest): Promise<Credential> => {
  const altNames = [
    ...[...new Set(request.dnsNames.map(checkDnsName))].map(dnsName),
    ...[...new Set(request.addresses.map(checkAddress))].map(address),
  ];
  if (altNames.length === 0) {
    throw new EdgeError('missing-data', `server certificate '${request.commonName}' has no DNS name and no address`, {
      hint: 'give at least one name or address under which clients reach this server',
    });
  }
  return issue(authority, request, [
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
  ]);
};

/** A certificate for a client. Its DNS name is made from the common name: some clients want one to be there. */
export const issueClientCertificate = (authority: Credential, request: ClientRequest): Promise<Credential> =>
  issue(authority, request, [
    { name: 'extKeyUsage', clientAuth: true },
    { name: 'subjectAltName', altNames: [dnsName(dnsNameFrom(request.commonName))] },
  ]);

const issue = async (authority: Credential, request: ClientRequest, purpose: Extensions): Promise<Credential> => {
  const { days, now } = request;
  const commonName = checkCommonName(request.commonName);
  checkAuthority(authority);
  const { publicKeyPem, privateKeyPem } = await makeKeyPair(request.bits ?? 2048);
  const extensions = [...endEntity, ...purpose];
  const draft = { commonName, publicKeyPem, days, now, extensions, issuer: authority };
  return { certificatePem: await signCertificate(draft, authority.privateKeyPem), privateKeyPem };
};
