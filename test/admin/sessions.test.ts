// Sessions end: when idle, when old, when many, when the password is changed; and what is kept is no key to them.

import { inspect } from 'node:util';
import test from 'ava';
import { isSame, longestSession, mostSessions, Sessions } from '../../src/admin/access/sessions.ts';
import { FakeClock } from '../kit/fake-clock.ts';

const minute = 60_000;
const idle = 15 * minute;

const start = () => {
  const clock = new FakeClock();
  return { clock, sessions: new Sessions(clock, { idle }) };
};

test('a session goes on while it is used, and ends when it is idle', async (t) => {
  const { clock, sessions } = start();
  const { id, session } = sessions.begin();
  t.is(session.expiresAt, clock.now() + idle);
  for (let turn = 0; turn < 4; turn += 1) {
    await clock.pass(14 * minute);
    t.truthy(sessions.find(id, true));
  }
  await clock.pass(15 * minute);
  t.is(sessions.find(id, true), undefined);
  t.is(sessions.size, 0);
});

test('looking without touching does not make it go on', async (t) => {
  const { clock, sessions } = start();
  const { id } = sessions.begin();
  await clock.pass(10 * minute);
  t.truthy(sessions.find(id));
  await clock.pass(5 * minute);
  t.is(sessions.find(id), undefined);
});

test('however busy, it ends after twelve hours', async (t) => {
  const { clock, sessions } = start();
  const { id } = sessions.begin();
  for (let passed = 0; passed < longestSession; passed += 10 * minute) {
    const session = sessions.find(id, true);
    if (!session) return t.fail(`ended after ${passed} ms`);
    t.true(session.expiresAt <= clock.now() + longestSession - passed);
    await clock.pass(10 * minute);
  }
  t.is(sessions.find(id, true), undefined);
});

test('a wall clock that is set forward ends sessions, one that is set back does not prolong them', async (t) => {
  const { clock, sessions } = start();
  const back = sessions.begin();
  clock.setWall(clock.now() - 60 * minute);
  await clock.pass(15 * minute);
  t.is(sessions.find(back.id), undefined);
  const forward = sessions.begin();
  clock.setWall(clock.now() + 15 * minute);
  t.is(sessions.find(forward.id), undefined);
});

test('of too many, the one that was idle longest ends', async (t) => {
  const { clock, sessions } = start();
  const ids: string[] = [];
  for (let count = 0; count < mostSessions; count += 1) {
    ids.push(sessions.begin().id);
    await clock.pass(1000);
  }
  const [first = '', second = ''] = ids;
  t.truthy(sessions.find(first, true));
  sessions.begin();
  t.is(sessions.size, mostSessions);
  t.truthy(sessions.find(first));
  t.is(sessions.find(second), undefined);
});

test('signing out ends one, a new password all', (t) => {
  const { sessions } = start();
  const [one, other] = [sessions.begin(), sessions.begin()];
  sessions.end(one.id);
  t.is(sessions.find(one.id), undefined);
  t.truthy(sessions.find(other.id));
  sessions.endAll();
  t.is(sessions.find(other.id), undefined);
});

test('identifiers and tokens have 256 bits, differ, and the identifier is nowhere in what is kept', (t) => {
  const { sessions } = start();
  const made = Array.from({ length: 20 }, () => sessions.begin());
  const texts = made.flatMap(({ id, session }) => [id, session.csrf]);
  t.is(new Set(texts).size, 40);
  for (const text of texts) t.is(Buffer.from(text, 'base64url').length, 32);
  const kept = inspect(sessions, { depth: 10, showHidden: true });
  for (const { id } of made) t.false(kept.includes(id));
  t.is(sessions.find(''), undefined);
});

test('texts are compared whole', (t) => {
  t.true(isSame('abc', 'abc'));
  t.false(isSame('abc', 'abd'));
  t.false(isSame('', 'abc'));
  t.false(isSame('abcabc', 'abc'));
});
