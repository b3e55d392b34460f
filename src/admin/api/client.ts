// Calls the management API of the running server over its Unix socket.

import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { EdgeError, type ErrorKind, errorKinds } from '../../errors.ts';
import { type Input, type Output, type Problem, type RouteName, routes, socketName } from './table.ts';

/** Setting up an upstream asks it several times; nothing here takes longer. */
const timeout = 120_000;
const maximumAnswer = 64 * 1024 * 1024;

/** Asks `route` with `input`. Throws `server-not-running`, or the server's own refusal with its kind and hint. */
export const call = async <R extends RouteName>(
  dataDirectory: string,
  route: R,
  input: Input[R],
): Promise<Output[R]> => {
  const response = await send(dataDirectory, route, input);
  const { status, body } = await bodyOf(response);
  if (status >= 200 && status < 300) return JSON.parse(body) as Output[R];
  throw refusal(status, body);
};

/** The same for an answer that is not JSON and may be of any length: as it comes. */
export const callForStream = async <R extends RouteName>(
  dataDirectory: string,
  route: R,
  input: Input[R],
): Promise<IncomingMessage> => {
  const response = await send(dataDirectory, route, input);
  if (response.statusCode === 200) return response;
  const { status, body } = await bodyOf(response);
  throw refusal(status, body);
};

const send = (dataDirectory: string, route: RouteName, input: unknown): Promise<IncomingMessage> => {
  const { method, path } = routes[route];
  const isGet = method === 'GET';
  const query = isGet ? queryOf(input as Readonly<Record<string, unknown>>) : '';
  return exchange(dataDirectory, method, path + query, isGet ? undefined : JSON.stringify(input));
};

const queryOf = (input: Readonly<Record<string, unknown>>): string => {
  const entries = Object.entries(input).filter(([, value]) => value !== undefined);
  return entries.length === 0
    ? ''
    : `?${new URLSearchParams(Object.fromEntries(entries.map(([key, value]) => [key, String(value)])))}`;
};

const exchange = (
  dataDirectory: string,
  method: string,
  path: string,
  body: string | undefined,
): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // Importing this module would make Node load its WebSocket and fetch as well: 13 MB that nobody here needs.
    const { request } = process.getBuiltinModule('node:http');
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    const socketPath = join(dataDirectory, socketName);
    // A connection that is kept open may belong to a server that was there before.
    const call = request({ socketPath, method, path, headers, timeout, agent: false }, resolve);
    call.on('timeout', () =>
      call.destroy(new EdgeError('server-not-running', `the server did not answer in ${timeout / 1000} s`)),
    );
    call.on('error', (error) => reject(error instanceof EdgeError ? error : notRunning(dataDirectory, error)));
    call.end(body);
  });

const bodyOf = (response: IncomingMessage): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    response.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size > maximumAnswer) response.destroy(new EdgeError('internal', 'the server answered too much'));
    });
    response.on('error', reject);
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
  });

const notRunning = (dataDirectory: string, error: NodeJS.ErrnoException): EdgeError =>
  new EdgeError(
    'server-not-running',
    `no server answers for the data directory ${dataDirectory} (${error.code ?? error.message})`,
    {
      hint: "start it with 'kmip-edge serve', or name its data directory with --data or KMIP_EDGE_DATA",
      cause: error,
    },
  );

const refusal = (status: number, body: string): EdgeError => {
  try {
    const { kind, message, hint } = JSON.parse(body) as Problem;
    const known: ErrorKind = Object.hasOwn(errorKinds, kind) ? (kind as ErrorKind) : 'internal';
    return new EdgeError(known, message, hint === undefined ? {} : { hint });
  } catch {
    return new EdgeError('internal', `the server answered HTTP ${status}`);
  }
};
