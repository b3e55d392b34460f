// Placeholders in test cases: $NOW with an offset in seconds, and names that stand for what the server gave.

import type { Element } from '../../src/kmip/text/elements.ts';

/** Placeholders that stand for what the last answer with this field had. */
const implied: Readonly<Record<string, string>> = {
  Data: 'DATA',
  MACData: 'MAC_DATA',
  IVCounterNonce: 'IV_COUNTER_NONCE',
  SignatureData: 'SIGNATURE_DATA',
  AuthenticatedEncryptionTag: 'AUTHENTICATED_ENCRYPTION_TAG',
  CorrelationValue: 'CORRELATION_VALUE',
  AsynchronousCorrelationValue: 'ASYNCHRONOUS_CORRELATION_VALUE',
  KeyMaterial: 'KEY_MATERIAL',
};

/** What is known by now in a run of one case. */
export class Bindings {
  readonly #values = new Map<string, string>();
  /** Every literal that a request held: what the server did not choose itself. */
  readonly #given = new Set<string>();
  readonly #replaced = new Map<string, string>();
  readonly #counts = new Map<string, number>();
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

  /** The server's own value in the place of one that the case shows: later requests may show that again. */
  replace(shown: string, found: string): void {
    this.#replaced.set(shown.toLowerCase(), found);
  }

  /** Values of an answer that later requests may name without the answer saying so. */
  learn(answer: Element): void {
    const { value } = answer.attributes;
    const placeholder = implied[answer.name];
    if (placeholder !== undefined && value !== undefined) {
      const count = this.#counts.get(placeholder) ?? 0;
      this.#counts.set(placeholder, count + 1);
      for (const name of [`$${placeholder}`, `$${placeholder}_${count}`]) this.#values.set(name, value);
    }
    for (const child of answer.children) this.learn(child);
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
    return this.#values.get(value) ?? this.#replaced.get(value.toLowerCase()) ?? value;
  }
}
