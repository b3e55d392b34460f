// An instance whose offline lease becomes 0 keeps no copy of a key anywhere: of the upstream before neither.

import { readFileSync } from 'node:fs';
import test from 'ava';
import { Journal } from '../../src/keys/journal.ts';
import { until } from '../kit/until.ts';
import { erased } from '../store/samples.ts';
import { type House, startHouse } from './house.ts';

const isOnDisk = ({ path }: House, bytes: Buffer | string): boolean =>
  [path, `${path}-wal`].some((file) => readFileSync(file).includes(bytes));

test('after a move that is not finished no sealed copy is left, and the old wrapped form is', async (t) => {
  const one = await startHouse(t);
  const { object, material } = await one.newKey();
  await one.house.begin('one', { settings: {} }, false);
  await until(() => one.house.state('one').state === 'done');
  const moved = one.found(object.uid);
  const copies = [object.sealed, moved.sealed].map((sealed) => sealed ?? Buffer.alloc(0));
  for (const copy of copies) t.true(copy.length > 0 && isOnDisk(one, copy));
  await one.changing.setLease('one', 0);
  for (const copy of copies) t.false(isOnDisk(one, copy));
  t.is(one.house.state('one').formerForms, 1);
  t.true(isOnDisk(one, object.wrapped?.text ?? 'none'));
  t.true(material.equals(await one.opened(object.uid)));
  await one.house.finish('one', false);
  t.false(isOnDisk(one, object.wrapped?.text ?? ''));
  t.true(material.equals(await one.opened(object.uid)));
});

test('no sealed copy is left of what a batch has set aside, and undoing brings the rest back', async (t) => {
  const one = await startHouse(t);
  const { object } = await one.newKey();
  const journal = new Journal();
  await one.store.write((tx) => journal.during(tx, ({ objects }) => objects.update(erased(object))), { erase: true });
  t.true(isOnDisk(one, object.sealed ?? Buffer.alloc(0)));
  await one.changing.setLease('one', 0);
  t.false(isOnDisk(one, object.sealed ?? Buffer.alloc(0)));
  await one.store.write(({ undo }) => undo.undo(journal.batch), { erase: true });
  t.deepEqual(one.found(object.uid), { ...object, sealed: undefined });
});
