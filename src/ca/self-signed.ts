// Certificates that sign themselves: the one with which we show ourselves to a KMIP endpoint that pins the certificates of
// its clients, and the one of a server that cannot open its own.

import { makeKeyPair } from './key-pair.ts';
import { checkCommonName, dnsNameFrom } from './names.ts';
import { type Credential, signCertificate } from './sign.ts';

export interface SelfSignedRequest {
  readonly commonName: string;
  readonly days: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A new RSA-2048 key and its certificate for client authentication. Throws `invalid-field` for names that cannot be. */
export const selfSignedClient = async ({ commonName, days, now }: SelfSignedRequest): Promise<Credential> => {
  return selfSigned({ commonName, days, now }, { clientAuth: true });
};

/** The same for a server. */
export const selfSignedServer = (request: SelfSignedRequest): Promise<Credential> =>
  selfSigned(request, { serverAuth: true });

const selfSigned = async (
  { commonName, days, now }: SelfSignedRequest,
  usage: Readonly<Record<string, boolean>>,
): Promise<Credential> => {
  const { publicKeyPem, privateKeyPem } = await makeKeyPair('rsa-2048');
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', ...usage },
    { name: 'subjectAltName', altNames: [{ type: 2, value: dnsNameFrom(commonName) }] },
  ];
  const draft = { commonName: checkCommonName(commonName), publicKeyPem, days, now, extensions };
  return { certificatePem: await signCertificate(draft, privateKeyPem), privateKeyPem };
};
