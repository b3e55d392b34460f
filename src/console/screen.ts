// A screen of text as a list of lines: cut and filled to the terminal's size, coloured only where that is wanted. Plain
// ASCII, because a serial console has nothing else.

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export type Tone = 'plain' | 'title' | 'good' | 'bad' | 'faint';

export interface Line {
  readonly text: string;
  readonly tone: Tone;
}

export const line = (text: string, tone: Tone = 'plain'): Line => ({ text, tone });

/** SGR parameters of ECMA-48 that a Linux console and a serial terminal both know. */
const codes: Readonly<Record<Tone, string>> = { plain: '0', title: '7', good: '32', bad: '1;31', faint: '36' };

/** Control characters and what is not ASCII: a name may hold anything. */
const printable = (text: string): string => text.replaceAll(/[^ -~]/g, '?');

const fitted = (text: string, columns: number): string => {
  const shown = printable(text);
  return shown.length > columns ? `${shown.slice(0, Math.max(0, columns - 1))}>` : shown.padEnd(columns);
};

/** The rows of a whole screen as they are written: each cut and filled to its width. */
export const rowsOf = (lines: readonly Line[], { columns, rows }: Size, colour: boolean): readonly string[] => {
  const shown = lines.length > rows ? [...lines.slice(0, rows - 1), line('... more on the page')] : lines;
  const filled = [...shown, ...Array.from({ length: rows - shown.length }, () => line(''))];
  // The last cell stays empty: a terminal that wraps there would scroll.
  const width = columns - 1;
  return filled.map(({ text, tone }) =>
    colour && tone !== 'plain' ? `\x1b[${codes[tone]}m${fitted(text, width)}\x1b[0m` : fitted(text, width),
  );
};

/** What to write so that a terminal that shows `before` shows `rows`: a serial line is slow. */
export const paint = (rows: readonly string[], before: readonly string[]): string =>
  rows.flatMap((row, index) => (row === before[index] ? [] : [`\x1b[${index + 1};1H${row}\x1b[K`])).join('');

/** `text` bare from the top of an empty screen, in printable characters. */
export const bare = (text: string): string => clear + text.split('\n').map(printable).join('\r\n');

/** No cursor; the mark of what is pasted, where a terminal has it. */
export const begin = '\x1b[?25l\x1b[?2004h';
/** Asks a terminal for its size: it answers where its cursor stands after going as far as it can. */
export const askSize = '\x1b[999;999H\x1b[6n';

/** Empties the terminal. */
export const clear = '\x1b[0m\x1b[2J\x1b[H';

/** `text` in lines of at most `columns`, broken at spaces where there are any. */
export const wrapped = (text: string, columns: number): readonly string[] => {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > columns) {
    const space = rest.lastIndexOf(' ', columns);
    const end = space > 0 ? space : columns;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest];
};
