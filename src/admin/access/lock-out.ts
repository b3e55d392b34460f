// Who guesses waits: after a few failures from an address each further one doubles the time until the next may be tried,
// and so it goes, more patiently, for all addresses together. An address that was right lately does not wait for the
// others' failures, so that guessing from everywhere does not shut the administrator out. Memory is bounded.

import { isIPv6 } from 'node:net';
import type { Clock } from '../../clock.ts';
import { TooManyAttempts } from '../problem.ts';

interface Rule {
  /** Failures that cost nothing. */
  readonly free: number;
  /** Milliseconds after the first one that does; then twice that, and so on. */
  readonly first: number;
  readonly longest: number;
}

const oneAddress: Rule = { free: 4, first: 1000, longest: 15 * 60_000 };
const allTogether: Rule = { free: 100, first: 1000, longest: 30_000 };
/** After this long without a failure they are forgotten, milliseconds. */
const forgottenAfter = 60 * 60_000;
/** How long an address that was right is known, milliseconds. */
const knownFor = 12 * 60 * 60_000;
/** Addresses that are remembered; of more, those that failed or were right longest ago are forgotten. */
const mostAddresses = 10_000;

interface Failures {
  readonly count: number;
  readonly last: number;
}

export class LockOut {
  readonly #clock: Clock;
  /** In the order of their last failures. */
  readonly #failures = new Map<string, Failures>();
  readonly #right = new Map<string, number>();
  #all: Failures = { count: 0, last: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `too-many-attempts` where `address` has to wait. Such a try does not count as a failure. */
  check(address: string): void {
    const network = networkOf(address);
    const own = this.#wait(this.#failures.get(network), oneAddress);
    const common = this.#isKnown(network) ? 0 : this.#wait(this.#all, allTogether);
    const wait = Math.max(own, common);
    if (wait > 0) throw new TooManyAttempts('too many failed attempts', wait);
  }

  /** Counts a failure. To be told before the answer is worked out, so that tries at the same time count too. */
  failed(address: string): void {
    const network = networkOf(address);
    const last = this.#clock.monotonic();
    const next = (failures: Failures | undefined): Failures => ({ count: this.#countOf(failures) + 1, last });
    putLast(this.#failures, network, next(this.#failures.get(network)));
    this.#all = next(this.#all);
  }

  /** Takes one failure back: it was not tried after all. */
  notTried(address: string): void {
    const network = networkOf(address);
    const less = ({ count, last }: Failures): Failures => ({ count: Math.max(0, count - 1), last });
    const failures = this.#failures.get(network);
    if (failures) this.#failures.set(network, less(failures));
    this.#all = less(this.#all);
  }

  /** Takes back what was counted: `address` was right. */
  succeeded(address: string): void {
    const network = networkOf(address);
    this.#failures.delete(network);
    this.#all = { ...this.#all, count: Math.max(0, this.#all.count - 1) };
    putLast(this.#right, network, this.#clock.monotonic() + knownFor);
  }

  /** Networks that are remembered. */
  get size(): number {
    return this.#failures.size + this.#right.size;
  }

  #isKnown(network: string): boolean {
    return (this.#right.get(network) ?? 0) > this.#clock.monotonic();
  }

  #countOf(failures: Failures | undefined): number {
    return failures && this.#clock.monotonic() - failures.last < forgottenAfter ? failures.count : 0;
  }

  #wait(failures: Failures | undefined, { free, first, longest }: Rule): number {
    const costly = this.#countOf(failures) - free;
    if (!failures || costly <= 0) return 0;
    return failures.last + Math.min(longest, first * 2 ** (costly - 1)) - this.#clock.monotonic();
  }
}

const putLast = <T>(map: Map<string, T>, key: string, value: T): void => {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > mostAddresses && oldest !== undefined) map.delete(oldest);
};

/** Whoever has one IPv6 address has the 2^64 of its network. */
const networkOf = (address: string): string => {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - groups.length - after.length }, () => '0');
  return [...groups, ...zeros, ...after].slice(0, 4).join(':');
};
