// The console of the appliance, on its screen and its serial port. It cannot be left: the signals that a keyboard sends are
// taken and do nothing. When the line is cut it ends, and systemd starts it anew with nobody signed in.

import { existsSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { call } from '../admin/api/client.ts';
import { places } from '../update/places.ts';
import { readProgress } from '../update/progress.ts';
import { handOverOf } from './hand-over.ts';
import { lookAtServer } from './look.ts';
import type { Call } from './page.ts';
import { pages } from './pages.ts';
import { Session } from './session.ts';
import type { HostFacts } from './status-screen.ts';
import { Terminal } from './terminal.ts';
import { Ui } from './ui.ts';

/** Milliseconds between two looks at the server, and until every row is written again. */
const pause = 3000;
const freshAfter = 30_000;
/** This program begins with the machine; for so long a server that does not answer is one that starts. */
const startTime = 90_000;

const hostFacts = (): HostFacts => ({
  name: hostname(),
  addresses: Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address),
});

/** Where the start of the machine writes what it could not take of its settings. */
const problemsFile = '/run/kmip-edge/problems';
const problems = (): string => (existsSync(problemsFile) ? readFileSync(problemsFile, 'utf8') : '');

const isTrying = (): boolean => readProgress(places.progress)?.stage === 'trying';

const dataDirectory = process.env['KMIP_EDGE_DATA'] ?? 'data';
const ask: Call = (route, input) => call(dataDirectory, route, input);

const look = () =>
  lookAtServer({
    call: ask,
    facts: hostFacts(),
    problems: problems(),
    isTrying: isTrying(),
    isStarting: performance.now() < startTime,
  });

/** Runs until the line is cut. */
export const runConsole = async (): Promise<void> => {
  const { stdin, stdout } = process;
  const ui: Ui = new Ui({ onChange: () => terminal.draw(), monotonic: () => performance.now() });
  const terminal = new Terminal({
    write: (text) => void stdout.write(text),
    size: () => ({ columns: stdout.columns ?? 0, rows: stdout.rows ?? 0 }),
    colour: process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb',
    onKey: (key) => ui.key(key),
    source: {
      lines: (size) => ui.lines(size),
      get print() {
        return ui.print;
      },
    },
  });
  const session = new Session({
    ui,
    call: ask,
    hostFacts,
    handOver: stdin.isTTY ? handOverOf(terminal, stdin, (text) => void stdout.write(text)) : undefined,
    pages,
    look,
    pause: () => setTimeout(pause),
  });

  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const) process.on(signal, () => {});
  const hungUp = (): never => process.exit(0);
  process.on('SIGHUP', hungUp);
  stdout.on('error', hungUp);
  stdout.on('resize', () => terminal.redraw());
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    stdin.on('data', (chunk: Buffer) => terminal.take(chunk));
    stdin.on('end', hungUp);
    stdin.on('error', hungUp);
  }
  setInterval(() => {
    session.tick();
    terminal.draw();
  }, 1000);
  setInterval(() => terminal.refresh(), freshAfter);
  terminal.redraw();
  await session.run();
};
