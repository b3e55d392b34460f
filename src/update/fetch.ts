// An update from an address on the network. Who serves it does not matter, so a server with a certificate of its own making
// will do: what the file is worth is said by its signature alone.

import { createWriteStream, rmSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EdgeError, messageOf } from '../errors.ts';
import { shownAddress } from '../system/upload.ts';

/** How an address is reached. */
export interface Way {
  /** Milliseconds without a byte. */
  readonly silence?: number;
  readonly proxy?: { readonly url: string; readonly except: readonly string[] } | undefined;
}

export interface FetchOptions extends Way {
  readonly largest: number;
  /** Bytes that the disk has for it. */
  readonly room: number;
  readonly report: (done: number, total: number) => void;
}

const mostRedirections = 5;

/**
 * Writes what is at `address` to `path`. Throws `upstream-unreachable`, `invalid-field` for what is no address, and
 * `storage-full` rather than take the room that the stored keys need.
 */
export const fetchBundle = async (address: string, path: string, options: FetchOptions): Promise<void> => {
  try {
    await fromAddress(address, options, async (response) => {
      const total = Number(response.headers['content-length'] ?? 0);
      requireFits(total, options);
      await pipeline(response, counter(total, options), createWriteStream(path, { mode: 0o600 }));
    });
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
};

/**
 * Gives what comes from `address` to `act`, and ends the connection with it, however little was read. Throws
 * `upstream-unreachable`, and `invalid-field` for what is no address.
 */
export const fromAddress = async <T>(
  address: string,
  way: Way,
  act: (response: IncomingMessage) => Promise<T>,
): Promise<T> => {
  let response: IncomingMessage | undefined;
  try {
    response = await ask(new URL(address), way, mostRedirections);
    return await act(response);
  } catch (error) {
    if (error instanceof EdgeError) throw error;
    const shown = URL.canParse(address) ? shownAddress(new URL(address)) : address;
    if (error instanceof TypeError) throw new EdgeError('invalid-field', `'${shown}' is not an address`);
    throw new EdgeError('upstream-unreachable', `${shown} cannot be fetched: ${messageOf(error)}`);
  } finally {
    response?.destroy();
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

const ask = async (address: URL, way: Way, redirections: number): Promise<IncomingMessage> => {
  const response = await get(address, way);
  const { statusCode = 0, headers } = response;
  if (statusCode === 200) return response;
  response.destroy();
  const { location } = headers;
  if (statusCode < 300 || statusCode > 399 || location === undefined || redirections === 0) {
    throw new Error(`it answers HTTP ${statusCode}`);
  }
  return ask(new URL(location, address), way, redirections - 1);
};

const get = (address: URL, { silence = 60_000, proxy }: Way): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const except = proxy?.except.join(',') ?? '';
    const proxyEnv = proxy && { HTTPS_PROXY: proxy.url, HTTP_PROXY: proxy.url, NO_PROXY: except };
    const take = (response: IncomingMessage): void => {
      // Else whoever reads would only hear that it was broken off.
      sent.on('timeout', () => response.destroy(silent()));
      resolve(response);
    };
    const silent = (): Error => new Error(`nothing came for ${silence / 1000} s`);
    const plain = process.getBuiltinModule('node:http');
    const sent =
      address.protocol === 'https:'
        ? requestHttps(
            address,
            { timeout: silence, rejectUnauthorized: false, agent: proxyEnv ? new Agent({ proxyEnv }) : false },
            take,
          )
        : plain.request(address, { timeout: silence, agent: proxyEnv ? new plain.Agent({ proxyEnv }) : false }, take);
    sent.on('timeout', () => sent.destroy(silent()));
    sent.on('error', reject);
    sent.end();
  });
