// The administrator's password: what counts as one, how it is kept, and that checking it is bounded work.

import { createSecretKey, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AdministratorPassword, signInLimit } from '../../src/admin/access/password.ts';
import { EdgeError, isKind } from '../../src/errors.ts';
import { OneAtATime } from '../../src/one-at-a-time.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { Secret } from '../../src/secret.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const start = (t: ExecutionContext) => {
  const store = openSqliteStore(join(temporaryDirectory(t), 'db'));
  t.teardown(() => store.close());
  const sealer = createSealer(createSecretKey(randomBytes(32)));
  return { store, sealer, password: new AdministratorPassword({ store, sealer, clock: new FakeClock() }) };
};

test('there is none until one is set, and none is right', async (t) => {
  const { password } = start(t);
  t.false(password.isSet);
  const error = await t.throwsAsync(password.isRight(new Secret('anything at all')), { instanceOf: EdgeError });
  t.true(isKind(error, 'not-ready'));
  t.regex(String((error as EdgeError).hint), /kmip-edge password set/);
});

test('the one that was set is right, written in any form of Unicode, and nothing else is', async (t) => {
  const { password } = start(t);
  await password.set(new Secret('pässwört pässwört'.normalize('NFC')));
  t.true(password.isSet);
  t.true(await password.isRight(new Secret('pässwört pässwört'.normalize('NFD'))));
  for (const other of ['', 'passwort passwort', 'pässwört pässwört ', 'pässwört pässwör']) {
    t.false(await password.isRight(new Secret(other)), other);
  }
  await password.set(new Secret('another password'));
  t.false(await password.isRight(new Secret('pässwört pässwört')));
});

const lengths: readonly (readonly [length: number, taken: boolean])[] = [
  [0, false],
  [11, false],
  [12, true],
  [1024, true],
  [1025, false],
];
for (const [length, taken] of lengths) {
  test(`a password of ${length} characters is ${taken ? 'taken' : 'refused'}`, async (t) => {
    const { password } = start(t);
    // Two UTF-16 units each: what counts is what a person types.
    const set = password.set(new Secret('🔑'.repeat(length)));
    if (taken) await t.notThrowsAsync(set);
    else await t.throwsAsync(set, { message: `the password has ${length} characters, 12 to 1024 are needed` });
    t.is(password.isSet, taken);
  });
}

test('what is kept is sealed, salted and as dear as RFC 9106 has it', async (t) => {
  const { store, sealer, password } = start(t);
  const read = () => {
    const sealed = store.vault.sealedSecret('administrator-password') ?? Buffer.alloc(0);
    t.false(sealed.includes('tag'));
    return JSON.parse(sealer.open('administrator-password', sealed).toString()) as Record<string, unknown>;
  };
  await password.set(new Secret('the same password'));
  const one = read();
  t.like(one, { memory: 65_536, passes: 3, parallelism: 4 });
  await password.set(new Secret('the same password'));
  t.not(read()['tag'], one['tag']);
});

test('dear work is done one after the other, and a long queue is refused at once', async (t) => {
  const queue = new OneAtATime({ ...signInLimit, longest: 3 });
  const ends: (() => void)[] = [];
  let running = 0;
  const work = () =>
    queue.run(async () => {
      running += 1;
      t.is(running, 1);
      await new Promise<void>((resolve) => void ends.push(resolve));
      running -= 1;
    });
  const three = [work(), work(), work()];
  await t.throwsAsync(work(), { message: /too many sign-ins at the same time/ });
  for (const one of three) {
    await new Promise((resolve) => setImmediate(resolve));
    ends.shift()?.();
    await one;
  }
  const failing = queue.run(() => Promise.reject(new Error('no')));
  await t.throwsAsync(failing, { message: 'no' });
  t.is(await queue.run(async () => 5), 5, 'a failure does not stop the queue');
});
