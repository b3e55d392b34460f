// The routes of the server certificate. Private keys and passphrases come in, and never go out.

import { X509Certificate } from 'node:crypto';
import { readCertificate } from '../ca/certificate.ts';
import type { ServerCertificates } from '../ca/server-certificates.ts';
import { namesOf, type ServerCredential, serverWarnings } from '../ca/server-credential.ts';
import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import { certificatesIn } from '../instances/root-lists.ts';
import { Secret } from '../secret.ts';
import type { CertificatesView, ServerCertificateView } from './api/certificates.ts';
import type { Input, RouteName } from './api/table.ts';
import { certificateWarnings, type EndingParts } from './certificate-endings.ts';
import { certificateView, viewOfPem } from './client-views.ts';
import type { Handlers } from './routes.ts';

export interface CertificateHandlerOptions extends EndingParts {
  readonly certificates: ServerCertificates;
  readonly clock: Clock;
}

type CertificateRoute = Extract<RouteName, `certificate.${string}`>;

/** The handlers over running parts. */
export const certificateHandlers = (options: CertificateHandlerOptions): Pick<Handlers, CertificateRoute> => {
  const { certificates, clock } = options;
  const show = () => certificatesView(certificates, clock.now());
  const after = async (act: Promise<unknown>): Promise<CertificatesView> => {
    await act;
    return show();
  };
  return {
    'certificate.show': show,
    'certificate.warnings': () => certificateWarnings(options, clock.now()),
    'certificate.renew': (wanted) => after(certificates.renew(wanted)),
    'certificate.request': async (wanted) => ({ requestPem: await certificates.ask(requestOf(wanted)) }),
    'certificate.install': (given) => after(certificates.install(given)),
    'certificate.import': (given) => after(bring(certificates, given)),
    'certificate.activate': ({ sha256 }) => after(certificates.activate(sha256)),
    'certificate.discard': () => after(certificates.discard()),
  };
};

/** X.520's names, the most general first. */
const subjectNames = {
  country: 'countryName',
  state: 'stateOrProvinceName',
  locality: 'localityName',
  organization: 'organizationName',
  organizationalUnit: 'organizationalUnitName',
} as const;

const requestOf = ({ commonName, names, keyType, ...given }: Input['certificate.request']) => {
  const rows = Object.entries(subjectNames).map(([field, name]) => [name, given[field as keyof typeof subjectNames]]);
  const further = Object.fromEntries(rows.filter(([, value]) => value !== undefined)) as Record<string, string>;
  return { commonName, names, keyType, further };
};

const bring = (certificates: ServerCertificates, given: Input['certificate.import']): Promise<void> => {
  const { certificate, privateKey, chain, pkcs12 } = given;
  const passphrase = given.passphrase === undefined ? undefined : new Secret(given.passphrase);
  if (pkcs12 !== undefined && certificate === undefined && privateKey === undefined && chain === undefined) {
    return certificates.importPkcs12(Buffer.from(pkcs12, 'base64'), passphrase ?? new Secret(''));
  }
  if (pkcs12 === undefined && certificate !== undefined && privateKey !== undefined) {
    return certificates.importPem({ certificate, privateKey, chain }, passphrase);
  }
  throw new EdgeError('missing-data', 'either a PKCS #12 file is needed, or a certificate and its private key', {
    hint: 'give one of the two ways whole',
  });
};

export const certificatesView = (certificates: ServerCertificates, now: number): CertificatesView => {
  const { current, next, request, authority } = certificates;
  const { certificatePem } = authority;
  return {
    current: serverView(current, certificatePem, now),
    ...(next && { next: serverView(next, certificatePem, now) }),
    ...(request && { request: { requestPem: request.requestPem } }),
    authority: { ...viewOfPem(certificatePem, now), certificatePem },
  };
};

const serverView = (credential: ServerCredential, authorityPem: string, now: number): ServerCertificateView => {
  const { certificatePem, chainPem } = credential;
  const certificate = readCertificate(certificatePem);
  return {
    ...certificateView(certificate, now),
    issuer: certificate.issuer,
    publicKey: certificate.publicKey,
    names: namesOf(new X509Certificate(certificatePem)),
    chain: certificatesIn(chainPem).map((one) => certificateView(readCertificate(one.toString()), now)),
    warnings: serverWarnings(credential, authorityPem),
    certificatePem,
  };
};
