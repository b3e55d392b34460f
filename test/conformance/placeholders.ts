// Placeholders in test cases: $NOW with an offset in seconds, and names that stand for what the server gave.

import type { Element } from '../../src/kmip/text/elements.ts';

/** What is known by now in a run of one case. */
export class Bindings {
  readonly #values = new Map<string, string>();
  /** Every literal that a request held: what the server did not choose itself. */
  readonly #given = new Set<string>();
  readonly now: number;

  /** `now` in seconds. */
  constructor(now: number) {
    this.now = now;
  }

  /** To try something out on. */
  copy(): Bindings {
    const other = new Bindings(this.now);
    for (const [name, value] of this.#values) other.#values.set(name, value);
    for (const value of this.#given) other.#given.add(value);
    return other;
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  bind(name: string, value: string): void {
    this.#values.set(name, value);
  }

  /** What the server called its objects. */
  get uids(): readonly string[] {
    return [...this.#values].filter(([name]) => name.includes('UNIQUE_IDENTIFIER')).map(([, value]) => value);
  }

  wasGiven(value: string): boolean {
    return this.#given.has(value.toLowerCase());
  }

  /** The request with its placeholders filled in; one that is not bound stays. */
  fill(element: Element): Element {
    const { value } = element.attributes;
    if (value !== undefined && !value.startsWith('$')) this.#given.add(value.toLowerCase());
    return {
      ...element,
      attributes: value === undefined ? element.attributes : { ...element.attributes, value: this.#resolve(value) },
      children: element.children.map((child) => this.fill(child)),
    };
  }

  /** Seconds for a text like $NOW-3600. */
  timeOf(text: string): number | undefined {
    const match = /^\$NOW([+-]\d+)?$/.exec(text);
    return match ? this.now + Number(match[1] ?? 0) : undefined;
  }

  #resolve(value: string): string {
    const time = this.timeOf(value);
    if (time !== undefined) return new Date(time * 1000).toISOString();
    return this.#values.get(value) ?? value;
  }
}
