// XML as far as KMIP needs it: elements with attributes. Character data, document types, and entities beyond the five of
// XML are refused; comments and instructions are passed over. Depth and numbers are bounded, since anybody may send it.

import { EdgeError } from '../../errors.ts';
import { maximumDepth } from '../reader.ts';

/** Those that KMIP knows; others are passed over. */
export interface ElementAttributes {
  readonly tag?: string;
  readonly type?: string;
  readonly value?: string;
  readonly [name: string]: string | undefined;
}

export interface Element {
  readonly name: string;
  readonly attributes: ElementAttributes;
  readonly children: readonly Element[];
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: Open[];
}

export interface ElementOptions {
  /** True where text between elements is passed over, and not refused. */
  readonly ignoreText?: boolean;
}

const invalid = (message: string): EdgeError => new EdgeError('invalid-message', `XML: ${message}`);

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const lastCodePoint = 0x10ffff;

const namePattern = /[A-Za-z_][\w.:-]*/y;
const attributePattern = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const skipped: readonly (readonly [opening: string, closing: string])[] = [
  ['<!--', '-->'],
  ['<?', '?>'],
];

/** The one element that `text` holds. Throws `invalid-message`. */
export const readElements = (text: string, options: ElementOptions = {}): Element => new Reader(text, options).read();

class Reader {
  readonly #text: string;
  readonly #ignoreText: boolean;
  readonly #open: Open[] = [];
  #root: Open | undefined;
  #at = 0;

  constructor(text: string, { ignoreText = false }: ElementOptions) {
    this.#text = text.startsWith('\ufeff') ? text.slice(1) : text;
    this.#ignoreText = ignoreText;
  }

  read(): Element {
    while (this.#at < this.#text.length) {
      const next = this.#text.indexOf('<', this.#at);
      this.#pass(next < 0 ? this.#text.length : next);
      if (next >= 0) this.#tag();
    }
    const [unclosed] = this.#open;
    if (unclosed) throw invalid(`the element ${unclosed.name} does not end`);
    if (!this.#root) throw invalid('there is no element');
    return this.#root;
  }

  /** What is between two tags. */
  #pass(to: number): void {
    const between = this.#text.slice(this.#at, to);
    if (!this.#ignoreText && /\S/.test(between)) throw invalid('there is text between elements');
    this.#at = to;
  }

  #tag(): void {
    for (const [opening, closing] of skipped) {
      if (!this.#text.startsWith(opening, this.#at)) continue;
      const end = this.#text.indexOf(closing, this.#at + opening.length);
      if (end < 0) throw invalid(`there is no ${closing}`);
      this.#at = end + closing.length;
      return;
    }
    if (this.#text.startsWith('</', this.#at)) this.#close();
    else this.#start();
  }

  #close(): void {
    this.#at += 2;
    const name = this.#name();
    const open = this.#open.pop();
    if (open?.name !== name) throw invalid(`the element ${open?.name ?? 'before'} ends as ${name}`);
    this.#expect(/\s*>/y);
  }

  #start(): void {
    this.#at += 1;
    const element: Open = { name: this.#name(), attributes: this.#attributes(), children: [] };
    const parent = this.#open.at(-1);
    if (parent) parent.children.push(element);
    else if (this.#root) throw invalid('a second element follows the first');
    else this.#root = element;
    const closed = this.#expect(/\s*\/?>/y).includes('/');
    if (closed) return;
    if (this.#open.length >= maximumDepth) throw invalid(`elements nest more than ${maximumDepth} deep`);
    this.#open.push(element);
  }

  /** Without its namespace prefix: KMIP has one namespace. */
  #name(): string {
    return this.#expect(namePattern).replace(/^.*:/, '');
  }

  #attributes(): Record<string, string> {
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (;;) {
      attributePattern.lastIndex = this.#at;
      const match = attributePattern.exec(this.#text);
      if (!match) return attributes;
      const [whole, name = '', double, single] = match;
      if (name in attributes) throw invalid(`the attribute ${name.slice(0, 64)} comes twice`);
      attributes[name] = unescaped(double ?? single ?? '');
      this.#at += whole.length;
    }
  }

  #expect(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [found] = pattern.exec(this.#text) ?? [];
    if (found === undefined) throw invalid(`not understood at character ${this.#at}`);
    this.#at += found.length;
    return found;
  }
}

const unescaped = (text: string): string =>
  text.includes('&')
    ? text.replace(/&([^;]{0,10});?/g, (_, name: string) => {
        const code = /^#(\d{1,7})$/.exec(name)?.[1] ?? /^#x([0-9a-fA-F]{1,6})$/.exec(name)?.[1];
        const point = code === undefined ? Number.NaN : Number.parseInt(code, name[1] === 'x' ? 16 : 10);
        const character = point <= lastCodePoint ? String.fromCodePoint(point) : undefined;
        const found = character ?? (Object.hasOwn(entities, name) ? entities[name] : undefined);
        if (found === undefined) throw invalid(`the entity ${name} is not known`);
        return found;
      })
    : text;

/** Line ends and tabs are written as numbers, because a reader would turn them into spaces. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that have to be escaped
const special = /[<>&"\u0000-\u001f]/g;
const escaped = (text: string): string => text.replace(special, (character) => `&#${character.charCodeAt(0)};`);

/** The element as text, one line each. */
export const writeElements = ({ name, attributes, children }: Element, indent = ''): string => {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value ?? '')}"`);
  const start = `${indent}<${name}${given.join('')}`;
  if (children.length === 0) return `${start}/>\n`;
  return `${start}>\n${children.map((child) => writeElements(child, `${indent}  `)).join('')}${indent}</${name}>\n`;
};
