// Who may ask what, as a table over real connections: every route with everybody who might ask. A request is sent that no
// route takes, so that whoever is let in is told that it is wrong, and nothing is ever done.

import { request } from 'node:http';
import { Agent } from 'node:https';
import { join } from 'node:path';
import test from 'ava';
import { type Role, type Route, roles } from '../../src/admin/api/schema.ts';
import { routes, socketName } from '../../src/admin/api/table.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { type Asked, ask, bearer, signIn, testPassword, withHttps } from '../kit/https.ts';
import { sharedServer } from '../kit/shared-server.ts';

const clock = new FakeClock();
const server = sharedServer({ clock, settings: withHttps });
const minute = 60_000;
const agent = new Agent({ keepAlive: true });
test.after.always(() => agent.destroy());

const table = Object.entries(routes) as readonly (readonly [name: string, route: Route])[];

/** Somebody: what they send, and the status for a route of each role. 400: let in. */
interface Caller {
  readonly who: string;
  readonly headers: (method: Route['method']) => Readonly<Record<string, string>>;
  readonly expected: (role: Role, method: Route['method']) => number;
}

const letIn =
  (role: Role, otherwise: number) =>
  (needed: Role): number =>
    roles.indexOf(role) >= roles.indexOf(needed) ? 400 : otherwise;

const makeToken = async (
  name: string,
  role: 'read-only' | 'operator' | 'administrator',
  lifetime = 90 * 24 * 60 * minute,
) => (await server().api('token.create', { name, role, lifetime })).token;

const makeCallers = async (): Promise<readonly Caller[]> => {
  await server().api('password.set', { password: testPassword });
  const ended = await signIn(server());
  const endedToken = await makeToken('ended', 'administrator', minute);
  const endedBySignOut = await signIn(server());
  mustBeDone(await ask(server(), '/v1/session/end', { body: {}, headers: endedBySignOut.headers }));
  await clock.pass(15 * minute);
  const browser = await signIn(server());
  const withToken = (who: string, token: string, expected: Caller['expected']): Caller => ({
    who,
    headers: () => bearer(token),
    expected,
  });
  const nobody = letIn('anyone', 401);
  return [
    { who: 'nobody', headers: () => ({}), expected: nobody },
    withToken('a read-only token', await makeToken('r', 'read-only'), letIn('read-only', 403)),
    withToken('an operator token', await makeToken('o', 'operator'), letIn('operator', 403)),
    withToken('an administrator token', await makeToken('a', 'administrator'), letIn('administrator', 403)),
    withToken('a token that has ended', endedToken, () => 401),
    { who: 'a session', headers: () => browser.headers, expected: letIn('administrator', 403) },
    {
      who: 'a session without its CSRF token',
      headers: () => ({ cookie: browser.cookie }),
      expected: (role, method) => (method === 'GET' || role === 'anyone' ? 400 : 403),
    },
    {
      who: "a session with another one's CSRF token",
      headers: () => ({ cookie: browser.cookie, 'x-csrf-token': ended.csrf }),
      expected: (role, method) => (method === 'GET' || role === 'anyone' ? 400 : 403),
    },
    { who: 'a session that was idle too long', headers: () => ended.headers, expected: nobody },
    { who: 'a session that was signed out', headers: () => endedBySignOut.headers, expected: nobody },
    { who: 'an invented session', headers: () => ({ cookie: `__Host-kmip-edge=${'A'.repeat(43)}` }), expected: nobody },
    {
      who: 'a session by a cookie of another name',
      headers: () => ({ ...browser.headers, cookie: browser.cookie.replace('__Host-', '') }),
      expected: nobody,
    },
  ];
};

const mustBeDone = ({ status }: { readonly status: number }): void => {
  if (status !== 200) throw new Error(`signing out was answered ${status}`);
};

/** What no route takes. */
const wrong = ({ method, path }: Route): readonly [path: string, asked: Asked] =>
  method === 'GET' ? [`${path}?no-such-field=1`, {}] : [path, { method, body: { 'no-such-field': 1 } }];

test.serial('each route lets in whom its role says, and nobody else', async (t) => {
  const callers = await makeCallers();
  const cells = table.flatMap(([name, route]) => callers.map((caller) => ({ name, route, caller })));
  const answers: (readonly [cell: string, expected: number, status: number])[] = [];
  const next = async (): Promise<void> => {
    for (let cell = cells.pop(); cell; cell = cells.pop()) {
      const { name, route, caller } = cell;
      const [path, asked] = wrong(route);
      const { status } = await ask(server(), path, { ...asked, headers: caller.headers(route.method), agent });
      answers.push([`${name} by ${caller.who}`, caller.expected(route.role, route.method), status]);
    }
  };
  await Promise.all([next(), next(), next(), next()]);
  t.is(answers.length, table.length * callers.length);
  t.deepEqual(
    answers.filter(([, expected, status]) => status !== expected),
    [],
  );
});

test.serial('a revoked token opens no route', async (t) => {
  const token = await makeToken('revoked', 'administrator');
  t.is((await ask(server(), '/v1/status', { headers: bearer(token) })).status, 200);
  await server().api('token.revoke', { name: 'revoked' });
  for (const [name, route] of table) {
    const [path, asked] = wrong(route);
    // Such tries are failures, which cost time.
    await clock.pass(minute);
    clock.setWall(clock.now() + minute);
    const answer = await ask(server(), path, { ...asked, headers: bearer(token), agent });
    t.true(answer.status === 401 || answer.status === 429, `${name}: ${answer.status}`);
  }
});

test.serial('the box itself may ask everything', async (t) => {
  for (const [name, route] of table) {
    const [path, { body }] = wrong(route);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const socketPath = join(server().dataDirectory, socketName);
      const headers = body === undefined ? {} : { 'content-type': 'application/json' };
      request({ socketPath, path, method: route.method, headers, agent: false }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
    t.is(status, 400, name);
  }
});

const changes =
  /(^|\.)(create|add|remove|revoke|issue|set|make|update|begin|end|stop|resume|finish|delete|suspend|rename)$/;

test('what changes something is no GET, and what needs no role is known', (t) => {
  t.deepEqual(
    table.filter(([name, { method }]) => method === 'GET' && changes.test(name)).map(([name]) => name),
    [],
  );
  const open = table.filter(([, { role }]) => role === 'anyone').map(([name]) => name);
  t.deepEqual(open, ['seal.unlock', 'session.begin', 'health', 'health.live', 'health.ready', 'metrics']);
});
