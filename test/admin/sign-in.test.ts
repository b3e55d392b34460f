// Signing in over real HTTPS, as a browser does it and as somebody who should not.

import test, { type ExecutionContext } from 'ava';
import { defaultPasswordCost } from '../../src/admin/access/password.ts';
import type { Act } from '../../src/admin/acts.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { ask, bearer, signIn, testPassword, withHttps } from '../kit/https.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer, type TestServer, type TestServerOptions } from '../kit/server.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { createKey } from '../operations/exchange.ts';

const minute = 60_000;
const shared = sharedServer({ settings: withHttps });

const startWithPassword = async (t: ExecutionContext, options: TestServerOptions = {}) => {
  const [clock, log] = [new FakeClock(), createMemoryLog()];
  const server = await startServer(t, { clock, log, settings: withHttps, ...options });
  await server.api('password.set', { password: testPassword });
  const acts = (): readonly Partial<Act>[] =>
    log.lines.filter(({ event }) => event === 'administration').map(({ fields }) => fields as Partial<Act>);
  return { clock, server, acts };
};

const tryPassword = (server: TestServer, password: string, from = '127.0.0.1') =>
  ask(server, '/v1/session', { body: { password }, from });

test.serial('until a password is set, signing in says how to set one, and costs nothing', async (t) => {
  for (let count = 0; count < 10; count += 1) {
    const answer = await tryPassword(shared(), testPassword);
    t.is(answer.status, 503);
    t.like(answer.json(), { kind: 'not-ready', message: 'no administrator password has been set' });
    t.regex(answer.text, /kmip-edge password set/);
  }
});

test.serial(
  'the cookie is for this host, HTTPS and no script alone, and no other site makes a browser send it',
  async (t) => {
    await shared().api('password.set', { password: testPassword });
    const { headers, text } = await tryPassword(shared(), testPassword);
    const [cookie = '', ...more] = headers['set-cookie'] ?? [];
    t.deepEqual(more, []);
    const [pair = '', ...flags] = cookie.split('; ');
    t.regex(pair, /^__Host-kmip-edge=[A-Za-z0-9_-]{43}$/);
    t.deepEqual(new Set(flags), new Set(['Path=/', 'HttpOnly', 'Secure', 'SameSite=Strict']));
    t.false(text.includes(pair.slice(pair.indexOf('=') + 1)), 'scripts cannot read it elsewhere');
  },
);

test.serial('who is signed in is told so, with the token for changes and the end', async (t) => {
  const browser = await signIn(shared());
  const { csrf, expiresAt, ...rest } = (await ask(shared(), '/v1/session', { headers: browser.headers })).json() as {
    csrf: string;
    expiresAt: string;
  };
  t.deepEqual(rest, { kind: 'user', name: 'administrator', role: 'administrator' });
  t.is(csrf, browser.csrf);
  t.true(Math.abs(Date.parse(expiresAt) - Date.now() - 15 * minute) < minute);
});

test.serial('signing out ends the session and takes the cookie away', async (t) => {
  const browser = await signIn(shared());
  t.is((await ask(shared(), '/v1/session/end', { body: {}, headers: { cookie: browser.cookie } })).status, 403);
  const answer = await ask(shared(), '/v1/session/end', { body: {}, headers: browser.headers });
  t.is(answer.status, 200);
  t.regex(String(answer.headers['set-cookie']), /^__Host-kmip-edge=; .*(Max-Age=0|Expires=Thu, 01 Jan 1970)/);
  t.is((await ask(shared(), '/v1/session', { headers: browser.headers })).status, 401);
});

test.serial('signing in again ends the session before, as every browser has one', async (t) => {
  const first = await signIn(shared());
  const again = await ask(shared(), '/v1/session', { body: { password: testPassword }, headers: first.headers });
  t.is(again.status, 200);
  t.is((await ask(shared(), '/v1/status', { headers: first.headers })).status, 401);
});

