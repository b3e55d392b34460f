// An act's record in the transaction of its first change: there with it, gone with it, and once.

import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import type { AuditEntry } from '../../src/keys/audit-ports.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const act: AuditEntry = { by: 'box', name: 'local', address: '', operation: 'instance.create', outcome: 'success' };

const open = (t: ExecutionContext) => {
  const store = openSqliteStore(join(temporaryDirectory(t), 'db'));
  t.teardown(() => store.close());
  const durable: string[] = [];
  const control = { full: false };
  store.keepTrail({
    keep: (entries) => {
      if (control.full && entries.length > 0) throw new EdgeError('storage-full', 'no room for the record');
    },
    settled: (entries, isDurable) => {
      if (isDurable) durable.push(...entries.map(({ operation }) => operation));
    },
  });
  const put = (name: string) => store.write(({ vault }) => vault.putSealedSecret(name, Buffer.from(name)));
  return { store, durable, control, put };
};

test('the first change takes the record along, and no other one does', async (t) => {
  const { store, durable, put } = open(t);
  const { value, recorded } = await store.joining(
    () => act,
    async () => {
      await put('one');
      t.deepEqual(durable, ['instance.create']);
      await Promise.all([put('two'), put('three')]);
      return 7;
    },
  );
  t.is(value, 7);
  t.true(recorded);
  t.deepEqual(durable, ['instance.create']);
});

test('changes that are asked for together take it along once', async (t) => {
  const { store, durable, put } = open(t);
  await store.joining(
    () => act,
    () => Promise.all([put('one'), put('two'), put('three')]),
  );
  t.deepEqual(durable, ['instance.create']);
});

test('a change that is undone takes it back, and the next one takes it along', async (t) => {
  const { store, durable, put } = open(t);
  const { recorded } = await store.joining(
    () => act,
    async () => {
      const failing = store.write(() => {
        throw new EdgeError('illegal-operation', 'no');
      });
      await t.throwsAsync(failing);
      t.deepEqual(durable, []);
      await put('one');
    },
  );
  t.true(recorded);
  t.deepEqual(durable, ['instance.create']);
});

test('a change whose record cannot be stored is not made', async (t) => {
  const { store, durable, control, put } = open(t);
  control.full = true;
  const acting = store.joining(
    () => act,
    () => put('one'),
  );
  t.is(((await t.throwsAsync(acting)) as EdgeError).kind, 'storage-full');
  t.is(store.vault.sealedSecret('one'), undefined);
  t.deepEqual(durable, []);
  control.full = false;
  await put('two');
  t.deepEqual(durable, [], 'what is written elsewhere has no part in it');
});

test('what changes nothing says so, and what goes on after it takes nothing along', async (t) => {
  const { store, durable, put } = open(t);
  let later: Promise<unknown> = Promise.resolve();
  const { recorded } = await store.joining(
    () => act,
    () => {
      later = new Promise((resolve) => setTimeout(resolve, 20)).then(() => put('one'));
    },
  );
  t.false(recorded);
  await later;
  t.deepEqual(durable, []);
});
