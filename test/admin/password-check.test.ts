// The route by which the console lets somebody in: right, wrong, none set, locked out; and what the record says of it.

import test from 'ava';
import { isKind } from '../../src/errors.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { startServer } from '../kit/server.ts';

const password = 'correct horse battery';

test('a password is right or wrong, and who guesses waits and is recorded', async (t) => {
  const [clock, log] = [new FakeClock(), createMemoryLog()];
  const { api } = await startServer(t, { clock, log });
  t.true(isKind(await t.throwsAsync(api('password.check', { password })), 'not-ready'));
  await api('password.set', { password });
  t.deepEqual(await api('password.check', { password }), { right: true });
  for (let guess = 0; guess < 5; guess += 1) {
    const wrong = await t.throwsAsync(api('password.check', { password: `guess ${guess}` }));
    t.true(isKind(wrong, 'not-authenticated'));
  }
  t.true(isKind(await t.throwsAsync(api('password.check', { password })), 'too-many-attempts'));
  await clock.pass(1001);
  t.deepEqual(await api('password.check', { password }), { right: true });
  const told = log.lines.flatMap(({ event, fields }) => (event === 'administration' ? [fields] : []));
  const checks = told.filter((fields) => fields?.['route'] === 'password.check');
  t.deepEqual([...new Set(checks.map((fields) => fields?.['outcome']))], ['failed', 'done', 'refused']);
  t.false(JSON.stringify(log.lines).includes(password));
  t.false(JSON.stringify(log.lines).includes('guess 1'));
});