const origins: readonly (readonly [what: string, headers: Readonly<Record<string, string>>, status: number])[] = [
  ['no word of where it comes from', {}, 200],
  ['the page itself', { origin: 'https://127.0.0.1', 'sec-fetch-site': 'same-origin', host: '127.0.0.1' }, 200],
  ['a port of its own', { origin: 'https://127.0.0.1:8443', host: '127.0.0.1:8443' }, 200],
  ['another site', { origin: 'https://example.com' }, 403],
  ['another port of this host', { origin: 'https://127.0.0.1:1', host: '127.0.0.1' }, 403],
  ['the same host without TLS', { origin: 'http://127.0.0.1', host: '127.0.0.1' }, 403],
  ['a site without an origin', { origin: 'null' }, 403],
  ['a cross-site form', { 'sec-fetch-site': 'cross-site' }, 403],
  ['a neighbour', { 'sec-fetch-site': 'same-site' }, 403],
];
test.serial('of a change that a browser sends, what comes from another site is refused', async (t) => {
  const browser = await signIn(shared());
  for (const [what, headers, status] of origins) {
    const asked = { body: { name: 'nobody' }, headers: { ...browser.headers, ...headers } };
    const answer = await ask(shared(), '/v1/tokens/revoke', asked);
    // There is no such token: so it was asked for.
    t.is(answer.status, status === 200 ? 404 : status, what);
  }
});

test.serial('a new password ends every session, and needs the one before from whoever is signed in', async (t) => {
  const [browser, other] = [await signIn(shared()), await signIn(shared())];
  const { token } = await shared().api('token.create', { name: 'adm', role: 'administrator', lifetime: 60_000 });
  const change = (headers: Readonly<Record<string, string>>, body: object) =>
    ask(shared(), '/v1/password', { headers, body });
  const password = 'another long password';
  t.is((await change(bearer(token), { password, current: testPassword })).status, 403);
  t.is((await change(browser.headers, { password })).status, 400);
  t.is((await change(browser.headers, { password, current: 'wrong' })).status, 401);
  t.is((await change(browser.headers, { password: 'short', current: testPassword })).status, 400);
  t.is((await ask(shared(), '/v1/session', { headers: browser.headers })).status, 200, 'nothing has happened');
  t.is((await change(browser.headers, { password, current: testPassword })).status, 200);
  for (const { headers } of [browser, other]) t.is((await ask(shared(), '/v1/session', { headers })).status, 401);
  t.is((await tryPassword(shared(), testPassword)).status, 401);
  await signIn(shared(), password);
  t.is((await ask(shared(), '/v1/status', { headers: bearer(token) })).status, 200, 'tokens stay');
  await shared().api('password.set', { password: testPassword });
});

test('guessing from an address is slowed down, for that address alone; the right password counts when the wait is over', async (t) => {
  const { clock, server } = await startWithPassword(t);
  for (let count = 0; count < 5; count += 1) t.is((await tryPassword(server, 'wrong', '127.0.0.7')).status, 401);
  for (const wait of [1, 2, 4]) {
    const refused = await tryPassword(server, testPassword, '127.0.0.7');
    t.is(refused.status, 429, 'even the right one');
    t.is(refused.headers['retry-after'], String(wait));
    t.like(refused.json(), { kind: 'too-many-attempts', hint: `try again in ${wait} s` });
    await clock.pass(wait * 1000);
    t.is((await tryPassword(server, 'wrong', '127.0.0.7')).status, 401);
  }
  t.is((await tryPassword(server, testPassword, '127.0.0.8')).status, 200);
  await clock.pass(8000);
  t.is((await tryPassword(server, testPassword, '127.0.0.7')).status, 200);
  t.is((await tryPassword(server, 'wrong', '127.0.0.7')).status, 401, 'and it begins anew');
});

test('tries at the same time do not get around it', async (t) => {
  const { server } = await startWithPassword(t);
  const answers = await Promise.all(Array.from({ length: 24 }, () => tryPassword(server, 'wrong', '127.0.0.6')));
  const statuses = answers.map(({ status }) => status);
  t.true(statuses.filter((status) => status === 401).length <= 5, String(statuses));
  t.true(statuses.every((status) => status === 401 || status === 429));
});

