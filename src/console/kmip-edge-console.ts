#!/usr/bin/env -S node --max-semi-space-size=1 --disable-sigusr1
// The console of the appliance, on its screen and its serial port: asks the server how it is every few seconds and draws
// that. It cannot be left: the signals that a keyboard sends are taken and do nothing.

import { existsSync, readFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { call } from '../admin/api/client.ts';
import { messageOf } from '../errors.ts';
import { clear, type Line, paint, type Size } from './screen.ts';
import { absentLines, type HostFacts, problemLines, statusLines } from './status-screen.ts';

const pause = 3000;
/** What a terminal has that does not tell its size: a serial console. */
const smallest: Size = { columns: 80, rows: 24 };

const hostFacts = (): HostFacts => ({
  name: hostname(),
  addresses: Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address }) => address),
});

const size = (): Size => {
  const { columns = smallest.columns, rows = smallest.rows } = process.stdout;
  return { columns: columns > 0 ? columns : smallest.columns, rows: rows > 0 ? rows : smallest.rows };
};

/** Where the start of the machine writes what it could not take of its settings. */
const problemsFile = '/run/kmip-edge/problems';
const problems = (): string => (existsSync(problemsFile) ? readFileSync(problemsFile, 'utf8') : '');

const look = async (dataDirectory: string): Promise<readonly Line[]> => {
  const facts = hostFacts();
  const wrong = problemLines(problems(), size());
  try {
    return [...statusLines(await call(dataDirectory, 'status', {}), facts, size()), ...wrong];
  } catch (error) {
    return [...absentLines(messageOf(error), facts, size()), ...wrong];
  }
};

const dataDirectory = process.env['KMIP_EDGE_DATA'] ?? 'data';
const colour = process.env['NO_COLOR'] === undefined && process.env['TERM'] !== 'dumb';
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGTSTP'] as const) process.on(signal, () => {});
process.stdout.write(clear);
let shown = '';
for (;;) {
  const next = paint(await look(dataDirectory), size(), colour);
  if (next !== shown) process.stdout.write(next);
  shown = next;
  await setTimeout(pause);
}
