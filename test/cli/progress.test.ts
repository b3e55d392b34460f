// The progress of something long: a bar on a terminal, a few plain lines elsewhere, nothing where a program reads.

import test from 'ava';
import fc from 'fast-check';
import { createProgress } from '../../src/cli/progress.ts';

const setUp = (options: { readonly watched?: boolean; readonly quiet?: boolean } = {}) => {
  const lines: string[] = [];
  const drawn: (string | undefined)[] = [];
  let time = 0;
  const terminal = {
    out: (text: string) => void lines.push(text),
    err: (text: string) => void lines.push(text),
    ...(options.watched ? { redraw: (line: string | undefined) => void drawn.push(line) } : {}),
  };
  const progress = createProgress(terminal, 'backup', { quiet: options.quiet, now: () => time });
  const at = (ms: number): void => {
    time = ms;
  };
  return { progress, lines, drawn, at };
};

test('a bar is drawn over itself, with percents and how long it still takes', (t) => {
  const { progress, drawn, lines, at } = setUp({ watched: true });
  progress.show({ done: 0, total: 200 });
  at(10_000);
  progress.show({ done: 50, total: 200, note: '50 of 200 keys' });
  at(40_000);
  progress.show({ done: 200, total: 200 });
  progress.end();
  t.deepEqual(drawn, [
    `backup [${'.'.repeat(30)}] 0 %`,
    `backup [${'#'.repeat(8)}${'.'.repeat(22)}] 25 %, 50 of 200 keys, 30 s left`,
    `backup [${'#'.repeat(30)}] 100 %`,
    undefined,
  ]);
  t.deepEqual(lines, []);
});

test('where nobody watches there is a line for each tenth, however often it is told', (t) => {
  const { progress, lines } = setUp();
  for (let done = 0; done <= 1000; done += 1) progress.show({ done, total: 1000, note: `${done} of 1000 keys` });
  progress.end();
  t.is(lines.length, 11);
  t.is(lines[0], 'backup: 0 %, 0 of 1000 keys');
  t.is(lines[5], 'backup: 50 %, 500 of 1000 keys');
});

test('a new reason to wait is told at once', (t) => {
  const { progress, lines } = setUp();
  progress.show({ done: 5, total: 10, note: '5 of 10 keys' });
  progress.show({ done: 5, total: 10, note: '5 of 10 keys; waiting: for the upstream' });
  progress.show({ done: 5, total: 10, note: '5 of 10 keys; waiting: for the upstream' });
  t.deepEqual(lines, ['backup: 50 %, 5 of 10 keys', 'backup: 50 %, 5 of 10 keys; waiting: for the upstream']);
});

test('with --json nothing is told, on a terminal neither', (t) => {
  const { progress, lines, drawn } = setUp({ quiet: true, watched: true });
  progress.show({ done: 1, total: 2 });
  progress.end();
  t.deepEqual([lines, drawn], [[], []]);
});

test('whatever is told, the bar is as wide as it is and the percents are between 0 and 100', (t) => {
  const step = fc.record({ done: fc.nat(), total: fc.nat() });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 1, maxLength: 20 }),
      fc.array(fc.nat(), { minLength: 20 }),
      (steps, times) => {
        const { progress, drawn, at } = setUp({ watched: true });
        steps.forEach((one, index) => {
          at(times[index] ?? 0);
          progress.show(one);
        });
        return drawn.every((line) => /^backup \[[#.]{30}\] (\d{1,2}|100) %(, .+ left)?$/.test(line ?? ''));
      },
    ),
  );
  t.pass();
});
