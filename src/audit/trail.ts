// The audit trail. What changes something is recorded in the transaction that changes it. What only reads is collected in
// memory and stored at least each second: a crash loses no more than that. When nothing can be stored, changes are refused
// by their own transactions and reads go on; what had to be left out is counted, and the trail says so when it can.

import type { Cancel, Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import { messageOf } from '../errors.ts';
import type { AuditEntry, Checkpoint, Recorder, TrailKeeper } from '../keys/audit-ports.ts';
import type { Store, StoreWriter } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import { signCheckpoint } from './chain/checkpoint.ts';
import { type Block, buildSegment, genesis, longestSegment, packText } from './chain/segment.ts';
import { serverEvent } from './events.ts';
import { createLineMaker, type LineMaker } from './line.ts';
import type { TrailKeys } from './trail-keys.ts';
import { WaitingLines } from './waiting-lines.ts';

export interface AuditTrailOptions {
  readonly store: Store;
  readonly keys: TrailKeys;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
  /** The name of a service instance now. */
  readonly instanceName: (id: string) => string | undefined;
  /** False: reads that succeed are not recorded. */
  readonly reads?: boolean;
  /** Who else hears of each record: of a change once it is durable. */
  readonly observers: readonly Recorder[];
}

/** Milliseconds from a read to its being stored, at most. */
const flushTime = 1000;
/** Milliseconds until storing is tried again. */
const retryTime = 5000;
/** The most records that wait in memory while nothing can be stored. */
const mostWaiting = 50_000;
/** The same in bytes. */
const mostBytes = 24 * 1024 * 1024;
/** A checkpoint is made after so many segments, and after so many milliseconds. */
const checkpointSegments = 512;
const checkpointTime = 3_600_000;

interface Position {
  readonly sequence: number;
  readonly hash: Buffer;
  /** Number of the last checkpoint. */
  readonly checkpoint: number;
  readonly segmentsSince: number;
}

/** What a transaction would make of the trail. */
interface Kept {
  readonly position: Position;
  readonly lost: number;
}

export class AuditTrail implements Recorder, TrailKeeper {
  readonly #options: AuditTrailOptions;
  readonly #lines: LineMaker;
  /** The last record that a checkpoint had seen and that was not there at the start; undefined where nothing is missing. */
  readonly endMissing: number | undefined;
  /** The records that come after the stored ones, in their order. */
  readonly #waiting = new WaitingLines();
  #position: Position;
  #kept: Kept | undefined;
  /** How many of those that wait do not belong to the transaction that is under way. */
  #mark: number | undefined;
  #checkpointDue: boolean;
  /** Left out because nothing could be stored, and since when. */
  #lost = 0;
  #problem: { readonly since: number; readonly text: string } | undefined;
  #flushing = false;
  #cancelFlush: Cancel | undefined;
  #cancelCheckpoint: Cancel | undefined;

  /** Goes on where the stored trail ends, and keeps what the store's transactions record from now on. */
  constructor(options: AuditTrailOptions) {
    this.#options = options;
    this.#lines = createLineMaker(options.instanceName);
    const { position, endMissing } = lastPosition(options);
    this.#position = position;
    this.endMissing = endMissing;
    this.#checkpointDue = this.#position.checkpoint === 0;
    options.store.keepTrail(this);
  }

  /** Sequence number of the last stored record. */
  get last(): number {
    return this.#position.sequence;
  }

  /** Records that are not stored yet. */
  get waiting(): number {
    return this.#waiting.count;
  }

  /** What an administrator has to look at. */
  alarms(): readonly string[] {
    if (!this.#problem) return [];
    const since = new Date(this.#problem.since).toISOString();
    return [`no audit record could be stored since ${since}, so nothing can be changed: ${this.#problem.text}`];
  }

  record(entry: AuditEntry): void {
    this.#tell([entry]);
    if (this.#options.reads === false && entry.servedFrom !== undefined) return;
    const waiting = this.#waiting;
    if (waiting.count >= mostWaiting || waiting.bytes >= mostBytes) {
      this.#lost += 1;
      return;
    }
    this.#add(entry, this.#options.clock.now());
    if (waiting.count >= longestSegment && !this.#problem) void this.#flushSoon();
    else this.#arm();
  }

  keep(entries: readonly AuditEntry[], tx: StoreWriter): void {
    const time = this.#options.clock.now();
    this.#mark = this.#waiting.count;
    if (this.#lost > 0) this.#add(lossOf(this.#lost), time);
    for (const entry of entries) this.#add(entry, time);
    const { count } = this.#waiting;
    if (count === 0 && !this.#checkpointDue) return;
    let position = this.#position;
    for (let from = 0; from < count; from += longestSegment) {
      position = this.#append(this.#waiting.block(from, from + longestSegment), position, tx);
    }
    const isDue = this.#checkpointDue || position.segmentsSince >= checkpointSegments;
    if (isDue && position.segmentsSince > 0) position = this.#sign(position, time, tx);
    this.#kept = { position, lost: this.#lost };
  }

  settled(entries: readonly AuditEntry[], durable: boolean): void {
    const kept = this.#kept;
    this.#kept = undefined;
    if (!durable) this.#waiting.truncate(this.#mark ?? this.#waiting.count);
    this.#mark = undefined;
    if (!durable) return;
    if (kept) this.#settle(kept);
    // They hear of it once the client has its answer.
    setImmediate(() => this.#tell(entries));
  }

  /** Stores what waits; resolves once it is durable. Throws where it cannot be. */
  async flush(): Promise<void> {
    try {
      await this.#options.store.write(() => {});
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  /** Makes a checkpoint over everything until now, unless the last one covers it; gives it. */
  async checkpoint(): Promise<Checkpoint | undefined> {
    this.#checkpointDue = true;
    await this.flush();
    return this.#options.store.trail.lastCheckpoint();
  }

  async close(): Promise<void> {
    this.#cancelFlush?.();
    this.#cancelCheckpoint?.();
    this.record(serverEvent('server.stop'));
    await this.checkpoint();
    this.#cancelFlush?.();
    this.#cancelCheckpoint?.();
  }

  #tell(entries: readonly AuditEntry[]): void {
    for (const entry of entries) for (const observer of this.#options.observers) observer.record(entry);
  }

  #add(entry: AuditEntry, time: number): void {
    const sequence = this.#position.sequence + this.#waiting.count + 1;
    this.#waiting.add(this.#lines.line(sequence, entry, time), time);
  }

  #append(block: Block, position: Position, tx: StoreWriter): Position {
    const { text, ...plain } = buildSegment(block, position.sequence, position.hash);
    const segment = { ...plain, ...packText(text) };
    tx.trail.append({ ...segment, mac: this.#options.keys.mac(segment) });
    const { last: sequence, hash } = plain;
    return { ...position, sequence, hash, segmentsSince: position.segmentsSince + 1 };
  }

  #sign(position: Position, time: number, tx: StoreWriter): Position {
    const { keys } = this.#options;
    const { sequence, hash } = position;
    const number = position.checkpoint + 1;
    const checkpoint = signCheckpoint('tail', { number, sequence, time, hash }, keys.privateKey);
    tx.trail.addCheckpoint(checkpoint);
    keys.saveHead(tx, checkpoint);
    return { ...position, checkpoint: number, segmentsSince: 0 };
  }

  #settle({ position, lost }: Kept): void {
    this.#waiting.truncate(0);
    this.#lost -= lost;
    this.#position = position;
    if (position.segmentsSince === 0) {
      this.#checkpointDue = false;
      this.#cancelCheckpoint?.();
      this.#cancelCheckpoint = undefined;
    } else this.#armCheckpoint();
    if (this.#problem) this.#options.log.info('audit records are stored again', { lost });
    this.#problem = undefined;
  }

  #arm(ms = flushTime): void {
    this.#cancelFlush ??= this.#options.clock.after(ms, () => {
      this.#cancelFlush = undefined;
      void this.#flushSoon();
    });
  }

  #armCheckpoint(): void {
    this.#cancelCheckpoint ??= this.#options.clock.after(checkpointTime, () => {
      this.#cancelCheckpoint = undefined;
      this.#checkpointDue = true;
      void this.#flushSoon();
    });
  }

  /** One at a time. What fails is tried again later. */
  async #flushSoon(): Promise<void> {
    if (this.#flushing) return;
    this.#flushing = true;
    try {
      await this.flush();
    } catch {
      this.#arm(retryTime);
    }
    this.#flushing = false;
  }

  #fail(error: unknown): void {
    const text = messageOf(error);
    if (!this.#problem) this.#options.log.error('audit records cannot be stored', { problem: text });
    this.#problem ??= { since: this.#options.clock.now(), text };
  }
}

const lossOf = (count: number): AuditEntry => ({
  ...serverEvent('audit.lost', { records: String(count) }),
  outcome: 'failed',
  reason: 'storage-full',
  problem: `${count} records of reads were not stored, because nothing could be`,
});

/**
 * Where the stored trail ends. One that was cut off behind its last checkpoint goes on behind that checkpoint, so that what
 * is missing stays missing: its numbers are not given again. So does one whose end cannot be read.
 */
const lastPosition = ({
  store,
  keys,
  log,
  damage,
}: AuditTrailOptions): { readonly position: Position; readonly endMissing?: number | undefined } => {
  const { trail } = store;
  const segment = damage.orElse(segments, segmentsMeaning, () => trail.segmentUpTo(Number.MAX_SAFE_INTEGER), undefined);
  const front = damage.orElse(checkpoints, checkpointsMeaning, () => trail.front(), undefined);
  const head = keys.head();
  const known = head === 'damaged' ? undefined : head;
  const last = damage.orElse(checkpoints, checkpointsMeaning, () => trail.lastCheckpoint(), undefined);
  const checkpoint = last ?? front ?? (damage.has(checkpoints) ? known : undefined);
  const sequence = segment ? Math.max(segment.first, segment.last) : (front?.sequence ?? 0);
  const end = { sequence, hash: segment?.hash ?? front?.hash ?? genesis };
  const number = checkpoint?.number ?? 0;
  const segmentsSince = end.sequence > (checkpoint?.sequence ?? 0) ? 1 : 0;
  if (head === 'damaged') log.error('what is known of the end of the audit trail is damaged');
  if (known === undefined || known.sequence <= end.sequence) {
    return { position: { ...end, checkpoint: number, segmentsSince }, endMissing: undefined };
  }
  const position = { sequence: known.sequence, hash: known.hash, checkpoint: known.number, segmentsSince: 0 };
  // Of what cannot be read nobody can say that it is missing.
  if (damage.has(segments)) return { position, endMissing: undefined };
  log.error('the end of the audit trail is missing', { last: end.sequence, expected: known.sequence });
  return { position, endMissing: known.sequence };
};

const segments = 'table audit_segment';
const segmentsMeaning = 'the end of the audit trail cannot be read, so no record of a change may be stored';
const checkpoints = 'table audit_checkpoint';
const checkpointsMeaning = 'what was signed of the audit trail cannot be read, so nothing more may be signed';
