// A terminal's screen in memory, for what our console writes: text, places, erasing. What else comes, such as colours or a
// boot loader's sequences, changes nothing on it.

/** Cells of a terminal, fed with what a program writes. */
export class ScreenModel {
  readonly #columns: number;
  readonly #rows: number;
  #cells: string[][];
  #row = 0;
  #column = 0;
  #rest = '';

  constructor(columns = 80, rows = 25) {
    this.#columns = columns;
    this.#rows = rows;
    this.#cells = this.#empty();
  }

  /** What is seen, a line each, without the spaces at the ends. */
  get text(): string {
    return this.#cells.map((row) => row.join('').trimEnd()).join('\n');
  }

  take(written: string): void {
    let rest = this.#rest + written;
    this.#rest = '';
    while (rest !== '') {
      const taken = rest[0] === '\u001b' ? this.#sequence(rest) : this.#character(rest[0] ?? '');
      if (taken === 0) {
        this.#rest = rest;
        return;
      }
      rest = rest.slice(taken);
    }
  }

  #empty(): string[][] {
    return Array.from({ length: this.#rows }, () => this.#blank());
  }

  #blank(): string[] {
    return Array.from({ length: this.#columns }, () => ' ');
  }

  /** Characters that were used up; 0 where more has to come. */
  #sequence(rest: string): number {
    const after = rest.slice(1);
    const csi = /^\[([0-?]*)[ -/]*([@-~])/.exec(after);
    if (csi) {
      this.#command(csi[1] ?? '', csi[2] ?? '');
      return 1 + csi[0].length;
    }
    return /^(\[[0-?]*[ -/]*)?$/.test(after) ? 0 : 2;
  }

  #command(parameters: string, final: string): void {
    const [first = 0, second = 0] = parameters.split(';').map(Number);
    if (final === 'H') {
      this.#row = Math.min(this.#rows, Math.max(1, first)) - 1;
      this.#column = Math.min(this.#columns, Math.max(1, second)) - 1;
    }
    if (final === 'J') this.#cells = this.#empty();
    if (final === 'K') this.#cells[this.#row]?.fill(' ', this.#column);
  }

  #character(character: string): number {
    if (character === '\r') this.#column = 0;
    else if (character === '\n') this.#newLine();
    else if (character >= ' ') {
      if (this.#column === this.#columns) {
        this.#column = 0;
        this.#newLine();
      }
      const row = this.#cells[this.#row];
      if (row) row[this.#column] = character;
      this.#column += 1;
    }
    return 1;
  }

  #newLine(): void {
    if (this.#row < this.#rows - 1) {
      this.#row += 1;
      return;
    }
    this.#cells.shift();
    this.#cells.push(this.#blank());
  }
}
