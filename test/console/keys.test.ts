// What terminals send for the keys that we know, whole and in pieces, and that nothing else gets through.

import test from 'ava';
import fc from 'fast-check';
import { type Key, KeyDecoder } from '../../src/console/keys.ts';

const decode = (text: string): readonly Key[] => {
  const decoder = new KeyDecoder();
  return [...decoder.take(Buffer.from(text)), ...decoder.flush()];
};

const named: readonly (readonly [what: string, sent: string, name: string])[] = [
  ['Enter', '\r', 'enter'],
  ['a line end', '\n', 'enter'],
  ['both line ends', '\r\n', 'enter'],
  ['Enter of the keypad', '\u001bOM', 'enter'],
  ['Esc', '\u001b', 'escape'],
  ['Tab', '\t', 'tab'],
  ['Shift-Tab', '\u001b[Z', 'back-tab'],
  ['Backspace', '\u007f', 'backspace'],
  ['Ctrl-H', '\b', 'backspace'],
  ['Delete', '\u001b[3~', 'delete'],
  ['Ctrl-U', '\u0015', 'erase-line'],
  ['Ctrl-L', '\u000c', 'redraw'],
  ['Up', '\u001b[A', 'up'],
  ['Up of the application mode', '\u001bOA', 'up'],
  ['Down', '\u001b[B', 'down'],
  ['Right', '\u001b[C', 'right'],
  ['Left with a modifier', '\u001b[1;5D', 'left'],
  ['Home of Linux', '\u001b[1~', 'home'],
  ['End of xterm', '\u001b[F', 'end'],
  ['Page up', '\u001b[5~', 'page-up'],
  ['Page down', '\u001b[6~', 'page-down'],
  ['F2 of Linux', '\u001b[[B', 'f2'],
  ['F2 of xterm', '\u001bOQ', 'f2'],
  ['F2 of rxvt', '\u001b[12~', 'f2'],
  ['F2 of a serial terminal', '\u001b2', 'f2'],
  ['F4 of Linux', '\u001b[[D', 'f4'],
  ['F12', '\u001b[24~', 'f12'],
  ['F12 of a serial terminal', '\u001b@', 'f12'],
];
for (const [what, sent, name] of named) {
  test(`${what} is ${name}, in one piece and byte by byte`, (t) => {
    t.deepEqual(decode(sent), [{ name }] as Key[]);
    const decoder = new KeyDecoder();
    const bytes = [...Buffer.from(sent)].flatMap((byte) => decoder.take(Buffer.from([byte])));
    t.deepEqual([...bytes, ...decoder.flush()], [{ name }] as Key[]);
  });
}

const dropped: readonly (readonly [what: string, sent: string])[] = [
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
  ['Ctrl-Z', '\u001a'],
  ['Ctrl-\\', '\u001c'],
  ['Ctrl-S and Ctrl-Q', '\u0013\u0011'],
  ['a zero', '\u0000'],
  ['Insert', '\u001b[2~'],
  ['the name of a terminal', '\u001b[?1;2c'],
  ['its other name', '\u001b[>0;276;0c'],
  ['focus', '\u001b[I'],
  ['a sequence that is not finished', '\u001b[12'],
];
for (const [what, sent] of dropped) {
  test(`${what} is dropped, and what comes after it counts`, (t) => {
    const decoder = new KeyDecoder();
    t.deepEqual(decoder.take(Buffer.from(sent)), []);
    t.deepEqual(decoder.flush(), []);
    t.deepEqual(decoder.take(Buffer.from('x')), [{ name: 'text', text: 'x' }]);
  });
}

test('text comes in runs, broken at keys', (t) => {
  t.deepEqual(decode('one\rtwo\u001b[Athrée'), [
    { name: 'text', text: 'one' },
    { name: 'enter' },
    { name: 'text', text: 'two' },
    { name: 'up' },
    { name: 'text', text: 'thrée' },
  ]);
});

test('Esc before a letter is Esc and the letter', (t) => {
  t.deepEqual(decode('\u001bx'), [{ name: 'escape' }, { name: 'text', text: 'x' }]);
  t.deepEqual(decode('\u001b\u001b[A'), [{ name: 'escape' }, { name: 'up' }]);
});

test('what is marked as pasted comes as one piece with its line ends, whatever it holds', (t) => {
  const decoder = new KeyDecoder();
  t.deepEqual(decoder.take(Buffer.from('\u001b[200~one\r\ntw')), []);
  t.false(decoder.isWaiting);
  t.deepEqual(decoder.take(Buffer.from('o\rthr\u0003ee\u001b[201~\r')), [
    { name: 'paste', text: 'one\ntwo\nthree' },
    { name: 'enter' },
  ]);
});

test('the size of the terminal is told', (t) => {
  t.deepEqual(decode('\u001b[25;80R'), [{ name: 'size', rows: 25, columns: 80 }]);
});

test('any bytes in any pieces give the same keys, and no control characters in texts', (t) => {
  const soup = fc.array(
    fc.oneof(
      fc.constantFrom(
        '\u001b',
        '[',
        '[[',
        'O',
        '\r',
        '\n',
        '~',
        '200~',
        '201~',
        ';',
        '1',
        'A',
        'R',
        'é',
        '\u0003',
        'x',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(soup, fc.integer({ min: 1, max: 5 }), (parts, step) => {
      const bytes = Buffer.from(parts.join(''));
      const [whole, pieces] = [new KeyDecoder(), new KeyDecoder()];
      const once = joined([...whole.take(bytes), ...whole.flush()]);
      const many: Key[] = [];
      for (let at = 0; at < bytes.length; at += step) many.push(...pieces.take(bytes.subarray(at, at + step)));
      many.push(...pieces.flush());
      t.deepEqual(joined(many), once);
      const texts = once.flatMap((key) => ('text' in key ? [key.text] : []));
      const controls = texts.flatMap((text) => [...text]).filter((one) => one !== '\n' && /\p{Cc}/u.test(one));
      t.deepEqual(controls, []);
    }),
    { numRuns: 500 },
  );
});

/** Neighbouring texts as one. */
const joined = (keys: readonly Key[]): readonly Key[] => {
  const all: Key[] = [];
  for (const key of keys) {
    const last = all.at(-1);
    if (key.name === 'text' && last?.name === 'text') all.splice(-1, 1, { name: 'text', text: last.text + key.text });
    else all.push(key);
  }
  return all;
};
