// Tokens over a real database: what is kept, when they end, and what survives a restart.

import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Tokens } from '../../src/admin/access/tokens.ts';
import { Damage } from '../../src/damage.ts';
import { silentLog } from '../../src/log.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { FakeClock } from '../kit/fake-clock.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const day = 24 * 60 * 60_000;
const wanted = { name: 'ci', role: 'operator', lifetime: 90 * day, createdBy: 'box local' } as const;

const start = (t: ExecutionContext) => {
  const clock = new FakeClock();
  const path = join(temporaryDirectory(t), 'db');
  const open = () => {
    const store = openSqliteStore(path);
    const tokens = new Tokens({ store, clock, log: silentLog, damage: new Damage(silentLog) });
    const close = async (): Promise<void> => {
      await tokens.close();
      await store.close();
    };
    return { store, tokens, close };
  };
  return { clock, path, open };
};

test('a token is known until it ends, and then as one that has ended', async (t) => {
  const { clock, open } = start(t);
  const { tokens, close } = open();
  t.teardown(close);
  const { text, token } = await tokens.create(wanted);
  t.regex(text.reveal(), /^kme_[A-Za-z0-9_-]{43}$/);
  t.is(token.sha256, hash('sha256', text.reveal(), 'hex'));
  t.like(tokens.use(text.reveal()), { name: 'ci', role: 'operator', lastUsedAt: clock.now() });
  clock.setWall(token.expiresAt - 1);
  t.like(tokens.use(text.reveal()), { name: 'ci' });
  clock.setWall(token.expiresAt);
  t.is(tokens.use(text.reveal()), 'ended');
  t.is(tokens.list().length, 1);
});

const strangers = ['', 'kme_', `kme_${'A'.repeat(43)}`, 'x'.repeat(47), `kme_${'A'.repeat(44)}`, '__proto__'];
for (const text of strangers) {
  test(`'${text}' is no token`, async (t) => {
    const { tokens, close } = start(t).open();
    t.teardown(close);
    await tokens.create(wanted);
    t.is(tokens.use(text), undefined);
  });
}

test('a revoked token is out at once and after a restart; what it was can be made anew', async (t) => {
  const { open } = start(t);
  const first = open();
  const { text } = await first.tokens.create(wanted);
  await t.throwsAsync(first.tokens.create(wanted), { message: /a token named 'ci' exists/ });
  const revoked = first.tokens.revoke('ci');
  t.is(first.tokens.use(text.reveal()), undefined, 'before it is durable');
  await revoked;
  await t.throwsAsync(first.tokens.revoke('ci'), { message: /there is no token named 'ci'/ });
  const again = await first.tokens.create(wanted);
  await first.close();
  const second = open();
  t.teardown(second.close);
  t.is(second.tokens.use(text.reveal()), undefined);
  t.like(second.tokens.use(again.text.reveal()), { name: 'ci' });
});

test('the last use survives a restart, and busy tokens write seldom', async (t) => {
  const { clock, open } = start(t);
  const first = open();
  const { text, token } = await first.tokens.create(wanted);
  const written = () => first.store.tokens.tokens()[0]?.lastUsedAt;
  const begun = clock.now();
  first.tokens.use(text.reveal());
  await first.store.write(() => {});
  t.is(written(), begun);
  for (let second = 1; second < 60; second += 1) {
    await clock.pass(1000);
    first.tokens.use(text.reveal());
  }
  t.is(written(), begun, 'not once more in the same minute');
  t.is(first.tokens.list()[0]?.lastUsedAt, clock.now());
  await first.close();
  const second = open();
  t.teardown(second.close);
  t.deepEqual(second.tokens.list(), [{ ...token, lastUsedAt: clock.now() }]);
});

test('the token itself is nowhere on the disk', async (t) => {
  const { path, open } = start(t);
  const { tokens, close } = open();
  const { text } = await tokens.create(wanted);
  tokens.use(text.reveal());
  const files = () => [path, `${path}-wal`].map((file) => readFileSync(file));
  for (const bytes of files()) t.false(bytes.includes(text.reveal()));
  await close();
  t.false(readFileSync(path).includes(text.reveal()));
});

test('there are only so many', async (t) => {
  const { tokens, close } = start(t).open();
  t.teardown(close);
  for (let count = 0; count < 256; count += 1) await tokens.create({ ...wanted, name: `t${count}` });
  await t.throwsAsync(tokens.create(wanted), { message: /256 tokens/ });
});
