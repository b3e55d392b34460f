// How a program of the machine is run: what it prints, and how it is said that it failed.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { thisMachine } from '../../src/system/machine.ts';

const { run } = thisMachine();

test('what a program prints is given, and its words are not read by a shell', async (t) => {
  t.is(await run('printf', ['%s|', 'a b', '$HOME', ';ls']), 'a b|$HOME|;ls|');
});

const failures: readonly (readonly [script: string, message: string])[] = [
  ['echo first >&2; echo last >&2; exit 1', 'sh: last'],
  ['echo "sh: it is named" >&2; exit 1', 'sh: it is named'],
  ['echo why >&2; echo "  dmesg(1) may have more information after it" >&2; echo >&2; exit 1', 'sh: why'],
  ['exit 7', 'sh: it ended with 7'],
  ['exec sleep 20', 'sh: it took more than 0.2 s'],
];
for (const [script, message] of failures) {
  test(`'${script}' fails with '${message}'`, async (t) => {
    const timeout = script.startsWith('exec') ? 200 : 20_000;
    const error = await t.throwsAsync(run('sh', ['-c', script], { timeout }), { instanceOf: EdgeError, message });
    t.is((error as EdgeError).kind, 'internal');
  });
}

test('a program that is not there is said to be so', async (t) => {
  await t.throwsAsync(run('/nonexistent/program', []), { message: /^\/nonexistent\/program: .*ENOENT/ });
});
