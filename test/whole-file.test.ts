// A file that is there whole or not at all, also in a folder into which somebody else may write.

import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { writeWhole } from '../src/whole-file.ts';
import { temporaryDirectory } from './kit/temporary.ts';

test('it replaces what was there, with its own mode, and leaves nothing beside it', (t) => {
  const folder = join(temporaryDirectory(t), 'new');
  for (const content of ['one', 'another']) writeWhole(join(folder, 'a'), content, 0o600);
  t.is(readFileSync(join(folder, 'a'), 'utf8'), 'another');
  t.is(statSync(join(folder, 'a')).mode & 0o777, 0o600);
  t.deepEqual(readdirSync(folder), ['a']);
});

test('a link in the place of its draft is not followed', (t) => {
  const folder = temporaryDirectory(t);
  const other = join(folder, 'other');
  writeFileSync(other, 'of somebody else');
  symlinkSync(other, join(folder, 'a.new'));
  writeWhole(join(folder, 'a'), 'mine', 0o600);
  t.is(readFileSync(other, 'utf8'), 'of somebody else');
  t.is(readFileSync(join(folder, 'a'), 'utf8'), 'mine');
});
