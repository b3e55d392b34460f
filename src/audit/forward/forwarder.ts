// Sends the audit trail to a syslog collector. The trail itself is the queue, and how far the collector has it is stored
// with it: whatever happens, each record arrives at least once. It is bounded by how far the collector may be behind; what
// is beyond that is left out, and the trail and an alarm say so.

import type { Cancel, Clock } from '../../clock.ts';
import type { Damage } from '../../damage.ts';
import { messageOf } from '../../errors.ts';
import type { Forwarded } from '../../keys/audit-ports.ts';
import type { Store } from '../../keys/ports.ts';
import type { Log } from '../../log.ts';
import { checkpointText } from '../chain/checkpoint.ts';
import { serverEvent } from '../events.ts';
import { searchTrail } from '../search.ts';
import type { AuditTrail } from '../trail.ts';
import { type CollectorAddress, CollectorConnection, type CollectorTimes, usualTimes } from './connection.ts';
import { checkpointMessage, type Origin, recordMessage } from './message.ts';

export interface ForwarderOptions {
  readonly store: Store;
  readonly trail: Pick<AuditTrail, 'last' | 'record'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
  readonly collector: () => CollectorAddress;
  readonly origin: Origin;
  /** The most records that the collector may be behind. */
  readonly maximumBehind: number;
  readonly times?: CollectorTimes;
  /** From 0 to below 1. */
  readonly random?: () => number;
}

export interface ForwarderState {
  /** The last record that the collector is known to have. */
  readonly sequence: number;
  readonly behind: number;
  readonly problem?: { readonly since: number; readonly text: string };
  /** The last gap since the start. */
  readonly gap?: { readonly from: number; readonly to: number };
}

/** Milliseconds from one look for new records to the next. */
const lookTime = 1000;
/** A connection is ended, and so proved, after so many records, or once it was held long enough. */
const mostInOne = 20_000;
const atOnce = 2000;
/** Milliseconds of silence before a connection is ended. */
const quietTime = 500;
const longestFarewell = 3000;
const firstPause = 1000;
const longestPause = 60_000;

export class Forwarder {
  readonly #options: ForwarderOptions;
  #confirmed: Forwarded;
  #problem: { readonly since: number; readonly text: string } | undefined;
  #gap: { readonly from: number; readonly to: number } | undefined;
  #failures = 0;
  #closed = false;
  #connection: CollectorConnection | undefined;
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => {};

  constructor(options: ForwarderOptions) {
    this.#options = options;
    const { store, damage } = options;
    const meaning = 'the collector is sent audit records again that it has already';
    const forwarded = damage.orElse('table audit_forwarded', meaning, () => store.trail.forwarded(), undefined);
    this.#confirmed = forwarded ?? { sequence: 0, checkpoint: 0 };
  }

  get state(): ForwarderState {
    const { sequence } = this.#confirmed;
    return {
      sequence,
      behind: Math.max(0, this.#options.trail.last - sequence),
      ...(this.#problem ? { problem: this.#problem } : {}),
      ...(this.#gap ? { gap: this.#gap } : {}),
    };
  }

  /** Where the records go. Throws where the file with its authority cannot be read. */
  get collector(): CollectorAddress {
    return this.#options.collector();
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    // What the collector has already is proved by an end in peace, if it takes no longer than that.
    const timer = setTimeout(() => this.#connection?.destroy(), longestFarewell);
    await this.#running;
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (!this.#closed) {
      const before = this.#confirmed.sequence;
      try {
        await this.#leaveOut();
        if (this.#hasMore(this.#confirmed)) await this.#converse();
        this.#failures = 0;
        if (this.#problem) this.#options.log.info('the audit trail is forwarded again', {});
        this.#problem = undefined;
      } catch (error) {
        this.#fail(error);
      }
      const moved = this.#confirmed.sequence > before && this.#problem === undefined;
      await this.#pause(moved && this.#hasMore(this.#confirmed) ? 0 : this.#pauseTime());
    }
  }

  /** One connection, from its handshake to the end that proves what it carried. */
  async #converse(): Promise<void> {
    const { store, clock, collector, times = usualTimes } = this.#options;
    const connection = await CollectorConnection.open(collector(), times);
    this.#connection = connection;
    const until = clock.monotonic() + times.hold;
    let sent = this.#confirmed;
    try {
      while (!this.#closed && clock.monotonic() < until && sent.sequence - this.#confirmed.sequence < mostInOne) {
        const next = await this.#sendFrom(connection, sent);
        // What comes within the time of this connection goes with it.
        if (next.sequence === sent.sequence && next.checkpoint === sent.checkpoint) await this.#pause(lookTime);
        sent = next;
      }
      // A collector that goes down by itself is noticed before its end could be taken for the answer to ours.
      await this.#pause(quietTime);
      await connection.end();
    } finally {
      this.#connection = undefined;
      connection.destroy();
    }
    await store.write(({ trail }) => trail.setForwarded(sent));
    this.#confirmed = sent;
  }

  async #sendFrom(connection: CollectorConnection, from: Forwarded): Promise<Forwarded> {
    const { store, origin } = this.#options;
    const { records } = await searchTrail(store.trail, {}, { after: from.sequence, limit: atOnce });
    const sequence = records.at(-1)?.sequence ?? from.sequence;
    const checkpoints = store.trail
      .checkpoints(from.checkpoint, 100)
      .filter((checkpoint) => checkpoint.sequence <= sequence);
    await connection.send([
      ...records.map((record) => recordMessage(record, origin)),
      ...checkpoints.map((checkpoint) => checkpointMessage(checkpointText(checkpoint), origin)),
    ]);
    return { sequence, checkpoint: checkpoints.at(-1)?.number ?? from.checkpoint };
  }

  /** Skips what is too far behind, or was dropped from the trail before it was forwarded. */
  async #leaveOut(): Promise<void> {
    const { store, trail, maximumBehind, log } = this.#options;
    const { sequence } = this.#confirmed;
    const start = Math.max(store.trail.front()?.sequence ?? 0, trail.last - maximumBehind);
    if (start <= sequence) return;
    const gap = { from: sequence + 1, to: start };
    const subject = { from: String(gap.from), to: String(gap.to) };
    await store.write((tx) => {
      tx.trail.setForwarded({ ...this.#confirmed, sequence: start });
      tx.audit.record({ ...serverEvent('audit.not-forwarded', subject), outcome: 'failed' });
    });
    this.#confirmed = { ...this.#confirmed, sequence: start };
    this.#gap = gap;
    log.error('audit records were not forwarded: the collector was too far behind', gap);
  }

  #hasMore({ sequence }: Forwarded): boolean {
    return this.#options.trail.last > sequence;
  }

  #pauseTime(): number {
    if (this.#failures === 0) return lookTime;
    const { random = Math.random } = this.#options;
    return Math.min(longestPause, firstPause * 2 ** (this.#failures - 1)) * (0.5 + random() / 2);
  }

  #fail(error: unknown): void {
    if (this.#closed) return;
    const text = messageOf(error);
    this.#failures = Math.min(this.#failures + 1, 10);
    if (this.#problem?.text !== text) this.#options.log.warn('the audit trail is not forwarded', { problem: text });
    this.#problem = { since: this.#problem?.since ?? this.#options.clock.now(), text };
  }

  #pause(ms: number): Promise<void> {
    if (this.#closed || ms === 0) return Promise.resolve();
    return new Promise((resolve) => {
      let cancel: Cancel = () => {};
      const done = (): void => {
        cancel();
        resolve();
      };
      this.#wake = done;
      cancel = this.#options.clock.after(ms, done);
    });
  }
}
