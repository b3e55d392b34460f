// An upstream that lies at random: it never gets a verdict out of us, never an error that is not ours, and never one of
// our secrets into a text.

import { createSecretKey, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import type { RootKey } from '../../src/keys/root-key-ports.ts';
import { quote } from '../../src/upstream/key-protect/quote.ts';
import { anyText } from '../kit/any-text.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { errorBody } from './fixtures.ts';
import { setUp } from './kit.ts';

const tls = makeTlsMaterial();
const patient = { attemptMs: 8000, totalMs: 8000, retries: 0, breakerFailures: 1_000_000 } as const;

const status = fc.constantFrom(200, 200, 201, 204, 302, 400, 401, 404, 409, 410, 422, 429, 500, 503);
/** By chance text is base64, and then the answer is a good one: what it opens to is judged further up. */
const noBase64 = fc.jsonValue().filter((value) => !/^"[A-Za-z0-9+/]+=*"$/.test(JSON.stringify(value)));
const body = fc.oneof(
  fc.json().map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 400 }).map((bytes) => Buffer.from(bytes)),
  fc
    .record({ resources: fc.jsonValue(), metadata: fc.jsonValue(), plaintext: noBase64 })
    .map((value) => Buffer.from(JSON.stringify(value))),
  fc.record({ errorMsg: fc.string(), reasons: fc.jsonValue() }).map((value) =>
    Buffer.from(
      JSON.stringify({
        metadata: { collectionType: 'application/vnd.ibm.kms.error+json' },
        resources: [value, value],
      }),
    ),
  ),
);

const calls: Readonly<Record<string, (rootKey: RootKey) => Promise<unknown>>> = {
  unwrap: (rootKey) => rootKey.unwrap({ text: 'd3JhcHBlZA==' }, 'uid'),
  wrap: (rootKey) => rootKey.wrap(createSecretKey(Buffer.alloc(32, 7)), 'uid'),
  status: (rootKey) => rootKey.status(),
};

for (const [name, call] of Object.entries(calls)) {
  test.serial(`random answers to ${name} never give a verdict and never break anything`, async (t) => {
    const { simulator, rootKey } = await setUp(t, { timings: patient }, { tls });
    const property = fc.asyncProperty(status, body, async (code, bytes) => {
      const clear = simulator.fault({ kind: 'answer', status: code, body: code === 204 ? '' : bytes });
      try {
        await call(rootKey);
        return false;
      } catch (error) {
        return error instanceof EdgeError && error.kind === 'upstream-unreachable';
      } finally {
        clear();
      }
    });
    await t.notThrowsAsync(fc.assert(property, { numRuns: 250 }));
  });
}

test.serial('random answers of IAM are upstream-unreachable', async (t) => {
  const { simulator, rootKey } = await setUp(t, { timings: patient }, { tls });
  const property = fc.asyncProperty(status, body, async (code, bytes) => {
    const clear = simulator.fault({ kind: 'answer', status: code, body: code === 204 ? '' : bytes }, { on: 'token' });
    try {
      await rootKey.status();
      return false;
    } catch (error) {
      return error instanceof EdgeError && error.kind === 'upstream-unreachable';
    } finally {
      clear();
    }
  });
  await t.notThrowsAsync(fc.assert(property, { numRuns: 150 }));
});

test.serial(
  'API key, token and key bytes stay out of errors and logs, even when the upstream echoes them',
  async (t) => {
    const log = createMemoryLog();
    const { simulator, rootKey } = await setUp(t, { log, timings: { ...patient, breakerFailures: 3 } }, { tls });
    const material = randomBytes(32);
    await rootKey.status();
    const token = String(simulator.last('metadata')?.headers.authorization).slice('Bearer '.length);
    const secrets = [
      simulator.apiKey,
      token,
      material.toString('base64'),
      material.toString('base64url'),
      material.toString('hex'),
    ];
    const echo = secrets.join(' ; ');
    const faults = [
      { status: 400, body: errorBody(echo, [{ code: 'INVALID_FIELD_ERR', message: echo }]) },
      { status: 409, body: errorBody(echo, [{ code: 'KEY_ACTION_INVALID_STATE_ERR', message: echo }]) },
      { status: 401, body: echo },
      { status: 503, body: echo },
      { status: 200, body: echo },
      { status: 503, body: `${'x'.repeat(100)}${echo}` },
    ];
    for (const fault of faults) {
      const clear = simulator.fault({ kind: 'answer', ...fault });
      const error = await t.throwsAsync(rootKey.wrap(createSecretKey(material), 'uid'), { instanceOf: EdgeError });
      const shown = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${error.stack} ${JSON.stringify(log.lines)}`;
      for (const secret of secrets) t.false(shown.includes(secret.slice(0, 40)), `${fault.status} shows a secret`);
      clear();
    }
  },
);

test.serial('an API key is not shown by the options or the root key', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  await rootKey.status();
  t.false(inspect(rootKey, { depth: 9, showHidden: true }).includes(simulator.apiKey));
});

test.serial('quoted text is short, on one line and without anything like a key', (t) => {
  const property = fc.property(anyText({ maxLength: 3000 }), (text) => {
    const quoted = quote(text);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: their absence is the point
    return quoted.length <= 163 && !/[\u0000-\u001f\u007f-\u009f]/.test(quoted);
  });
  t.notThrows(() => fc.assert(property));
  t.is(quote('a\r\nb\u001b[31mc'), 'a b [31mc');
  t.is(quote('key 77388c3b-de14-4522-bd91-d9ea1cfa2047 gone'), 'key 77388c3b-de14-4522-bd91-d9ea1cfa2047 gone');
  t.is(quote('my secret word', ['secret']), 'my [secret] word');
});
