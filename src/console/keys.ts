// From the bytes of a terminal to keys: those of the Linux console, of xterm and its kin, and of serial terminals that
// write the function keys as ESC and a digit. What asks a program to stop (Ctrl-C, Ctrl-Z, Ctrl-\) and every sequence that
// is not known are dropped: nothing that is typed here may do harm.

import { StringDecoder } from 'node:string_decoder';

export type NamedKey =
  | 'enter'
  | 'escape'
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'page-up'
  | 'page-down'
  | 'tab'
  | 'back-tab'
  | 'backspace'
  | 'delete'
  | 'erase-line'
  | 'redraw'
  | `f${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12}`;

export type Key =
  | { readonly name: NamedKey }
  /** Printable characters, one or more. */
  | { readonly name: 'text'; readonly text: string }
  /** What a terminal marked as pasted; it may hold line ends, as `\n`. */
  | { readonly name: 'paste'; readonly text: string }
  /** The terminal's answer about where its cursor is: asked at the lower right corner, its size. */
  | { readonly name: 'size'; readonly columns: number; readonly rows: number };

const esc = '\u001b';
const pasteEnd = '[201~';
const longestPaste = 256 * 1024;
/** No sequence that we know is longer; more of one is not waited for. */
const longestSequence = 32;

const controls: Readonly<Record<string, NamedKey>> = {
  '\t': 'tab',
  '\b': 'backspace',
  '\u007f': 'backspace',
  '\u0015': 'erase-line',
  '\u000c': 'redraw',
  '\u0001': 'home',
  '\u0005': 'end',
};

/** The final letter of `ESC [ … X` and `ESC O X`. */
const letters: Readonly<Record<string, NamedKey>> = {
  A: 'up',
  B: 'down',
  C: 'right',
  D: 'left',
  H: 'home',
  F: 'end',
  Z: 'back-tab',
  P: 'f1',
  Q: 'f2',
  R: 'f3',
  S: 'f4',
};

/** The number of `ESC [ N ~`. */
const numbers: Readonly<Record<string, NamedKey>> = {
  1: 'home',
  3: 'delete',
  4: 'end',
  5: 'page-up',
  6: 'page-down',
  7: 'home',
  8: 'end',
  11: 'f1',
  12: 'f2',
  13: 'f3',
  14: 'f4',
  15: 'f5',
  17: 'f6',
  18: 'f7',
  19: 'f8',
  20: 'f9',
  21: 'f10',
  23: 'f11',
  24: 'f12',
};

/** `ESC [ [ X` of the Linux console. */
const linuxLetters: Readonly<Record<string, NamedKey>> = { A: 'f1', B: 'f2', C: 'f3', D: 'f4', E: 'f5' };

/** `ESC X`, as firmware on serial lines has it. */
const serialKeys: Readonly<Record<string, NamedKey>> = {
  1: 'f1',
  2: 'f2',
  3: 'f3',
  4: 'f4',
  5: 'f5',
  6: 'f6',
  7: 'f7',
  8: 'f8',
  9: 'f9',
  0: 'f10',
  '!': 'f11',
  '@': 'f12',
};

interface Taken {
  /** Characters of the text that this took, the ESC not counted. */
  readonly length: number;
  readonly key: Key | undefined;
}

export class KeyDecoder {
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #isPaste = false;
  #afterReturn = false;

  /** True where an escape may be the key Esc or the beginning of a sequence: `flush` after a short wait says which. */
  get isWaiting(): boolean {
    return !this.#isPaste && this.#rest !== '';
  }

  /** The keys that are complete with `chunk`. */
  take(chunk: Buffer): readonly Key[] {
    this.#rest += this.#decoder.write(chunk);
    const keys: Key[] = [];
    while (this.#rest !== '') {
      const before = this.#rest.length;
      const key = this.#isPaste ? this.#pasted() : this.#next();
      if (key) keys.push(key);
      if (this.#rest.length === before) break;
    }
    return keys;
  }

  /** Nothing came for a while: an escape that stands alone was the key Esc; what else was begun is dropped. */
  flush(): readonly Key[] {
    if (!this.isWaiting) return [];
    const isEscape = this.#rest === esc;
    this.#rest = '';
    return isEscape ? [{ name: 'escape' }] : [];
  }

  #next(): Key | undefined {
    const first = this.#rest[0] ?? '';
    if (first === esc) return this.#sequence();
    const wasReturn = this.#afterReturn;
    this.#afterReturn = first === '\r';
    if (!isControl(first)) return this.#text();
    this.#rest = this.#rest.slice(1);
    if (first === '\r' || (first === '\n' && !wasReturn)) return { name: 'enter' };
    const name = controls[first];
    return name && { name };
  }

  #text(): Key {
    const characters = [...this.#rest];
    const end = characters.findIndex(isControl);
    const text = (end === -1 ? characters : characters.slice(0, end)).join('');
    this.#rest = this.#rest.slice(text.length);
    return { name: 'text', text };
  }

  #sequence(): Key | undefined {
    this.#afterReturn = false;
    const after = this.#rest.slice(1);
    const taken = sequenceOf(after);
    if (taken) {
      this.#rest = after.slice(taken.length);
      if (after.startsWith('[200~')) this.#isPaste = true;
      return taken.key;
    }
    const isBegun = /^(\[\[?|\[[0-?]*[ -/]*|O)?$/.test(after) && after.length < longestSequence;
    if (isBegun) return undefined;
    this.#rest = after;
    return { name: 'escape' };
  }

  #pasted(): Key | undefined {
    const end = this.#rest.indexOf(`${esc}${pasteEnd}`);
    if (end === -1 && this.#rest.length < longestPaste) return undefined;
    const raw = end === -1 ? this.#rest : this.#rest.slice(0, end);
    this.#rest = end === -1 ? '' : this.#rest.slice(end + 1 + pasteEnd.length);
    this.#isPaste = false;
    const lines = raw.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
    const text = [...lines].filter((one) => one === '\n' || !isControl(one)).join('');
    return { name: 'paste', text };
  }
}

/** C0, DEL and C1. */
const isControl = (character: string): boolean => {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
};

/** What stands after an ESC, where it is whole; a sequence without a meaning here has no key. */
const sequenceOf = (after: string): Taken | undefined => {
  const linux = /^\[\[([ -~])/.exec(after);
  if (linux) return named(linux[0], linuxLetters[linux[1] ?? '']);
  const csi = /^\[([0-?]*)[ -/]*([@-Z\\-~])/.exec(after);
  if (csi) return csiKey(csi[0], csi[1] ?? '', csi[2] ?? '');
  const ss3 = /^O([@-~])/.exec(after);
  // M: the keypad's Enter.
  if (ss3) return named(ss3[0], ss3[1] === 'M' ? 'enter' : letters[ss3[1] ?? '']);
  const serial = serialKeys[after[0] ?? ''];
  return serial && named(after.slice(0, 1), serial);
};

const named = (sequence: string, name: NamedKey | undefined): Taken => ({
  length: sequence.length,
  key: name && { name },
});

const csiKey = (sequence: string, parameters: string, final: string): Taken => {
  const [first = '', second = ''] = parameters.split(';');
  if (final === '~') return named(sequence, numbers[first]);
  // The cursor's place looks like F3 with a modifier, which nobody presses here.
  if (final === 'R' && second !== '') {
    const key: Key = { name: 'size', rows: Number(first), columns: Number(second) };
    return { length: sequence.length, key };
  }
  return named(sequence, letters[final]);
};
