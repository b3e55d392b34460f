// An update from an address: whole in its place or not there at all, never more than it may be, and never the room that the
// stored keys need.

import { existsSync, readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { type FetchOptions, fetchBundle } from '../../src/update/fetch.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const content = Buffer.alloc(10_000, 'u');

const serve = async (t: ExecutionContext, listener: RequestListener): Promise<string> => {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

const options: FetchOptions = { largest: 20_000, room: 20_000, report: () => {}, silence: 300 };

/** Answers with the content; a path says how. */
const listener: RequestListener = (request, response) => {
  const { url = '' } = request;
  if (url === '/there') return response.writeHead(302, { location: '/told' }).end();
  if (url === '/round') return response.writeHead(302, { location: '/round' }).end();
  if (url === '/gone') return response.writeHead(404).end();
  if (url === '/told') return response.writeHead(200, { 'content-length': content.length }).end(content);
  if (url === '/silent') return void response.writeHead(200, { 'content-length': content.length }).write('u');
  if (url === '/cut') {
    response.writeHead(200, { 'content-length': content.length });
    return void response.write('u', () => response.destroy());
  }
  return response.writeHead(200).end(content);
};

for (const path of ['told', 'untold', 'there']) {
  test(`what is at the address is taken as it is: ${path}`, async (t) => {
    const file = join(temporaryDirectory(t), 'fetched.update');
    const seen: number[] = [];
    await fetchBundle(`${await serve(t, listener)}/${path}`, file, { ...options, report: (done) => seen.push(done) });
    t.true(readFileSync(file).equals(content));
    t.is(seen.at(-1), content.length);
  });
}

const refusals: readonly (readonly [path: string, changes: Partial<FetchOptions>, kind: ErrorKind, problem: RegExp])[] =
  [
    ['told', { largest: 9999 }, 'invalid-field', /has 10000 bytes, an update has at most 9999/],
    ['untold', { largest: 9999 }, 'invalid-field', /an update has at most 9999/],
    ['told', { room: 9999 }, 'storage-full', /has 10000 bytes, the data disk has room for 9999/],
    ['untold', { room: 9999 }, 'storage-full', /has room for 9999/],
    ['untold', { room: -5 }, 'storage-full', /has room for 0/],
    ['gone', {}, 'upstream-unreachable', /HTTP 404/],
    ['round', {}, 'upstream-unreachable', /HTTP 302/],
    ['cut', {}, 'upstream-unreachable', /cannot be fetched/],
    ['silent', {}, 'upstream-unreachable', /cannot be fetched/],
  ];
for (const [path, changes, kind, problem] of refusals) {
  test(`it is refused and nothing stays: ${path} ${JSON.stringify(changes)}`, async (t) => {
    const file = join(temporaryDirectory(t), 'fetched.update');
    const address = `${await serve(t, listener)}/${path}`;
    const error = await t.throwsAsync(fetchBundle(address, file, { ...options, ...changes }), { message: problem });
    t.is(error instanceof EdgeError ? error.kind : undefined, kind);
    t.false(existsSync(file));
  });
}

test('what is no address is refused', async (t) => {
  for (const address of ['', 'nowhere', 'ftp://mirror.example.com/x']) {
    const error = await t.throwsAsync(fetchBundle(address, '/nonexistent/x', options));
    t.true(error instanceof EdgeError && error.kind === 'invalid-field', address);
  }
});
