// The lines of earlier runs: only those that our log wrote, and only what may be told of them.

import test from 'ava';
import { readJournal } from '../../src/admin/journal.ts';

const started = { INVOCATION_ID: '1' };
const printing = (...lines: readonly string[]) => {
  const asked: (readonly string[])[] = [];
  const run = async (_program: string, arguments_: readonly string[]) => {
    asked.push(arguments_);
    return { stdout: lines.join('\n') };
  };
  return { asked, run };
};

test('lines of our log are told, redacted; everything else is not', async (t) => {
  const secret = 'kme_4fJ2kP0sQ9xT7vB1nM3zL5cR8wY6aD0e';
  const { run, asked } = printing(
    'Started kmip-edge.service',
    '{"level":"warn","time":"2026-11-25T12:00:00.000Z","msg":"alarm","problem":"disk","apiKey":"x"}',
    `{"level":"info","time":"2026-11-25T12:00:01.000Z","msg":"said ${secret}","hint":"${secret}"}`,
    '{"level":"secret","time":"2026-11-25T12:00:00.000Z","msg":"x"}',
    '{"level":"info","time":"x","msg":"x"}',
    'KMIP address: 0.0.0.0:5696',
    '[1]',
    'null',
  );
  const lines = (await readJournal(started, run)).map((line) => JSON.parse(line) as unknown);
  t.deepEqual(lines, [
    { time: '2026-11-25T12:00:00.000Z', level: 'warn', event: 'alarm', problem: 'disk' },
    { time: '2026-11-25T12:00:01.000Z', level: 'info', event: 'said [left out]', hint: '[left out]' },
  ]);
  t.true(asked[0]?.includes('kmip-edge'));
});

test('who was not started by systemd asks nobody, and a journal that cannot be read is empty', async (t) => {
  const { run, asked } = printing('x');
  t.deepEqual(await readJournal({}, run), []);
  t.is(asked.length, 0);
  t.deepEqual(await readJournal(started, () => Promise.reject(new Error('no rights'))), []);
});
