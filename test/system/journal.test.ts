// The journal as it is followed: with what the program is told, line by line, and not for longer than somebody looks.

import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { followWith } from '../../src/system/journal.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const waitFor = async (holds: () => boolean): Promise<void> => {
  for (const end = performance.now() + 10_000; !holds(); ) {
    if (performance.now() > end) throw new Error('it does not come');
    await setTimeout(10);
  }
};

test('each line is told once, long ones cut, and the program is stopped', async (t) => {
  const directory = temporaryDirectory(t);
  const [program, gone] = [join(directory, 'journal'), join(directory, 'gone')];
  const script = `#!/bin/sh
trap 'touch ${gone}; exit 0' TERM
echo "$@"
head -c 9000 /dev/zero | tr '\\0' x
echo
while :; do sleep 0.05; done
`;
  writeFileSync(program, script);
  chmodSync(program, 0o755);
  const lines: string[] = [];
  const stop = followWith(program)('server', (line) => lines.push(line));
  await waitFor(() => lines.length === 2);
  t.is(lines[0], '--follow --quiet --no-pager --lines 500 --unit kmip-edge.service --output cat');
  t.is(lines[1], `${'x'.repeat(4000)}...`);
  t.false(existsSync(gone));
  stop();
  await waitFor(() => existsSync(gone));
  t.pass();
});

test('a program that is not there is said to be so', async (t) => {
  const lines: string[] = [];
  followWith(join(temporaryDirectory(t), 'nothing'))('all', (line) => lines.push(line));
  await waitFor(() => lines.length > 0);
  t.regex(lines[0] ?? '', /the journal cannot be read: .*ENOENT/);
});
