// One field of a form: a line of text, a hidden one, a choice, or text of many lines that is pasted. Bounded, so that
// whatever is fed into it costs little.

import type { Key } from '../keys.ts';

interface FieldBase<N extends string> {
  readonly name: N;
  readonly label: string;
  /** One or two sentences, shown while the field is in hand. */
  readonly help?: string;
  /** What it begins with; of a choice, the name of the chosen one. */
  readonly value?: string;
}

export interface TextField<N extends string> extends FieldBase<N> {
  /** Absent: text. `hidden`: shown as stars. `lines`: many lines, such as a PEM. */
  readonly kind?: 'text' | 'hidden' | 'lines';
  readonly optional?: boolean;
  /** A hidden one that is still there when the form comes back because something went wrong. */
  readonly isKept?: boolean;
  /** What is wrong with a text, in words; undefined for one that is right. */
  readonly check?: (text: string) => string | undefined;
}

export interface ChoiceField<N extends string> extends FieldBase<N> {
  readonly kind: 'choice';
  readonly choices: readonly (readonly [value: string, label: string])[];
}

export type Field<N extends string = string> = TextField<N> | ChoiceField<N>;

const longestLine = 4096;
const longestText = 65_536;

/** A field while somebody fills it. */
export class FieldState {
  readonly field: Field;
  #characters: string[];
  #cursor: number;
  #choice = 0;

  constructor(field: Field) {
    this.field = field;
    this.#characters = [...(field.value ?? '')];
    this.#cursor = this.#characters.length;
    if (field.kind === 'choice') {
      this.#choice = Math.max(
        0,
        field.choices.findIndex(([value]) => value === field.value),
      );
    }
  }

  get value(): string {
    if (this.field.kind === 'choice') return this.field.choices[this.#choice]?.[0] ?? '';
    return this.#characters.join('');
  }

  /** Why it cannot be taken as it is. */
  get problem(): string | undefined {
    const { field, value } = this;
    if (field.kind === 'choice') return undefined;
    if (value.trim() === '') return field.optional ? undefined : 'this is needed';
    return field.check?.(value);
  }

  /** How it is drawn in `width` columns; the cursor is an underscore where it is in hand. */
  shown(width: number, inHand: boolean, isRevealed: boolean): readonly string[] {
    const { field } = this;
    if (field.kind === 'choice') return [`< ${field.choices[this.#choice]?.[1] ?? ''} >`];
    if (field.kind === 'lines') return [this.#manyLines(width, inHand)];
    const all = field.kind === 'hidden' && !isRevealed ? this.#characters.map(() => '*') : this.#characters;
    const marked = inHand ? [...all.slice(0, this.#cursor), '_', ...all.slice(this.#cursor)] : all;
    const first = Math.max(0, Math.min(this.#cursor - width + 2, marked.length - width));
    return [marked.slice(first, first + width).join('')];
  }

  /** True where the key was one of this field's. */
  key(key: Key): boolean {
    return this.field.kind === 'choice' ? this.#choose(key) : this.#edit(key);
  }

  /** How many there are and how the last one ends: whether all of it has come. */
  #manyLines(width: number, inHand: boolean): string {
    if (this.value === '') return inHand ? '(paste it here) _' : '(empty)';
    const lines = this.value.split('\n').filter((one) => one !== '');
    const count = `${lines.length} lines, the last: `;
    const last = lines.at(-1) ?? '';
    return `${count}${last.slice(-Math.max(1, width - count.length - 1))}${inHand ? '_' : ''}`;
  }

  #choose(key: Key): boolean {
    const { length } = this.field.kind === 'choice' ? this.field.choices : [];
    if (key.name === 'right' || (key.name === 'text' && key.text === ' ')) {
      this.#choice = (this.#choice + 1) % length;
      return true;
    }
    if (key.name !== 'left') return false;
    this.#choice = (this.#choice + length - 1) % length;
    return true;
  }

  #edit(key: Key): boolean {
    const isLines = this.field.kind === 'lines';
    switch (key.name) {
      case 'text':
        return this.#insert(key.text);
      case 'paste':
        return this.#insert(isLines ? key.text : key.text.trim().replaceAll(/\n\s*/g, ' '));
      case 'enter':
        return isLines && this.#insert('\n');
      case 'backspace':
        if (this.#cursor > 0) this.#cursor -= this.#characters.splice(this.#cursor - 1, 1).length;
        return true;
      case 'delete':
        this.#characters.splice(this.#cursor, 1);
        return true;
      case 'erase-line':
        this.#characters = [];
        this.#cursor = 0;
        return true;
      default:
        return this.#move(key);
    }
  }

  #move({ name }: Key): boolean {
    const { length } = this.#characters;
    const places: Readonly<Record<string, number>> = {
      left: Math.max(0, this.#cursor - 1),
      right: Math.min(length, this.#cursor + 1),
      home: 0,
      end: length,
    };
    const place = places[name];
    if (place === undefined) return false;
    this.#cursor = place;
    return true;
  }

  #insert(text: string): true {
    const room = (this.field.kind === 'lines' ? longestText : longestLine) - this.#characters.length;
    const added = [...text].slice(0, room);
    this.#characters.splice(this.#cursor, 0, ...added);
    this.#cursor += added.length;
    return true;
  }
}
