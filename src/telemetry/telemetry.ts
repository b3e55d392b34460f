// The part that watches the appliance: it samples at a fixed pace, keeps the last day and the alarms, and stores both every
// few minutes and at the end. Nothing here stands in the way of a request.

import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { type Alarm, AlarmBoard, type AlarmSource, type OnAlarm, type Since } from './alarms.ts';
import { History, minuteOf, oldestMinute, type StoredMinute, type Totals, type UpstreamSample } from './history.ts';
import { type KmipMeter, meaningOf } from './kmip-meter.ts';

/** Where the last day survives a restart. */
export interface TelemetryStorage {
  minutes(): readonly StoredMinute[];
  alarms(): Since;
  /** True after a change could not be stored, by whomever. */
  failing(): boolean;
  /** Makes it durable: these minutes, no minute before `oldest`, and these alarms in place of all others. */
  save(minutes: readonly StoredMinute[], oldest: number, alarms: Since): Promise<void>;
}

export interface TelemetryOptions {
  readonly meter: KmipMeter;
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: TelemetryStorage;
  /** How each instance's upstream is now. */
  readonly upstreams: () => readonly UpstreamSample[];
  readonly alarmSources: readonly AlarmSource[];
  readonly onAlarm?: OnAlarm | undefined;
}

/** From one look to the next, milliseconds. */
const pace = 15_000;
/** Looks from one time of storing to the next: five minutes. */
const looksPerSave = 20;

export class Telemetry {
  readonly meter: KmipMeter;
  readonly #options: TelemetryOptions;
  readonly #history: History;
  readonly #board: AlarmBoard;
  #cancel: Cancel = () => {};
  #looks = 0;
  /** The first minute that is not stored yet. */
  #unsaved: number;

  constructor(options: TelemetryOptions) {
    const { meter, clock, log, storage, alarmSources: sources } = options;
    this.#options = options;
    this.meter = meter;
    this.#history = new History(storage.minutes(), clock.now());
    this.#board = new AlarmBoard({
      sources,
      log,
      onChange: options.onAlarm,
      now: () => clock.now(),
      before: storage.alarms(),
    });
    this.#unsaved = minuteOf(clock.now());
  }

  /** Takes the first look, and goes on. */
  start(): void {
    this.#tick();
  }

  /** What an administrator has to look at now, the most serious first. */
  alarms(): readonly Alarm[] {
    return this.#board.look();
  }

  /** The last `hours` in steps of `minutes`, up to now. */
  history(hours: number, minutes: number): ReturnType<History['series']> {
    this.#sample([]);
    return this.#history.series(hours, minutes, this.#options.clock.now());
  }

  async close(): Promise<void> {
    this.#cancel();
    this.#sample([]);
    await this.#save();
  }

  #tick(): void {
    try {
      this.#sample(this.#options.upstreams());
      this.#board.look();
    } catch (error) {
      this.#options.log.error('telemetry not sampled', { problem: messageOf(error) });
    }
    this.#looks += 1;
    // A disk that was full is tried again soon: somebody has to find out that it has room.
    if (this.#looks % looksPerSave === 0 || this.#options.storage.failing()) void this.#save();
    this.#cancel = this.#options.clock.after(pace, () => this.#tick());
  }

  #sample(upstreams: readonly UpstreamSample[]): void {
    const now = this.#options.clock.now();
    // After the clock was set back, what is counted from now on lies before what was stored.
    this.#unsaved = Math.min(this.#unsaved, minuteOf(now));
    this.#history.add(totalsOf(this.meter), upstreams, now);
  }

  async #save(): Promise<void> {
    const { storage, clock, log } = this.#options;
    const now = clock.now();
    try {
      await storage.save(this.#history.stored(this.#unsaved), oldestMinute(now), this.#board.since());
      this.#unsaved = minuteOf(now);
    } catch (error) {
      log.warn('history not stored', { problem: messageOf(error) });
    }
  }
}

const totalsOf = (meter: KmipMeter): Totals => {
  const counts = { answered: 0, refused: 0, failed: 0 };
  for (const { result, count } of meter.counts()) counts[meaningOf(result)] += count;
  return { ...counts, ...meter.origins, latency: meter.fineLatency };
};
