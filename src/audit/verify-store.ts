// Verifies the audit trail as it rests, while it is written on: in turns, with no more than one segment in memory.

import type { Checkpoint, TrailReader } from '../keys/audit-ports.ts';
import { createTurns } from '../turns.ts';
import { unpackText } from './chain/segment.ts';
import { type Report, Verifier } from './chain/verifier.ts';
import type { TrailKeys } from './trail-keys.ts';

export interface StoredTrail {
  readonly trail: TrailReader;
  readonly keys: TrailKeys;
}

/** Checkpoints that are read at once. */
const atOnce = 200;

/** Checkpoints from the end that a look at the end goes back. */
const tailCheckpoints = 3;

/** Goes through what the last checkpoints cover and what came after: quick, however long the trail is. */
export const verifyEnd = (stored: StoredTrail): Promise<Report> => {
  const { trail } = stored;
  const number = (trail.lastCheckpoint()?.number ?? 0) - tailCheckpoints;
  const [start] = number > (trail.front()?.number ?? 0) ? trail.checkpoints(number - 1, 1) : [];
  return verifyStored(stored, [], () => {}, start);
};

/**
 * Goes through all of it, or through what comes after the checkpoint `start`; `progress` is told the sequence number of the
 * last record seen.
 */
export const verifyStored = async (
  { trail, keys }: StoredTrail,
  expected: readonly Checkpoint[] = [],
  progress: (sequence: number) => void = () => {},
  start?: Checkpoint,
): Promise<Report> => {
  const front = start ?? trail.front();
  const begins = start ? { extractAfter: start } : { front };
  const verifier = new Verifier({ publicKey: keys.publicKey, ...begins, expected });
  const checkpoints = new CheckpointQueue(trail, front?.number ?? 0);
  const turn = createTurns();
  let cursor = front?.sequence ?? 0;
  for (let segment = trail.segmentAfter(cursor); segment; segment = trail.segmentAfter(cursor)) {
    const { first, last } = segment;
    cursor = first;
    if (!keys.mac(segment).equals(segment.mac)) {
      verifier.note('not-genuine', first, last, `records ${first} to ${last} are not as this server stored them`);
    }
    verifier.segment({ ...segment, text: unpackText(segment) });
    for (const checkpoint of checkpoints.upTo(verifier.last)) verifier.checkpoint(checkpoint);
    progress(last);
    await turn();
  }
  // In the same turn in which the last segment was looked for: nothing can have come in between.
  for (const checkpoint of checkpoints.upTo(Number.POSITIVE_INFINITY)) verifier.checkpoint(checkpoint);
  const head = keys.head();
  const { last } = verifier;
  if (head === 'damaged' || (head === undefined && last > 0)) {
    verifier.note('cut-off', last, last, 'what the server knows of the end of the trail was tampered with');
  } else if (head) verifier.requireHead(head);
  return verifier.end();
};

class CheckpointQueue {
  readonly #trail: TrailReader;
  #number: number;
  #next: Checkpoint[] = [];

  constructor(trail: TrailReader, number: number) {
    this.#trail = trail;
    this.#number = number;
  }

  /** Those that are next, up to one over a record above `sequence`. */
  *upTo(sequence: number): Iterable<Checkpoint> {
    for (let next = this.#peek(); next && next.sequence <= sequence; next = this.#peek()) {
      this.#next.shift();
      this.#number = next.number;
      yield next;
    }
  }

  #peek(): Checkpoint | undefined {
    if (this.#next.length === 0) this.#next = [...this.#trail.checkpoints(this.#number, atOnce)];
    return this.#next[0];
  }
}
