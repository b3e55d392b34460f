// What the command line writes is text and nothing that a terminal obeys, whoever chose the words.

import test from 'ava';
import { bareText, jsonText } from '../../src/cli/output.ts';
import { runCli } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const hostile: readonly (readonly [what: string, sign: string])[] = [
  ['escape', '\u001b[2J\u001b]0;title\u0007'],
  ['8-bit escape', '\u009b2J'],
  ['carriage return', 'no key\rone key'],
  ['backspace', 'a\bb'],
  ['delete', '\u007f'],
  ['another order', '\u202egnp.exe\u2066'],
];
for (const [what, text] of hostile) {
  test(`${what}: neither text nor JSON has it, and JSON still says the same`, (t) => {
    const obeyed = /(?!\n)[\p{Cc}\u202a-\u202e\u2066-\u2069]/u;
    t.regex(text, obeyed);
    t.notRegex(bareText(`name ${text}\n`), obeyed);
    const written = jsonText({ name: text }, 2);
    t.notRegex(written, obeyed);
    t.deepEqual(JSON.parse(written), { name: text });
  });
}

test('text of all countries, line ends and tabs stay as they are', (t) => {
  const text = 'Schlüssel\tключ\n鍵 🔑\n';
  t.is(bareText(text), text);
  t.is(jsonText({ text }), JSON.stringify({ text }));
});

test('the process writes no escape that it was given', async (t) => {
  const { code, stdout, stderr } = await runCli(['status', '--data', `${temporaryDirectory(t)}/\u001b[2J\u009b1m`]);
  t.is(code, 3);
  t.notRegex(stdout + stderr, /(?!\n)\p{Cc}/u);
  t.regex(stderr, /\ufffd\[2J/);
});
