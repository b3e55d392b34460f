// The board of alarms: told once when one appears and once when it ends, and since when.

import test from 'ava';
import { AlarmBoard, type Finding } from '../../src/telemetry/alarms.ts';
import { createMemoryLog } from '../kit/memory-log.ts';

const disk: Finding = { name: 'disk-space', subject: '', severity: 'warning', what: 'full', todo: 'Free space.' };
const lease: Finding = { name: 'lease-ended', subject: 'prod', severity: 'critical', what: 'ended', todo: 'Mend it.' };

const board = (before: readonly (readonly [string, number])[] = []) => {
  const log = createMemoryLog();
  const state = { found: [] as readonly Finding[], now: 1000 };
  const made = new AlarmBoard({ sources: [() => state.found], log, now: () => state.now, before });
  return { board: made, log, state };
};

test('an alarm is logged once when it appears and once when it ends, and keeps its beginning', (t) => {
  const { board: alarms, log, state } = board();
  state.found = [disk];
  alarms.look();
  state.now = 5000;
  t.is(alarms.look()[0]?.since, 1000);
  t.is(log.lines.length, 1);
  t.like(log.lines[0], { level: 'warn', event: 'alarm', fields: { alarm: 'disk-space', hint: 'Free space.' } });
  state.found = [];
  t.deepEqual(alarms.look(), []);
  alarms.look();
  t.deepEqual(
    log.lines.map(({ event }) => event),
    ['alarm', 'alarm ended'],
  );
  state.found = [disk];
  t.is(alarms.look()[0]?.since, 5000);
});

test('an alarm that grows more serious is logged again', (t) => {
  const { board: alarms, log, state } = board();
  for (const severity of ['info', 'info', 'warning', 'critical', 'warning'] as const) {
    state.found = [{ ...disk, severity }];
    alarms.look();
  }
  t.deepEqual(
    log.lines.map(({ level, fields }) => [level, fields['severity']]),
    [
      ['info', 'info'],
      ['warn', 'warning'],
      ['warn', 'critical'],
    ],
  );
});

test('the most serious comes first, then the oldest', (t) => {
  const { board: alarms, state } = board();
  state.found = [disk];
  alarms.look();
  state.now = 2000;
  state.found = [{ ...disk, subject: 'x' }, disk, lease];
  t.deepEqual(
    alarms.look().map(({ name, subject }) => [name, subject]),
    [
      ['lease-ended', 'prod'],
      ['disk-space', ''],
      ['disk-space', 'x'],
    ],
  );
});

test('over a restart an alarm keeps its beginning; one that had ended begins anew', (t) => {
  const first = board();
  first.state.found = [disk];
  first.board.look();
  const again = board(first.board.since());
  again.state.now = 9000;
  again.state.found = [disk];
  t.is(again.board.look()[0]?.since, 1000);
  again.state.found = [];
  again.board.look();
  again.state.found = [disk];
  t.is(again.board.look()[0]?.since, 9000);
});

test('a source that throws is an alarm of its own, and the others are heard', (t) => {
  const sources = [
    () => {
      throw new Error('no such file');
    },
    () => [disk],
  ];
  const alarms = new AlarmBoard({ sources, log: createMemoryLog(), now: () => 0 }).look();
  t.deepEqual(
    alarms.map(({ name }) => name),
    ['alarms-unknown', 'disk-space'],
  );
  t.regex(alarms[0]?.what ?? '', /no such file/);
});
