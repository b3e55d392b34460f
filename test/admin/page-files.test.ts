// The web page's files as they are served: which there are, what they weigh, and how they may be kept.

import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import test from 'ava';
import fastify from 'fastify';
import { buildPage } from '../../src/admin/page-build.ts';
import { addPage } from '../../src/admin/page-routes.ts';

const page = buildPage();
const kilobyte = 1000;

const served = () => {
  const app = fastify({ exposeHeadRoutes: true });
  addPage(app, async () => page);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ kind: 'item-not-found' }));
  return app;
};

const text = (body: Uint8Array): string => Buffer.from(body).toString();
const [someAddress = '', someFile] = [...page.files].find(([address]) => address.endsWith('main.ts')) ?? [];

test('the first load weighs at most 150 KB', (t) => {
  const total = [page.index, ...page.files.values()].reduce((sum, { brotli }) => sum + brotli.length, 0);
  t.log(`${(total / kilobyte).toFixed(1)} KB compressed in ${page.files.size} files`);
  t.true(total < 150 * kilobyte, `${total} bytes`);
});

test('only the page, the table of the management API and three library files are served', (t) => {
  const others = [...page.files.keys()].filter(
    (address) => !/^\/page\/[0-9a-f]{16}\/(?:admin\/(?:page|api)\/|library\/|style\.css$|icon\.svg$)/.test(address),
  );
  t.deepEqual(others, []);
  t.true(page.files.size > 10);
});

test('every module has no types left and imports only what is served', (t) => {
  let links = 0;
  for (const [address, { body, type }] of page.files) {
    if (!type.startsWith('text/javascript')) continue;
    for (const [, link = ''] of text(body).matchAll(/^(?:import|export)\b[^'";]*?from\s*['"]([^'"]+)['"]/gm)) {
      t.true(page.files.has(new URL(link, `https://box${address}`).pathname), `${address} imports ${link}`);
      links++;
    }
    t.notRegex(text(body), /^(?:interface|export interface|type|export type) \w+/m, address);
  }
  t.true(links > 20);
});

test('nothing of another origin is named, and nothing runs or is styled in the page itself', (t) => {
  const index = text(page.index.body);
  t.notRegex(index, /<style|style=|\son\w+=|<script(?![^>]*\bsrc=)/);
  for (const [, link = ''] of index.matchAll(/(?:href|src)="([^"]*)"/g)) t.true(page.files.has(link), link);
  for (const [address, { body }] of page.files) {
    const code = text(body).replaceAll('http://www.w3.org/', '');
    if (!address.includes('/library/')) t.notRegex(code, /url\(|@import|['"`]https?:\/\//, address);
  }
});

test('each encoding holds the same file', (t) => {
  for (const { body, gzip, brotli } of page.files.values()) {
    t.deepEqual(gunzipSync(gzip), Buffer.from(body));
    t.deepEqual(brotliDecompressSync(brotli), Buffer.from(body));
  }
});

const encodings: readonly (readonly [accept: string | undefined, expected: string | undefined])[] = [
  ['gzip, deflate, br, zstd', 'br'],
  ['gzip', 'gzip'],
  ['br;q=0, gzip;q=0.5', 'gzip'],
  ['identity', undefined],
  [undefined, undefined],
];
for (const [accept, expected] of encodings) {
  test(`for ${accept ?? 'no word of encodings'} the answer is ${expected ?? 'as it is'}`, async (t) => {
    const headers = accept === undefined ? {} : { 'accept-encoding': accept };
    const answer = await served().inject({ url: someAddress, headers });
    t.is(answer.statusCode, 200);
    t.is(answer.headers['content-encoding'], expected);
    t.is(answer.headers['content-type'], 'text/javascript; charset=utf-8');
    const sent = expected === 'br' ? someFile?.brotli : expected === 'gzip' ? someFile?.gzip : someFile?.body;
    t.deepEqual(answer.rawPayload, Buffer.from(sent ?? []));
  });
}

test('the first file is asked for again each time, the others are kept for ever', async (t) => {
  const app = served();
  const index = await app.inject('/');
  t.is(index.headers['cache-control'], 'no-cache');
  t.regex(
    String(index.headers['content-security-policy']),
    /^default-src 'none'; script-src 'self'; style-src 'self';/,
  );
  t.notRegex(String(index.headers['content-security-policy']), /unsafe|\*|data:|blob:/);
  t.is((await app.inject(someAddress)).headers['cache-control'], 'public, max-age=31536000, immutable');
});

test('who has a file already is told so', async (t) => {
  const app = served();
  const { etag = '' } = (await app.inject('/')).headers;
  for (const tags of [etag, `"other", W/${etag}`, '*']) {
    const again = await app.inject({ url: '/', headers: { 'if-none-match': tags } });
    t.is(again.statusCode, 304, tags);
    t.is(again.payload, '');
  }
  t.is((await app.inject({ url: '/', headers: { 'if-none-match': '"other"' } })).statusCode, 200);
});

test('HEAD tells of a file without sending it', async (t) => {
  const answer = await served().inject({ method: 'HEAD', url: someAddress });
  t.is(answer.statusCode, 200);
  t.is(answer.payload, '');
  t.is(answer.headers['content-length'], String(someFile?.body.length));
});

const strangers = [
  '/page/',
  '/page/main.ts',
  someAddress.replace('page/main.ts', 'handlers.ts'),
  someAddress.replace('page/main.ts', '../handlers.ts'),
  someAddress.replace('page/main.ts', '%2e%2e/handlers.ts'),
  someAddress.replace('main.ts', 'tsconfig.json'),
  `${someAddress}/`,
  `${someAddress}%00`,
  '/page/../../package.json',
  '/index.html',
];
for (const address of strangers) {
  test(`${address.replace(/[0-9a-f]{16}/, 'HASH')} is not there`, async (t) => {
    t.is((await served().inject(address)).statusCode, 404);
  });
}

test('the files can be made again where making them failed', async (t) => {
  const app = fastify();
  let attempts = 0;
  addPage(app, async () => {
    attempts++;
    if (attempts === 1) throw new Error('no memory');
    return page;
  });
  t.is((await app.inject('/')).statusCode, 500);
  t.is((await app.inject('/')).statusCode, 200);
  await app.inject('/');
  t.is(attempts, 2);
});

test('a process of its own makes the same files', async (t) => {
  const app = fastify();
  addPage(app);
  t.is((await app.inject('/')).payload, text(page.index.body));
});
