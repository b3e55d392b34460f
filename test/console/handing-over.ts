// Not a test: a console with one page, run in a real terminal by hand-over.test.ts. Its page hands the terminal over to a
// shell when Enter is pressed.

import { handOverOf } from '../../src/console/hand-over.ts';
import { Terminal } from '../../src/console/terminal.ts';
import { Ui } from '../../src/console/ui.ts';

const { stdin, stdout } = process;
const write = (text: string): void => void stdout.write(text);
const ui: Ui = new Ui({ onChange: () => terminal.draw(), monotonic: () => performance.now() });
const terminal = new Terminal({
  write,
  size: () => ({ columns: stdout.columns, rows: stdout.rows }),
  colour: false,
  onKey: (key) => ui.key(key),
  source: { lines: (size) => ui.lines(size), print: undefined },
});
const handOver = handOverOf(terminal, stdin, write);
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) process.on(signal, () => {});
stdin.setRawMode(true);
stdin.on('data', (chunk: Buffer) => terminal.take(chunk));
setInterval(() => terminal.refresh(), 50);
terminal.redraw();
const [, , program = '/bin/bash', ...args] = process.argv;
for (let visits = 0; ; visits += 1) {
  const choice = await ui.menu({
    title: `Back ${visits} times`,
    choices: [
      { label: 'Hand over', value: program },
      { label: 'Hand over to nothing', value: '/nonexistent/shell' },
    ],
  });
  if (choice === undefined) continue;
  const environment = { PS1: 'shell> ', PATH: process.env['PATH'] ?? '', TERM: 'linux', SECRET: 'none' };
  await ui
    .progress('Handed over', () => handOver({ program: choice, args, environment }))
    .catch((error: unknown) => ui.problem('Hand over', error));
}
