// The terminal in the hands of a real shell and back again, in a real terminal.

import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { runInTerminal } from '../kit/pty.ts';
import { Hand } from './hand.ts';

const open = async (t: ExecutionContext) => {
  const program = join(import.meta.dirname, 'handing-over.ts');
  // As in the appliance, where what the console itself has to complain of goes to the journal.
  const withoutErrors = ['/bin/sh', '-c', 'exec "$@" 2>/dev/null', 'sh'];
  const terminal = runInTerminal(t, [
    ...withoutErrors,
    process.execPath,
    program,
    '/bin/bash',
    '--norc',
    '--noprofile',
  ]);
  const hand = new Hand({ screen: () => terminal.screen.text, send: terminal.send });
  await hand.see(/Back 0 times/);
  return hand;
};

test('a shell has the terminal for itself until it ends, with its own Ctrl-C and job control', async (t) => {
  const hand = await open(t);
  hand.press('enter');
  await hand.see(/^shell>$/m);
  // Nobody else takes a part of what is typed.
  for (const letter of 'echo $((6 * 7)) "[$HOME]" $SECRET') {
    hand.type(letter);
    await setTimeout(2);
  }
  hand.type('\n');
  await hand.see(/^42 \[\] none\nshell>$/m);
  // Each says itself that it runs: a key that comes before is nobody's.
  hand.type("sh -c 'echo first; exec sleep 100'\n");
  await hand.see(/^first$/m);
  hand.type('\u0003');
  await hand.see(/\^C\nshell>$/m);
  hand.type('echo was $?\n');
  await hand.see(/^was 130\nshell>$/m);
  hand.type("sh -c 'echo second; exec sleep 100'\n");
  await hand.see(/^second$/m);
  hand.type('\u001a');
  await hand.see(/Stopped .*\nshell>$/m);
  hand.type('kill %1; stty -a | grep -c -w isig\n');
  await hand.see(/^1\n[\s\S]*^shell>$/m);
  // Drawn all the time, were the terminal not handed over.
  t.notRegex(hand.screen, /Hand over/);
  hand.type('exit 3\n');
  await hand.see(/Back 1 times[\s\S]*Hand over/);
  t.notRegex(hand.screen, /shell>/);
  hand.press('down');
  await hand.see(/> 2 {2}Hand over to nothing/);
  hand.type('1');
  await hand.see(/^shell>$/m);
  hand.type('exit\n');
  t.regex(await hand.see(/Back 2 times/), /Hand over to nothing/);
});

test('a shell that is not there is said to be so, and the menu goes on', async (t) => {
  const hand = await open(t);
  hand.type('2');
  await hand.see(/\/nonexistent\/shell: .*ENOENT/);
  hand.press('enter');
  t.regex(await hand.see(/Back 1 times/), /> 1 {2}Hand over/);
});
