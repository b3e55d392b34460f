// The log on the console: its lines in short, its newest lines, and where it stands while more come.

import test from 'ava';
import { logLine } from '../../src/console/log-line.ts';
import { LogView } from '../../src/console/widgets/log.ts';

const size = { columns: 80, rows: 14 };
const shown = (view: LogView): readonly string[] =>
  view
    .lines(size)
    .slice(2, -2)
    .map(({ text }) => text.trim());
const filled = (count: number): LogView => {
  const view = new LogView('Log');
  for (let index = 1; index <= count; index += 1) view.add(`line ${index}`);
  return view;
};

test('the newest lines are seen, and go on', (t) => {
  const view = filled(30);
  t.deepEqual([shown(view)[0], shown(view).at(-1)], ['line 21', 'line 30']);
  view.add('line 31');
  t.deepEqual([shown(view)[0], shown(view).at(-1)], ['line 22', 'line 31']);
});

test('whoever has scrolled up keeps seeing what they see, until they are at the end again', (t) => {
  const view = filled(30);
  shown(view);
  view.key({ name: 'page-up' });
  t.deepEqual([shown(view)[0], shown(view).at(-1)], ['line 12', 'line 21']);
  view.add('line 31');
  t.deepEqual([shown(view)[0], shown(view).at(-1)], ['line 12', 'line 21']);
  view.key({ name: 'end' });
  t.is(shown(view).at(-1), 'line 31');
  view.key({ name: 'home' });
  t.is(shown(view)[0], 'line 1');
  view.key({ name: 'down' });
  t.is(shown(view)[0], 'line 2');
});

test('a log without end costs little', (t) => {
  const view = filled(10_000);
  view.key({ name: 'home' });
  t.is(shown(view)[0], 'line 8001');
});

test('long lines are broken, and Esc leaves', (t) => {
  const view = new LogView('Log');
  view.add('word '.repeat(40));
  t.is(shown(view).filter((row) => row.startsWith('word')).length, 3);
  t.is(view.key({ name: 'escape' }), 'back');
  t.regex(new LogView('Log').lines(size)[2]?.text ?? '', /Nothing yet/);
});

const lines: readonly (readonly [text: string, wanted: string])[] = [
  [
    '{"level":"warn","time":"2026-11-25T18:00:01.123Z","instance":"default","error":"it took too long","msg":"upstream slow"}',
    '2026-11-25 18:00:01 WARN  upstream slow instance=default error="it took too long"',
  ],
  [
    '{"level":"info","time":"2026-11-25T18:00:01.123Z","port":5696,"msg":"ready"}',
    '2026-11-25 18:00:01 info  ready port=5696',
  ],
  ['{"level":"info"}', '{"level":"info"}'],
  ['{broken', '{broken'],
  ['kmip-edge ready', 'kmip-edge ready'],
];
for (const [text, wanted] of lines) {
  test(`${text.slice(0, 60)} is read in short`, (t) => t.is(logLine(text), wanted));
}
