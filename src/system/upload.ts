// A file for a supporter to an address of the user's own, by HTTPS PUT. What names hosts and clients goes to nobody whose
// certificate is not vouched for: by a well-known authority, or by whoever compared its fingerprint.

import { request } from 'node:https';
import { isIP } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { EdgeError, messageOf } from '../errors.ts';
import { doubtOf } from './reach.ts';
import type { SupportFile } from './support-file.ts';

/** Milliseconds without a byte. */
const usualSilence = 60_000;

export interface UploadOptions {
  /** SHA-256 of a certificate that counts although no authority vouches for it, as Node writes it. */
  readonly fingerprint?: string | undefined;
  readonly silence?: number;
}

/** The address as a URL. Throws `invalid-field` for what is none, or would send it unprotected. */
export const uploadAddress = (text: string): URL => {
  if (!URL.canParse(text)) throw new EdgeError('invalid-field', 'that is not an address');
  const address = new URL(text);
  if (address.protocol !== 'https:') throw new EdgeError('invalid-field', 'the address must begin with https://');
  return address;
};

/** Host and port; the brackets of an IPv6 address are no part of it. */
export const endOf = ({ hostname, port }: URL): { readonly host: string; readonly port: number } => ({
  host: hostname.replace(/^\[(.*)\]$/, '$1'),
  port: Number(port || 443),
});

/** The address without what may open something there: user, password, and the query of a signed address. */
export const shownAddress = ({ origin, pathname }: URL): string => origin + pathname;

/**
 * Sends it; an address that ends in a slash gets the name of the file. Throws `upstream-unreachable`,
 * `upstream-not-trusted`, and `upstream-refused` for an answer that is no success.
 */
export const upload = async (
  address: URL,
  { name, bytes }: SupportFile,
  { fingerprint, silence = usualSilence }: UploadOptions = {},
): Promise<void> => {
  const target = address.pathname.endsWith('/') ? withPath(address, address.pathname + name) : address;
  const socket = await trusted(target, fingerprint, silence);
  try {
    const status = await put(target, socket, bytes, silence);
    if (status >= 200 && status < 300) return;
    throw new EdgeError('upstream-refused', `${shownAddress(target)} answers HTTP ${status}`, {
      hint: 'the address must take a PUT',
    });
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    throw new EdgeError('upstream-unreachable', `${shownAddress(target)} did not take it: ${messageOf(error)}`);
  } finally {
    socket.destroy();
  }
};

const withPath = (address: URL, path: string): URL => {
  const changed = new URL(address);
  changed.pathname = path;
  return changed;
};

/** A connection to whom the certificate says, before anything is sent. */
const trusted = (address: URL, fingerprint: string | undefined, silence: number): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const { host, port } = endOf(address);
    const named = isIP(host) === 0 ? { servername: host } : {};
    const socket = connect({ ...named, host, port, timeout: silence, rejectUnauthorized: false });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    const unreachable = (why: string): Error =>
      new EdgeError('upstream-unreachable', `${address.origin} cannot be reached: ${why}`);
    const fallSilent = (): void => fail(unreachable(`nothing came for ${silence / 1000} s`));
    socket.once('timeout', fallSilent);
    socket.on('error', (error) => fail(unreachable(messageOf(error))));
    socket.once('secureConnect', () => {
      const doubt = doubtOf(socket);
      const isKnown = fingerprint !== undefined && socket.getPeerX509Certificate()?.fingerprint256 === fingerprint;
      // From here on it is the request that counts the silence.
      socket.off('timeout', fallSilent);
      if (doubt === undefined || isKnown) resolve(socket);
      else fail(new EdgeError('upstream-not-trusted', `the certificate of ${address.origin}: ${doubt}`));
    });
  });

const put = (address: URL, socket: TLSSocket, bytes: Buffer, silence: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/gzip', 'content-length': bytes.length };
    const sent = request(
      address,
      { method: 'PUT', headers, timeout: silence, createConnection: () => socket },
      (response) => {
        response.resume();
        response.once('error', reject);
        resolve(response.statusCode ?? 0);
      },
    );
    sent.once('timeout', () => sent.destroy(new Error(`nothing came for ${silence / 1000} s`)));
    sent.once('error', reject);
    sent.end(bytes);
  });