test('guessing from many addresses at once is bounded work, and who was turned away for it has not failed', async (t) => {
  const { server } = await startWithPassword(t, { passwordCost: defaultPasswordCost });
  const from = (address: number) => `127.0.1.${address}`;
  const tries = Array.from({ length: 40 }, (_, index) => tryPassword(server, 'wrong', from(index)));
  // Beside it keys are served as ever.
  const client = await server.connect();
  await createKey(client);
  const statuses = (await Promise.all(tries)).map(({ status }) => status);
  t.true(statuses.every((status) => status === 401 || status === 429));
  t.true(statuses.includes(429), 'no more than so many wait');
  const turnedAway = statuses.indexOf(429);
  for (let count = 0; count < 5; count += 1) t.is((await tryPassword(server, 'wrong', from(turnedAway))).status, 401);
});

test('guessing tokens is slowed down, and a right one is let in beside it', async (t) => {
  const { clock, server } = await startWithPassword(t);
  const { token } = await server.api('token.create', { name: 'ci', role: 'operator', lifetime: 90 * minute });
  const guess = () => ask(server, '/v1/status', { headers: bearer(`kme_${'A'.repeat(43)}`) });
  for (let count = 0; count < 5; count += 1) t.is((await guess()).status, 401);
  const refused = await guess();
  t.is(refused.status, 429);
  t.is(refused.headers['retry-after'], '1');
  t.is((await ask(server, '/v1/status', { headers: bearer(token) })).status, 200);
  t.is((await tryPassword(server, testPassword)).status, 200, 'passwords are counted apart');
  await clock.pass(1000);
  t.is((await guess()).status, 401);
});

test('a session ends when nobody does anything, whatever the page asks by itself', async (t) => {
  const { clock, server } = await startWithPassword(t);
  const browser = await signIn(server);
  const background = { ...browser.headers, 'x-background': '1' };
  for (let count = 0; count < 14; count += 1) {
    await clock.pass(minute);
    t.is((await ask(server, '/v1/status', { headers: background })).status, 200);
  }
  await clock.pass(minute);
  t.is((await ask(server, '/v1/status', { headers: background })).status, 401);
});

test('signing in and out, refusals, lock-outs and changes are told to whoever records, each with who and what', async (t) => {
  const { clock, server, acts } = await startWithPassword(t);
  const browser = await signIn(server);
  await ask(server, '/v1/tokens', {
    headers: browser.headers,
    body: { name: 'ci', role: 'read-only', lifetime: 60_000 },
  });
  const { token } = await server.api('token.create', { name: 'ro', role: 'read-only', lifetime: 60_000 });
  await ask(server, '/v1/tokens', { headers: bearer(token) });
  await ask(server, '/v1/tokens/revoke', { headers: browser.headers, body: { name: 'nowhere' } });
  await ask(server, '/v1/session/end', { headers: browser.headers, body: {} });
  for (let count = 0; count < 9; count += 1) await tryPassword(server, 'wrong');
  await ask(server, '/v1/status');
  await ask(server, '/v1/status');
  await clock.pass(1000);
  const told = acts().map(({ route, outcome, kind, subject, ...rest }) => [
    (rest as { by?: string }).by,
    route,
    outcome,
    kind ?? '',
    subject?.['name'] ?? '',
  ]);
  const wrong = ['nobody nobody', 'session.begin', 'refused', 'not-authenticated', ''];
  t.deepEqual(told, [
    ['box local', 'password.set', 'done', '', ''],
    ['user administrator', 'session.begin', 'done', '', ''],
    ['user administrator', 'token.create', 'done', '', 'ci'],
    ['box local', 'token.create', 'done', '', 'ro'],
    ['token ro', 'token.list', 'refused', 'permission-denied', ''],
    ['user administrator', 'token.revoke', 'failed', 'item-not-found', 'nowhere'],
    ['user administrator', 'session.end', 'done', '', ''],
    wrong,
    wrong,
    wrong,
    wrong,
    wrong,
    ['nobody nobody', 'session.begin', 'refused', 'too-many-attempts', ''],
    ['nobody nobody', 'status', 'refused', 'not-authenticated', ''],
  ]);
  t.false(JSON.stringify(acts()).includes(testPassword));
});
