// Each widget by itself: what it shows after which keys, and what comes of it.

import test from 'ava';
import type { Key } from '../../src/console/keys.ts';
import type { Widget } from '../../src/console/widget.ts';
import { Confirm } from '../../src/console/widgets/confirm.ts';
import { Form } from '../../src/console/widgets/form.ts';
import { Menu } from '../../src/console/widgets/menu.ts';
import { Progress } from '../../src/console/widgets/progress.ts';
import { Printed, TextView } from '../../src/console/widgets/text.ts';

const size = { columns: 80, rows: 24 };
const shown = (widget: Widget<unknown>): string =>
  widget
    .lines(size)
    .map(({ text }) => text.trimEnd())
    .join('\n');
const text = (typed: string): Key => ({ name: 'text', text: typed });
/** Presses keys; a text of one word in quotes is typed. Gives what the last one brought. */
const press = <T>(widget: Widget<T>, ...keys: readonly (Key | Exclude<Key['name'], 'text' | 'paste' | 'size'>)[]) => {
  let outcome: ReturnType<Widget<T>['key']>;
  for (const key of keys) outcome = widget.key(typeof key === 'string' ? { name: key } : key);
  return outcome;
};

const menu = () =>
  new Menu({
    title: 'Colours',
    choices: [
      { label: 'Red', value: 'r', help: 'like a rose' },
      { label: 'Green', value: 'g' },
      { label: 'Blue', value: 'b' },
    ],
  });

const choosing: readonly (readonly [keys: readonly (Key | 'up' | 'down' | 'enter' | 'tab')[], value: string])[] = [
  [['enter'], 'r'],
  [['down', 'enter'], 'g'],
  [['up', 'enter'], 'b'],
  [['down', 'down', 'down', 'enter'], 'r'],
  [['tab', 'enter'], 'g'],
  [[text('2')], 'g'],
  [[text('9'), text('3')], 'b'],
];
for (const [keys, value] of choosing) {
  test(`in a menu ${JSON.stringify(keys)} chooses ${value}`, (t) => {
    t.deepEqual(press(menu(), ...keys), { done: value });
  });
}

test('a menu shows its rows with numbers, marks the chosen one without colour, and tells its help', (t) => {
  const widget = menu();
  t.regex(shown(widget), /> 1 {2}Red\n {3}2 {2}Green/);
  t.regex(shown(widget), /like a rose/);
  press(widget, 'down');
  t.regex(shown(widget), / {3}1 {2}Red\n > 2 {2}Green/);
  t.notRegex(shown(widget), /rose/);
  t.is(press(widget, 'escape'), 'back');
});

test('a menu that is longer than the screen scrolls to the chosen row', (t) => {
  const choices = Array.from({ length: 40 }, (_, index) => ({ label: `row ${index}`, value: index }));
  const widget = new Menu({ title: 'Long', choices });
  t.notRegex(shown(widget), /row 39/);
  press(widget, 'up');
  t.regex(shown(widget), /row 39/);
  t.regex(shown(widget), /more above/);
  t.is(widget.lines(size).length, 24);
});

const form = (problem?: string) =>
  new Form({
    title: 'Address',
    problem,
    fields: [
      { name: 'name', label: 'Name', check: (value) => (value === 'bad' ? 'not that one' : undefined) },
      { name: 'secret', label: 'Secret', kind: 'hidden', help: 'a secret of yours' },
      { name: 'kind', label: 'Kind', kind: 'choice', choices: [['a', 'first'], ['b', 'second']], value: 'b' }, // biome-ignore format: one field a line
      { name: 'note', label: 'Note', optional: true },
    ],
    check: ({ name, secret }) => (name === secret ? 'both are the same' : undefined),
  });

test('a form is filled from field to field and taken by Enter on the last', (t) => {
  const widget = form();
  press(widget, text('edge'), 'enter', text('s3cret'), 'tab', 'right', 'down');
  t.deepEqual(press(widget, text('x y'), 'enter'), {
    done: { name: 'edge', secret: 's3cret', kind: 'a', note: 'x y' },
  });
});

test('a hidden field is not to be read, unless F4 is pressed', (t) => {
  const widget = form();
  press(widget, 'enter', text('s3cret'));
  t.notRegex(shown(widget), /s3cret/);
  t.regex(shown(widget), /\*{6}_/);
  t.regex(shown(widget), /a secret of yours/);
  press(widget, 'f4');
  t.regex(shown(widget), /s3cret_/);
});

test('what is needed, what a field refuses and what all refuse together is said, and the form stays', (t) => {
  const widget = form();
  t.notRegex(shown(widget), /this is needed/);
  t.is(press(widget, 'f2'), undefined);
  t.regex(shown(widget), /> Name .*_\n *! this is needed/);
  t.is(press(widget, text('bad'), 'f2'), undefined);
  t.regex(shown(widget), /! not that one/);
  press(widget, 'erase-line', text('same'), 'enter', text('same'));
  t.is(press(widget, 'f2'), undefined);
  t.regex(shown(widget), /both are the same/);
  t.deepEqual(press(widget, 'backspace', 'f2'), { done: { name: 'same', secret: 'sam', kind: 'b', note: '' } });
});

