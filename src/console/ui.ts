// What a page does with the screen: it asks, and goes on with the answer. Each question is a widget that stays until it is
// answered, so a page reads from top to bottom; undefined is Esc. When nobody has touched a key for a while, or the line was
// cut, the question that stands is refused with `Left`, which ends the page and whoever called it.

import { EdgeError, messageOf } from '../errors.ts';
import type { Key } from './keys.ts';
import type { Line, Size } from './screen.ts';
import type { Widget } from './widget.ts';
import { Confirm, type ConfirmOptions } from './widgets/confirm.ts';
import type { Field } from './widgets/field.ts';
import { Form, type FormOptions, type Values } from './widgets/form.ts';
import { Menu, type MenuOptions } from './widgets/menu.ts';
import { Progress } from './widgets/progress.ts';
import { Printed, type TextOptions, TextView } from './widgets/text.ts';

/** Nobody is there any more. Pages let it pass. */
export class Left extends Error {
  constructor() {
    super('nobody has answered');
    this.name = 'Left';
  }
}

export interface UiOptions {
  /** Told whenever there is something else to see. */
  readonly onChange: () => void;
  /** Milliseconds that never go back. */
  readonly monotonic: () => number;
}

export interface Work {
  /** Adds a line to what is seen. */
  readonly report: (text: string) => void;
  /** Aborted when somebody presses Esc, where that is allowed. */
  readonly signal: AbortSignal;
}

/** One widget while it is seen. */
interface Shown {
  readonly lines: (size: Size) => readonly Line[];
  readonly print: string | undefined;
  readonly key: (key: Key) => void;
  readonly leave: () => void;
}

/** How an error is said to whoever sits there: what went wrong, and what to do. */
export const problemText = (error: unknown): string =>
  error instanceof EdgeError && error.hint !== undefined ? `${messageOf(error)} (${error.hint})` : messageOf(error);

const again = <N extends string>(field: Field<N>, values: Values<N>): Field<N> =>
  field.kind === 'hidden' && !field.isKept ? field : { ...field, value: values[field.name] };

export class Ui {
  readonly #options: UiOptions;
  #shown: Shown | undefined;
  #lines: (size: Size) => readonly Line[] = () => [];
  #print: string | undefined;
  #touchedAt: number;
  /** Pieces of work that go on: while one does, nobody is idle. */
  #working = 0;

  constructor(options: UiOptions) {
    this.#options = options;
    this.#touchedAt = options.monotonic();
  }

  /** What is to be seen. */
  lines(size: Size): readonly Line[] {
    return this.#lines(size);
  }

  /** What is to be written bare instead. */
  get print(): string | undefined {
    return this.#print;
  }

  /** Milliseconds since somebody touched a key or the last work ended. */
  get idle(): number {
    return this.#working > 0 ? 0 : this.#options.monotonic() - this.#touchedAt;
  }

  /** A key for whatever is seen; one that comes while nothing asks is dropped. */
  key(key: Key): void {
    this.#touchedAt = this.#options.monotonic();
    this.#shown?.key(key);
    this.#options.onChange();
  }

  /** There is something else to see in what is shown. */
  changed(): void {
    this.#options.onChange();
  }

  /** Refuses the question that stands. Work that is going on goes on; what comes after it is refused. */
  leave(): void {
    this.#shown?.leave();
  }

  /** Shows a widget until it is done; undefined for Esc. */
  show<T>(widget: Widget<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const end = (act: () => void): void => {
        this.#shown = undefined;
        act();
      };
      this.#put({
        lines: (size) => widget.lines(size),
        print: widget.print,
        key: (key) => {
          const outcome = widget.key(key);
          if (outcome !== undefined) end(() => resolve(outcome === 'back' ? undefined : outcome.done));
        },
        leave: () => end(() => reject(new Left())),
      });
    });
  }

  /** The value that was chosen. */
  menu<T>(options: MenuOptions<T>): Promise<T | undefined> {
    return this.show(new Menu(options));
  }

  /** The values by the names of the fields. */
  form<N extends string>(options: FormOptions<N>): Promise<Values<N> | undefined> {
    return this.show(new Form(options));
  }

  /**
   * A form and what is done with it: where that fails the form is back with what was typed, and says why. Gives what `act`
   * gives; undefined for Esc in the form.
   */
  async submit<N extends string, T>(
    options: FormOptions<N>,
    doing: string,
    act: (values: Values<N>, work: Work) => Promise<T>,
  ): Promise<T | undefined> {
    for (let shown = options; ; ) {
      const values = await this.form(shown);
      if (!values) return undefined;
      try {
        return await this.progress(doing, (work) => act(values, work));
      } catch (error) {
        if (error instanceof Left) throw error;
        shown = {
          ...options,
          fields: options.fields.map((field) => again(field, values)),
          problem: problemText(error),
        };
      }
    }
  }

  /** Text until Enter; longer than the screen it scrolls. */
  async message(options: TextOptions): Promise<void> {
    await this.show(new TextView(options));
  }

  /** The message of an error. */
  async problem(title: string, error: unknown): Promise<void> {
    if (error instanceof Left) throw error;
    await this.message({ title, text: [problemText(error)], tone: 'bad' });
  }

  /** True where the word was typed. */
  async confirm(options: ConfirmOptions): Promise<boolean> {
    return (await this.show(new Confirm(options))) === true;
  }

  /** Text on an empty screen, for marking and copying, until Enter. */
  async copy(title: string, text: string): Promise<void> {
    await this.show(new Printed(title, text));
  }

  /** Shows that `act` goes on until it ends; `stoppable`: Esc aborts its signal. */
  async progress<T>(title: string, act: (work: Work) => Promise<T>, stoppable = false): Promise<T> {
    const began = this.#options.monotonic();
    const stop = new AbortController();
    const widget = new Progress({
      title,
      elapsed: () => (this.#options.monotonic() - began) / 1000,
      onStop: stoppable ? () => stop.abort() : undefined,
    });
    const report = (text: string): void => {
      widget.report(text);
      this.#options.onChange();
    };
    let hasLeft = false;
    this.#put({
      lines: (size) => widget.lines(size),
      print: undefined,
      key: (key) => void widget.key(key),
      leave: () => {
        hasLeft = true;
        stop.abort();
      },
    });
    this.#working += 1;
    try {
      const result = await act({ report, signal: stop.signal });
      if (!hasLeft) return result;
    } catch (error) {
      if (!hasLeft) throw error;
    } finally {
      this.#working -= 1;
      this.#touchedAt = this.#options.monotonic();
      this.#shown = undefined;
    }
    throw new Left();
  }

  #put(shown: Shown): void {
    this.#shown = shown;
    this.#lines = shown.lines;
    this.#print = shown.print;
    this.#options.onChange();
  }
}
