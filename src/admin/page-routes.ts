// Serves the web page's files: no sign-in, GET and HEAD only, exactly the files that the page is made of. They are made at
// the first request and kept compressed, about half a megabyte; a server whose page nobody opens spends nothing on it.

import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { EdgeError } from '../errors.ts';
import type { Page, PageFile } from './page-build.ts';

/** What the page may do: run and show what came from here, and talk to here. */
export const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  // Text can become markup nowhere, by whatever mistake.
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

/** Adds `/` and `/page/…`. `make` is for tests. */
export const addPage = (app: FastifyInstance, make: () => Promise<Page> = makePage): void => {
  let made: Promise<Page> | undefined;
  const page = (): Promise<Page> => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
  app.get('/', async (request, reply) => {
    const { index } = await page();
    // Asked again each time: it names the others.
    return send(
      request,
      reply.header('cache-control', 'no-cache').header('content-security-policy', pagePolicy),
      index,
    );
  });
  app.get('/page/*', async (request, reply) => {
    const { files } = await page();
    const file = files.get(request.url);
    if (!file) return reply.callNotFound();
    return send(request, reply.header('cache-control', 'public, max-age=31536000, immutable'), file);
  });
};

const send = (request: FastifyRequest, reply: FastifyReply, file: PageFile): FastifyReply => {
  reply.header('etag', file.etag).header('vary', 'accept-encoding').header('x-content-type-options', 'nosniff');
  if (namesTag(request.headers['if-none-match'], file.etag)) return reply.code(304).send();
  const [encoding, body] = encoded(request.headers['accept-encoding'], file);
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.type(file.type).send(Buffer.from(body.buffer, body.byteOffset, body.length));
};

/** By RFC 9110, section 13.1.2: a list, and weak tags count. */
const namesTag = (header: string | undefined, etag: string): boolean =>
  header?.split(',').some((tag) => [etag, '*'].includes(tag.trim().replace(/^W\//, ''))) ?? false;

const encoded = (accepted = '', file: PageFile): readonly [encoding: string | undefined, body: Uint8Array] => {
  const takes = (name: string): boolean =>
    accepted.split(',').some((part) => {
      const [encoding, quality = 'q=1'] = part.split(';').map((piece) => piece.trim());
      return encoding === name && Number(quality.slice(2)) > 0;
    });
  if (takes('br')) return ['br', file.brotli];
  return takes('gzip') ? ['gzip', file.gzip] : [undefined, file.body];
};

/** Milliseconds; it takes a third of a second. */
const patience = 30_000;

/** In a process of its own, which needs nothing of this one's surroundings. */
const makePage = (): Promise<Page> =>
  new Promise((resolve, reject) => {
    const maker = fork(join(import.meta.dirname, 'page-maker.ts'), {
      serialization: 'advanced',
      execArgv: ['--disable-warning=ExperimentalWarning'],
      env: {},
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      timeout: patience,
    });
    maker.once('message', (page) => resolve(page as Page));
    maker.once('error', reject);
    maker.once('exit', (code) => reject(new EdgeError('internal', `the page could not be made: exit code ${code}`)));
  });
