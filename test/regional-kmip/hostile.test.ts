// An endpoint that answers anything at all: whatever comes back, a call ends in time, with a value or an EdgeError.

import test from 'ava';
import fc from 'fast-check';
import { EdgeError } from '../../src/errors.ts';
import { mutate, randomFrom } from '../kmip/mutate.ts';
import { allActs } from './acts.ts';
import { answersAgain, setUp } from './kit.ts';

const totalMs = 300;

/** Ends as it should: in time, and with nothing thrown but an EdgeError whose text is fit to be shown. */
const endsWell = async (call: () => Promise<unknown>): Promise<boolean> => {
  const begun = performance.now();
  const error = await call().then(
    () => undefined,
    (reason: unknown) => reason ?? 'nothing',
  );
  const inTime = performance.now() - begun < totalMs + 1_500;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const fit = error === undefined || (error instanceof EdgeError && !/[\u0000-\u001f]/.test(error.message));
  return inTime && fit;
};

for (const act of allActs) {
  test(`damaged answers to ${act.operation} end well`, async (t) => {
    const scene = await setUp(t, { timings: { requestMs: 20, totalMs, retries: 1 } });
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const random = randomFrom(seed);
        scene.simulator.fault({ kind: 'tamper', with: (answer) => mutate([answer], random) }, { on: act.operation });
        const ended = await endsWell(act.prepare(scene).call);
        scene.simulator.clearFaults();
        return ended;
      }),
      { numRuns: act.operation === 'Create' ? 8 : 40 },
    );
    await answersAgain(scene.endpoint);
    t.pass();
  });
}

test('random bytes end well', async (t) => {
  const scene = await setUp(t, { timings: { requestMs: 20, totalMs, retries: 0 } });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.boolean(), async (bytes, headed) => {
      const head = headed ? Buffer.from('42007b0100000020', 'hex') : Buffer.alloc(0);
      scene.simulator.fault({ kind: 'tamper', with: () => Buffer.concat([head, bytes]) });
      const ended = await endsWell(() => scene.endpoint.describe('any'));
      scene.simulator.clearFaults();
      return ended;
    }),
    { numRuns: 60 },
  );
  t.pass();
});

/** Answers that decode and are wrong all the same: the bytes to look for in a right answer, and what to put there. */
const lies: readonly (readonly [what: string, operation: 'Get' | 'GetAttributes', from: string, to: string])[] = [
  ['a shorter key than its length says', 'Get', '42002a020000000400000100', '42002a020000000400000200'],
  ['another object type', 'Get', '420057050000000400000002', '420057050000000400000007'],
  ['another key format', 'Get', '420042050000000400000001', '420042050000000400000002'],
  ['no key block', 'Get', '42008f01', '42008e01'],
  ['no state', 'GetAttributes', '5374617465', '5374617475'],
  ['a pending status', 'Get', '42007f050000000400000000', '42007f050000000400000002'],
];
for (const [what, operation, from, to] of lies) {
  test(`an answer with ${what} is not believed`, async (t) => {
    const { simulator, endpoint } = await setUp(t);
    const { uid } = simulator.makeKey();
    const tamper = (answer: Buffer): Buffer => {
      const hex = answer.toString('hex');
      t.true(hex.includes(from), hex);
      return Buffer.from(hex.replace(from, to), 'hex');
    };
    simulator.fault({ kind: 'tamper', with: tamper });
    const call = operation === 'Get' ? endpoint.material(uid) : endpoint.describe(uid);
    const error = await t.throwsAsync(call, { instanceOf: EdgeError });
    t.is(error.kind, 'upstream-unreachable');
    t.regex(error.message, /cannot be believed/);
    t.is(simulator.received[operation], 3, 'a read is asked again');
  });
}
