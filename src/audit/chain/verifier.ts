// Goes along an audit trail, segment by segment, and finds where it is not what the server wrote: records that were
// removed, changed, put elsewhere or written by somebody else. What it reports is bounded; what it looks at is not kept.

import type { KeyObject } from 'node:crypto';
import type { Checkpoint } from '../../keys/audit-ports.ts';
import { isGenuine } from './checkpoint.ts';
import { diagnose } from './diagnosis.ts';
import type { Finding } from './finding.ts';
import { genesis, hashOf, type PlainSegment } from './segment.ts';

export interface Report {
  /** True where nothing was found. */
  readonly intact: boolean;
  readonly findings: readonly Finding[];
  /** How many findings there were in all. */
  readonly found: number;
  readonly records: number;
  readonly segments: number;
  readonly checkpoints: number;
  /** The last record that a checkpoint covers. What is after it is bound by the server's own key alone. */
  readonly signedTo: number;
}

export interface VerifierOptions {
  readonly publicKey: KeyObject;
  /** Where the trail begins; absent: with the first record ever. */
  readonly front?: Checkpoint | undefined;
  /** Where an extract begins: whatever is before it was not handed out. */
  readonly extractAfter?: { readonly sequence: number; readonly hash: Buffer; readonly number: number } | undefined;
  /** Checkpoints that were kept elsewhere: the trail must have gone through them. */
  readonly expected?: readonly Checkpoint[] | undefined;
}

/** A segment whose body could not be read has no text. */
export type SeenSegment = Omit<PlainSegment, 'text'> & {
  readonly text: Buffer | undefined;
  readonly sums?: Buffer | undefined;
};

const mostFindings = 100;

export class Verifier {
  readonly #options: VerifierOptions;
  readonly #findings: Finding[] = [];
  readonly #expected: Checkpoint[];
  #found = 0;
  #records = 0;
  #segments = 0;
  #checkpoints = 0;
  #signedTo = 0;
  #last: number;
  #hash: Buffer;
  #number: number;

  constructor(options: VerifierOptions) {
    const { front, extractAfter, publicKey, expected = [] } = options;
    this.#options = options;
    this.#last = front?.sequence ?? extractAfter?.sequence ?? 0;
    this.#hash = front?.hash ?? extractAfter?.hash ?? genesis;
    this.#number = front?.number ?? extractAfter?.number ?? 0;
    if (front && !isGenuine('front', front, publicKey)) {
      this.note('not-genuine', 1, front.sequence, 'the beginning was dropped, and the server did not sign that');
    }
    this.#expected = expected.toSorted((one, other) => one.sequence - other.sequence);
    for (const checkpoint of this.#expected) {
      if (isGenuine('tail', checkpoint, publicKey)) continue;
      this.note(
        'not-genuine',
        checkpoint.sequence,
        checkpoint.sequence,
        'the given checkpoint was not signed by this server',
      );
    }
    // Of what was dropped nothing can be said any more.
    while ((this.#expected[0]?.sequence ?? Number.POSITIVE_INFINITY) < this.#last) this.#expected.shift();
    if (this.#last > 0) this.#meetExpected(this.#last, this.#hash);
  }

  note(kind: Finding['kind'], from: number, to: number, text: string): void {
    this.#found += 1;
    if (this.#findings.length < mostFindings) this.#findings.push({ kind, from, to, text });
  }

  /** The next segment, by its first sequence number. */
  segment(segment: SeenSegment): void {
    const { first, last, previous, hash, text } = segment;
    this.#segments += 1;
    this.#follow(first, last);
    if (!previous.equals(this.#hash) && first === this.#last + 1) {
      this.note('changed', first, last, `records ${first} to ${last} do not follow the ones before them`);
    }
    if (text === undefined) this.note('changed', first, last, `records ${first} to ${last} cannot be read any more`);
    else if (!hashOf({ ...segment, text }).equals(hash))
      for (const found of diagnose({ ...segment, text })) this.#add(found);
    this.#records += Math.max(0, last - first + 1);
    this.#last = Math.max(this.#last, last);
    this.#hash = hash;
    this.#meetExpected(last, hash);
  }

  /** The next checkpoint, by its number, once the last segment that it may cover has been seen. */
  checkpoint(checkpoint: Checkpoint): void {
    const { number, sequence, hash } = checkpoint;
    this.#checkpoints += 1;
    if (number !== this.#number + 1) {
      this.note('removed', sequence, sequence, `checkpoints ${this.#number + 1} to ${number - 1} are missing`);
    }
    this.#number = number;
    if (!isGenuine('tail', checkpoint, this.#options.publicKey)) {
      this.note('not-genuine', sequence, sequence, `checkpoint ${number} was not signed by this server`);
    } else if (sequence > this.#last) {
      this.note(
        'cut-off',
        this.#last + 1,
        sequence,
        `${missing(this.#last + 1, sequence)}: checkpoint ${number} has seen that far`,
      );
    } else if (sequence !== this.#last || !hash.equals(this.#hash)) {
      this.note('changed', sequence, sequence, `checkpoint ${number} has seen other records up to ${sequence}`);
    } else this.#signedTo = sequence;
  }

  /** What the server knows of its last checkpoint, beside the trail. */
  requireHead(head: Pick<Checkpoint, 'number' | 'sequence'>): void {
    if (this.#number >= head.number) return;
    const from = Math.min(this.#last + 1, head.sequence);
    this.note(
      'cut-off',
      from,
      head.sequence,
      `checkpoints ${this.#number + 1} to ${head.number} are missing, the last over record ${head.sequence}`,
    );
  }

  /** Sequence number of the last record seen. */
  get last(): number {
    return this.#last;
  }

  end(): Report {
    for (const { sequence } of this.#expected.splice(0)) {
      this.note(
        'cut-off',
        this.#last + 1,
        sequence,
        `records up to ${sequence} are missing: the given checkpoint has seen them`,
      );
    }
    return {
      intact: this.#found === 0,
      findings: this.#findings,
      found: this.#found,
      records: this.#records,
      segments: this.#segments,
      checkpoints: this.#checkpoints,
      signedTo: this.#signedTo,
    };
  }

  #add({ kind, from, to, text }: Finding): void {
    this.note(kind, from, to, text);
  }

  #follow(first: number, last: number): void {
    const expected = this.#last + 1;
    if (first > expected) this.note('removed', expected, first - 1, missing(expected, first - 1));
    if (first < expected)
      this.note('moved', first, last, `records ${first} to ${last} are there once more, or in another place`);
    if (last < first) this.note('changed', first, first, `the records from ${first} on end before they begin`);
  }

  /** Expected checkpoints that the segment ending with `last` settles. */
  #meetExpected(last: number, hash: Buffer): void {
    for (let next = this.#expected[0]; next && next.sequence <= last; next = this.#expected[0]) {
      this.#expected.shift();
      if (next.sequence === last && next.hash.equals(hash)) continue;
      this.note(
        'changed',
        next.sequence,
        next.sequence,
        `the given checkpoint has seen other records up to ${next.sequence}`,
      );
    }
  }
}

const missing = (from: number, to: number): string =>
  from === to ? `record ${from} is missing` : `records ${from} to ${to} are missing`;