test('a form that comes back says why', (t) => {
  t.regex(shown(form('the server said no')), /the server said no/);
});

const editing: readonly (readonly [
  keys: readonly (Key | 'left' | 'home' | 'end' | 'delete' | 'backspace')[],
  value: string,
])[] = [
  [[text('abc'), 'left', text('X')], 'abXc'],
  [[text('abc'), 'home', 'delete'], 'bc'],
  [[text('abc'), 'home', text('X'), 'end', text('Y')], 'XabcY'],
  [[text('abc'), 'left', 'backspace'], 'ac'],
  [['backspace', text('a')], 'a'],
  [[{ name: 'paste', text: ' two\n lines \n' }], 'two lines'],
  [[text('x'.repeat(9000))], 'x'.repeat(4096)],
];
for (const [keys, value] of editing) {
  test(`a line after ${JSON.stringify(keys).slice(0, 70)} is ${value.slice(0, 20)}`, (t) => {
    const widget = new Form({ title: 'Edit', fields: [{ name: 'a', label: 'A' }] });
    press(widget, ...keys);
    t.deepEqual(press(widget, 'enter'), { done: { a: value } });
    t.true(widget.lines(size).every((line) => line.text.length < 80));
  });
}

test('a field of many lines keeps them, typed or pasted, and Tab ends it', (t) => {
  const widget = new Form({ title: 'PEM', fields: [{ name: 'pem', label: 'PEM', kind: 'lines' }] });
  press(widget, text('one'), 'enter', text('two'), 'enter', { name: 'paste', text: 'three\nfour' });
  t.regex(shown(widget), /4 lines, the last: four_/);
  t.deepEqual(press(widget, 'tab'), { done: { pem: 'one\ntwo\nthree\nfour' } });
});

test('nothing is confirmed but by its word', (t) => {
  const widget = new Confirm({ title: 'Remove', text: ['All of it goes away.'], word: 'main' });
  t.regex(shown(widget), /All of it goes away\.\n\n To go on, type: main/);
  t.is(press(widget, 'enter'), undefined);
  t.is(press(widget, text('mai'), 'enter'), undefined);
  t.regex(shown(widget), /That is not 'main'/);
  t.deepEqual(press(widget, text('n'), 'enter'), { done: true });
  t.is(press(new Confirm({ title: 'Remove', text: [], word: 'main' }), 'escape'), 'back');
});

test('long text scrolls to its end and no further', (t) => {
  const long = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');
  const widget = new TextView({ title: 'Long', text: [long] });
  t.regex(shown(widget), /line 0\n/);
  press(widget, 'page-down');
  t.notRegex(shown(widget), /line 0\n/);
  press(widget, 'end');
  t.regex(shown(widget), /line 99/);
  press(widget, 'down', 'down', 'up', 'home');
  t.regex(shown(widget), /line 0\n/);
  t.deepEqual(press(widget, 'enter'), { done: true });
  t.is(press(widget, 'escape'), 'back');
});

test('a short text says nothing of scrolling and is broken at spaces', (t) => {
  const widget = new TextView({ title: 'Short', text: ['word '.repeat(30)] });
  t.notRegex(shown(widget), /scroll/);
  t.true(widget.lines(size).every(({ text: row }) => row.length < 80));
});

test('what is to be copied is written whole', (t) => {
  const widget = new Printed('Certificate', 'x'.repeat(200));
  t.true(widget.print.includes('x'.repeat(200)));
  t.deepEqual(press(widget, 'enter'), { done: true });
  t.is(press(widget, text('x')), undefined);
});

test('progress tells what happens and for how long, and Esc stops what can be stopped', (t) => {
  let stopped = 0;
  const widget = new Progress({ title: 'Waiting', elapsed: () => 12.7, onStop: () => { stopped += 1; } }); // biome-ignore format: short
  widget.report('first step');
  t.regex(shown(widget), /first step\n Please wait \.\.\. 12 s/);
  t.is(press(widget, 'enter', 'escape', 'escape'), undefined);
  t.is(stopped, 1);
  t.regex(shown(widget), /Stopping/);
  t.notRegex(shown(new Progress({ title: 'Waiting', elapsed: () => 0 })), /Esc/);
});

test('every widget fills the screen and not a row more', (t) => {
  const widgets: readonly Widget<unknown>[] = [menu(), form(), new TextView({ title: 'T', text: ['x'] })];
  for (const rows of [10, 24, 25, 50]) {
    for (const widget of widgets) t.is(widget.lines({ columns: 80, rows }).length, rows);
  }
});
