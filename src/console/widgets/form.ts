// Fields one below the other. Enter goes to the next one and, on the last, takes the form; F2 takes it from anywhere. What
// is wrong with a field is said below it, and the form stays until all are right.

import type { Key } from '../keys.ts';
import { type Line, line, type Size, wrapped } from '../screen.ts';
import { framed, type Outcome, type Widget } from '../widget.ts';
import { type Field, FieldState } from './field.ts';

export type Values<N extends string> = Readonly<Record<N, string>>;

export interface FormOptions<N extends string> {
  readonly title: string;
  /** Stands above the fields, one paragraph each. */
  readonly text?: readonly string[];
  readonly fields: readonly Field<N>[];
  /** What is wrong with the values together. */
  readonly check?: (values: Values<N>) => string | undefined;
  /** What went wrong the last time. */
  readonly problem?: string | undefined;
}

export class Form<N extends string> implements Widget<Values<N>> {
  readonly #options: FormOptions<N>;
  readonly #fields: readonly FieldState[];
  #inHand = 0;
  #isRevealed = false;
  /** False until somebody tried to take the form: nobody is told of what they have not typed yet. */
  #isTried = false;
  #problem: string | undefined;

  constructor(options: FormOptions<N>) {
    this.#options = options;
    this.#fields = options.fields.map((field) => new FieldState(field));
    this.#problem = options.problem;
  }

  get values(): Values<N> {
    return Object.fromEntries(this.#fields.map(({ field, value }) => [field.name, value])) as Values<N>;
  }

  lines(size: Size): readonly Line[] {
    const { title, text = [] } = this.#options;
    const width = size.columns - 3;
    const paragraph = (words: string, tone: Line['tone']) => wrapped(words, width).map((row) => line(` ${row}`, tone));
    const above = text.flatMap((one) => paragraph(one, 'plain'));
    const problem = this.#problem === undefined ? [] : [...paragraph(this.#problem, 'bad'), line('')];
    const body = [...above, ...(above.length > 0 ? [line('')] : []), ...problem];
    let focus = 0;
    for (const [index, state] of this.#fields.entries()) {
      if (index === this.#inHand) focus = body.length;
      body.push(...this.#fieldLines(state, index === this.#inHand, width));
    }
    const help = this.#fields[this.#inHand]?.field.help;
    if (help !== undefined) body.push(line(''), ...paragraph(help, 'faint'));
    return framed({ title, body, focus, keys: this.#keys() }, size);
  }

  key(key: Key): Outcome<Values<N>> | undefined {
    if (key.name === 'escape') return 'back';
    if (key.name === 'f2') return this.#take();
    if (key.name === 'f4') {
      this.#isRevealed = !this.#isRevealed;
      return undefined;
    }
    if (this.#fields[this.#inHand]?.key(key)) return undefined;
    const isLast = this.#inHand === this.#fields.length - 1;
    const isLines = this.#fields[this.#inHand]?.field.kind === 'lines';
    if (isLast && (key.name === 'enter' || (isLines && key.name === 'tab'))) return this.#take();
    if (['enter', 'tab', 'down'].includes(key.name)) this.#move(1);
    if (['back-tab', 'up'].includes(key.name)) this.#move(-1);
    return undefined;
  }

  #move(by: number): void {
    const { length } = this.#fields;
    this.#inHand = (this.#inHand + by + length) % length;
  }

  #take(): Outcome<Values<N>> | undefined {
    this.#isTried = true;
    const wrong = this.#fields.findIndex(({ problem }) => problem !== undefined);
    if (wrong !== -1) {
      this.#inHand = wrong;
      return undefined;
    }
    this.#problem = this.#options.check?.(this.values);
    return this.#problem === undefined ? { done: this.values } : undefined;
  }

  #fieldLines(state: FieldState, inHand: boolean, width: number): readonly Line[] {
    const labels = Math.min(30, Math.max(...this.#fields.map(({ field }) => field.label.length)) + 2);
    const rows = state.shown(width - labels - 4, inHand, this.#isRevealed);
    const label = `${inHand ? '>' : ' '} ${state.field.label.padEnd(labels)}`;
    const shown = rows.map((row, index) => line(` ${index === 0 ? label : ' '.repeat(labels + 2)}${row}`));
    const problem = this.#isTried ? state.problem : undefined;
    return problem === undefined ? shown : [...shown, line(`   ${' '.repeat(labels)}! ${problem}`, 'bad')];
  }

  #keys(): string {
    const kind = this.#fields[this.#inHand]?.field.kind;
    const own = { choice: 'Left, Right: choose   ', hidden: 'F4: show it   ', lines: 'Tab: next   ', text: '' };
    const enter = kind === 'lines' ? '' : 'Enter, Tab: next   ';
    return `${own[kind ?? 'text']}${enter}F2: done   Esc: back`;
  }
}
