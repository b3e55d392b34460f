// An update from an address on the network. Who serves it does not matter, so a server with a certificate of its own making
// will do: what the file is worth is said by its signature alone.

import { createWriteStream, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EdgeError, messageOf } from '../errors.ts';

export interface FetchOptions {
  readonly largest: number;
  /** Bytes that the disk has for it. */
  readonly room: number;
  readonly report: (done: number, total: number) => void;
  /** Milliseconds without a byte. */
  readonly silence?: number;
}

const mostRedirections = 5;

/**
 * Writes what is at `address` to `path`. Throws `upstream-unreachable`, `invalid-field` for what is no address, and
 * `storage-full` rather than take the room that the stored keys need.
 */
export const fetchBundle = async (address: string, path: string, options: FetchOptions): Promise<void> => {
  try {
    const response = await ask(new URL(address), options.silence ?? 60_000, mostRedirections);
    const total = Number(response.headers['content-length'] ?? 0);
    requireFits(total, options);
    await pipeline(response, counter(total, options), createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    rmSync(path, { force: true });
    if (error instanceof EdgeError) throw error;
    if (error instanceof TypeError) throw new EdgeError('invalid-field', `'${address}' is not an address`);
    throw new EdgeError('upstream-unreachable', `${address} cannot be fetched: ${messageOf(error)}`);
  }
};

const requireFits = (bytes: number, { largest, room }: FetchOptions): void => {
  if (bytes > largest) throw new EdgeError('invalid-field', `it has ${bytes} bytes, an update has at most ${largest}`);
  if (bytes <= room) return;
  throw new EdgeError('storage-full', `it has ${bytes} bytes, the data disk has room for ${Math.max(0, room)}`, {
    hint: 'make the data disk larger and restart, or remove old backups from it',
  });
};

const counter = (total: number, options: FetchOptions): Transform => {
  let done = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, next) {
      done += chunk.length;
      try {
        requireFits(done, options);
      } catch (error) {
        return next(error as EdgeError);
      }
      options.report(done, Math.max(done, total));
      next(null, chunk);
    },
  });
};

const ask = async (address: URL, silence: number, redirections: number): Promise<IncomingMessage> => {
  const response = await get(address, silence);
  const { statusCode = 0, headers } = response;
  if (statusCode === 200) return response;
  response.destroy();
  const { location } = headers;
  if (statusCode < 300 || statusCode > 399 || location === undefined || redirections === 0) {
    throw new Error(`it answers HTTP ${statusCode}`);
  }
  return ask(new URL(location, address), silence, redirections - 1);
};

const get = (address: URL, silence: number): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const options = { timeout: silence, agent: false };
    const sent =
      address.protocol === 'https:'
        ? requestHttps(address, { ...options, rejectUnauthorized: false }, resolve)
        : process.getBuiltinModule('node:http').request(address, options, resolve);
    sent.on('timeout', () => sent.destroy(new Error(`nothing came for ${silence / 1000} s`)));
    sent.on('error', reject);
    sent.end();
  });
