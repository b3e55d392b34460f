// What the console writes to its terminal: what changed, all of it for another size or another terminal, and what is to be
// copied bare; and how it learns the size of a serial line.

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { line, type Size } from '../../src/console/screen.ts';
import { Terminal } from '../../src/console/terminal.ts';
import { ScreenModel } from '../kit/screen.ts';

const begin = (size: { columns: number; rows: number }) => {
  const source = {
    print: undefined as string | undefined,
    text: 'hello',
    lines: ({ columns, rows }: Size) => [line(source.text), line(`${columns}x${rows}`)],
  };
  const state = { written: '', keys: [] as string[], size };
  const screen = new ScreenModel(100, 40);
  const terminal = new Terminal({
    write: (text) => {
      state.written += text;
      screen.take(text);
    },
    size: () => state.size,
    colour: false,
    onKey: ({ name }) => void state.keys.push(name),
    source,
  });
  terminal.redraw();
  return { source, state, screen, terminal };
};

test('a row that has not changed is not written again', async (t) => {
  const { source, state, terminal, screen } = begin({ columns: 80, rows: 25 });
  await setTimeout(5);
  t.regex(screen.text, /^hello\n80x25/);
  state.written = '';
  source.text = 'goodbye';
  terminal.draw();
  terminal.draw();
  await setTimeout(5);
  t.regex(screen.text, /^goodbye\n80x25/);
  t.notRegex(state.written, /80x25/);
  state.written = '';
  terminal.refresh();
  await setTimeout(5);
  t.regex(state.written, /goodbye[\s\S]*80x25/);
});

test('another size is drawn whole', async (t) => {
  const { state, terminal, screen } = begin({ columns: 80, rows: 25 });
  await setTimeout(5);
  state.size = { columns: 100, rows: 40 };
  terminal.redraw();
  await setTimeout(5);
  t.regex(screen.text, /^hello\n100x40/);
});

test('a serial line is asked for its size, and is 80 by 24 until it answers something likely', async (t) => {
  const { state, terminal, screen } = begin({ columns: 0, rows: 0 });
  await setTimeout(5);
  t.true(state.written.includes('[6n'));
  t.regex(screen.text, /80x24/);
  for (const unlikely of ['1;1', '9999;9999']) terminal.take(Buffer.from(`\u001b[${unlikely}R`));
  await setTimeout(5);
  t.regex(screen.text, /80x24/);
  terminal.take(Buffer.from('\u001b[30;90R'));
  await setTimeout(5);
  t.regex(screen.text, /90x30/);
  t.deepEqual(state.keys, []);
});

test('Ctrl-L draws all of it, and Esc alone is Esc after a moment', async (t) => {
  const { state, terminal } = begin({ columns: 80, rows: 25 });
  await setTimeout(5);
  state.written = '';
  terminal.take(Buffer.from('\u000c'));
  await setTimeout(5);
  t.regex(state.written, /hello/);
  terminal.take(Buffer.from('\u001b'));
  t.deepEqual(state.keys, []);
  terminal.take(Buffer.from('[A'));
  t.deepEqual(state.keys, ['up']);
  terminal.take(Buffer.from('\u001b'));
  await setTimeout(200);
  t.deepEqual(state.keys, ['up', 'escape']);
});

test('what is to be copied is written bare once, and all is drawn anew after it', async (t) => {
  const { source, state, terminal, screen } = begin({ columns: 80, rows: 25 });
  await setTimeout(5);
  source.print = 'first\n\u001b[31msecond';
  terminal.draw();
  await setTimeout(5);
  t.regex(screen.text, /^first\n\?\[31msecond\n/);
  state.written = '';
  terminal.refresh();
  await setTimeout(5);
  t.is(state.written, '');
  source.print = undefined;
  terminal.draw();
  await setTimeout(5);
  t.regex(screen.text, /^hello\n80x25\n\n/);
});
