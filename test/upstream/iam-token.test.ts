// The token: shared, renewed in time, kept while IAM is away, replaced when Key Protect refuses it.

import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { createHttp } from '../../src/upstream/key-protect/http.ts';
import { createIamToken } from '../../src/upstream/key-protect/iam-token.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusalOf } from '../kit/refusal.ts';
import { until } from '../kit/until.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { fixtures } from './fixtures.ts';
import { createTestClock, setUp, startSimulator } from './kit.ts';

const tls = makeTlsMaterial();

const start = async (t: ExecutionContext) => {
  const simulator = await startSimulator(t, { tls });
  const clock = createTestClock();
  const log = createMemoryLog();
  const http = createHttp({ caBundle: simulator.caPem, connectMs: 8000, connectionLifeMs: 60_000 });
  const apiKey = new Secret(simulator.apiKey);
  const token = createIamToken({ iamUrl: simulator.iamUrl, apiKey, http, clock, log, attemptMs: 8000 });
  t.teardown(() => {
    token.close();
    return http.close();
  });
  const text = async (): Promise<string> => {
    const outcome = await token.get();
    if (outcome.ok) return outcome.value;
    throw outcome.failure.error;
  };
  return { simulator, clock, log, token, text };
};

test.serial('a hundred callers at once make one request', async (t) => {
  const { simulator, text } = await start(t);
  simulator.fault({ kind: 'slow', ms: 50 }, { on: 'token' });
  const texts = await Promise.all(Array.from({ length: 100 }, text));
  t.is(new Set(texts).size, 1);
  t.is(simulator.count('token'), 1);
});

test.serial('a hundred unwraps at once make one token request', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  simulator.revokeTokens();
  simulator.resetCounts();
  await Promise.all(Array.from({ length: 100 }, () => rootKey.unwrap(wrapped, 'uid')));
  t.is(simulator.count('token'), 1);
});

test.serial('it is renewed in the background at 80 % of its life', async (t) => {
  const { simulator, clock, text } = await start(t);
  const first = await text();
  t.true(Math.abs((clock.timers()[0] ?? 0) - 2_880_000) < 1, 'no timer at 2880 s');
  clock.move(2_879_000);
  t.is(await text(), first);
  t.is(simulator.count('token'), 1);
  clock.move(1_000);
  await until(() => simulator.count('token') === 2 && clock.timers().length > 0);
  t.not(await text(), first);
  t.is(simulator.count('token'), 2);
});

test.serial('while IAM is away the old token serves to its end, and renewal is tried again', async (t) => {
  const { simulator, clock, log, text } = await start(t);
  const first = await text();
  await simulator.cutLink('iam');
  clock.move(2_880_000);
  await until(() => log.lines.length === 1 && clock.timers().length === 1);
  t.is(log.lines[0]?.event, 'iam token not renewed');
  t.is(await text(), first);
  t.is(clock.timers()[0], 30_000);
  clock.move(709_000); // 3589 s: one second before we stop using it
  t.is(await text(), first);
  await until(() => clock.timers().length === 1);
  clock.move(2_000);
  const error = await refusalOf(t, text(), 'upstream-unreachable');
  t.regex(error.message, /iam at 127\.0\.0\.1:\d+ cannot be reached/);
  await simulator.restoreLink();
  t.not(await text(), first);
});

test.serial('a refused token is replaced, but kept when IAM has no other', async (t) => {
  const { simulator, token, text } = await start(t);
  const first = await text();
  token.invalidate('another token');
  t.is(await text(), first);
  await simulator.cutLink('iam');
  token.invalidate(first);
  t.is(await text(), first);
  await simulator.restoreLink();
  t.not(await text(), first);
});

for (const status of [400, 401] as const) {
  test.serial(`a token that Key Protect calls ended with ${status} is replaced without anybody noticing`, async (t) => {
    const { simulator, rootKey } = await setUp(t, {}, { tls });
    const { wrapped, material } = await rootKey.generate(32, 'uid');
    simulator.expireTokens(status);
    simulator.resetCounts();
    const opened = await rootKey.unwrap(wrapped, 'uid');
    t.true(opened.material.equals(material));
    t.deepEqual([simulator.count('token'), simulator.count('unwrap')], [1, 2]);
  });
}

test.serial('a lasting 401 costs one fresh token and one more try', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  const { wrapped } = await rootKey.generate(32, 'uid');
  simulator.setRole(simulator.apiKey, 'none');
  simulator.resetCounts();
  await refusalOf(t, rootKey.unwrap(wrapped, 'uid'), 'upstream-unreachable');
  t.deepEqual([simulator.count('token'), simulator.count('unwrap')], [1, 2]);
});

test.serial('no token is asked for after close', async (t) => {
  const { simulator, clock, token, text } = await start(t);
  await text();
  token.close();
  t.deepEqual(clock.timers(), []);
  t.is(simulator.count('token'), 1);
});

const failures: readonly (readonly [string, object | string, number, RegExp, RegExp])[] = [
  ['an unknown API key (D3)', fixtures.D3, 400, /iam answered 400 BXNIM0415E.*could not be found/, /check the API key/],
  ['an unknown API key as 401', fixtures.D3, 401, /401 BXNIM0415E/, /check the API key/],
  ['an IAM error that we do not know', { errorCode: 'BXNIM9999E' }, 400, /400 BXNIM9999E/, /iam url/],
  ['a failing IAM', 'upstream connect error', 503, /503/, /iam is failing/],
  ['too many requests', '', 429, /429/, /iam is failing/],
  ['a web page', '<html></html>', 200, /not a token/, /proxy/],
  ['no token in the answer', { expires_in: 3600 }, 200, /not a token/, /proxy/],
  ['no life in the answer', { access_token: 'x' }, 200, /not a token/, /proxy/],
  ['a token that breaks the header', { access_token: 'x\r\ny: z', expires_in: 1 }, 200, /not a token/, /proxy/],
];

for (const [name, body, status, text, hint] of failures) {
  test.serial(`${name} is upstream-unreachable, with advice`, async (t) => {
    const { simulator, token } = await start(t);
    simulator.fault({ kind: 'answer', status, body }, { on: 'token' });
    const outcome = await token.get();
    t.false(outcome.ok);
    if (outcome.ok) return;
    const { error } = outcome.failure;
    t.true(error instanceof EdgeError);
    t.is(error.kind, 'upstream-unreachable');
    t.regex(error.message, text);
    t.regex(error.hint ?? '', hint);
  });
}

test.serial('the API key is in no error and no log line, even if IAM echoes it', async (t) => {
  const { simulator, token, log } = await start(t);
  const echo = { errorCode: 'BXNIM0415E', errorMessage: `no key ${simulator.apiKey} here` };
  simulator.fault({ kind: 'answer', status: 400, body: echo }, { on: 'token' });
  const outcome = await token.get();
  const shown =
    JSON.stringify(outcome) + JSON.stringify(log.lines) + (outcome.ok ? '' : String(outcome.failure.error.stack));
  t.true(shown.includes('[secret]'));
  t.false(shown.includes(simulator.apiKey));
});
