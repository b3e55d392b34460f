// Whether another machine can be reached from this one: by ping, and by TLS with the certificates that it shows.

import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { EdgeError, messageOf } from '../errors.ts';
import type { Machine } from './machine.ts';

/** Why a text is neither a name nor an address; undefined for one that is. */
export const wrongHost = (text: string): string | undefined =>
  isIP(text) !== 0 || /^(?=.{1,253}$)[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?$/.test(text)
    ? undefined
    : 'a name or an address is needed';

/** Why a text is no number of a port; undefined for one that is. */
export const wrongPort = (text: string): string | undefined =>
  /^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535 ? undefined : 'a number from 1 to 65535 is needed';

/** Four pings, as the program says it. Throws `invalid-field`, and `upstream-unreachable` where none is answered. */
export const ping = async ({ run }: Machine, host: string): Promise<readonly string[]> => {
  const problem = wrongHost(host);
  if (problem !== undefined) throw new EdgeError('invalid-field', problem);
  try {
    const text = await run('ping', ['-c', '4', '-W', '2', '--', host]);
    return text.split('\n').filter((row) => row !== '');
  } catch (error) {
    throw new EdgeError('upstream-unreachable', `${host} does not answer to a ping (${messageOf(error)})`, {
      hint: 'many networks let no ping pass: the TLS test says more',
    });
  }
};

export interface ShownCertificate {
  readonly subject: string;
  readonly issuer: string;
  readonly names: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly sha256: string;
}

export interface TlsFinding {
  /** The address that answered. */
  readonly address: string;
  readonly protocol: string;
  readonly cipher: string;
  /** Why nothing vouches for its certificate; undefined where one of the well-known authorities does. */
  readonly doubt: string | undefined;
  /** Its own first, then who signed it. */
  readonly certificates: readonly ShownCertificate[];
}

const usualTime = 10_000;
const longestChain = 8;

/** In words, what Node has codes for. */
const doubts: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not one of the well-known ones',
  UNABLE_TO_GET_ISSUER_CERT: 'who signed it is not known',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'who signed it is not known',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'who signed it is not known',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet: look at the clock of this machine',
  ERR_TLS_CERT_ALTNAME_INVALID: 'it is for another name',
};

/** Why TLS doubts a certificate, in words. */
export const doubtOf = ({ authorized, authorizationError }: TLSSocket): string | undefined => {
  // Its type says error, and it is the code of one.
  const code = String(authorizationError);
  return authorized ? undefined : (doubts[code] ?? code);
};

/** Shakes hands and hangs up; says nothing over it. Throws `upstream-unreachable`. */
export const lookByTls = (host: string, port: number, timeout = usualTime): Promise<TlsFinding> =>
  new Promise((resolve, reject) => {
    const named: ConnectionOptions = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ ...named, host, port, timeout, rejectUnauthorized: false });
    const fail = (why: string): void => {
      socket.destroy();
      reject(new EdgeError('upstream-unreachable', `no TLS with ${host} at port ${port}: ${why}`));
    };
    // The silence that a socket counts begins anew with each byte.
    const timer = setTimeout(() => fail(`it took more than ${timeout / 1000} s`), timeout);
    socket.once('close', () => clearTimeout(timer));
    socket.on('error', (error) => fail(messageOf(error)));
    socket.once('secureConnect', () => {
      const finding = findingOf(socket);
      socket.destroy();
      resolve(finding);
    });
  });

const findingOf = (socket: TLSSocket): TlsFinding => {
  const chain: X509Certificate[] = [];
  for (let next = socket.getPeerX509Certificate(); next && chain.length < longestChain; next = next.issuerCertificate) {
    if (chain.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
    chain.push(next);
  }
  return {
    address: socket.remoteAddress ?? '?',
    protocol: socket.getProtocol() ?? '?',
    cipher: socket.getCipher().standardName,
    doubt: doubtOf(socket),
    certificates: chain.map(shownOf),
  };
};

const onOneLine = (name: string): string => name.split('\n').join(', ');

const shownOf = (certificate: X509Certificate): ShownCertificate => ({
  subject: onOneLine(certificate.subject ?? ''),
  issuer: onOneLine(certificate.issuer ?? ''),
  names: certificate.subjectAltName ?? '',
  notBefore: new Date(certificate.validFrom).toISOString(),
  notAfter: new Date(certificate.validTo).toISOString(),
  sha256: certificate.fingerprint256,
});
