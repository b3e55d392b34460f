// The one list of what an administrator has to look at. Whoever knows of trouble finds it; the board remembers since when,
// and tells the log once when an
// alarm appears or grows more serious, and once when it ends.

import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

export const severities = ['critical', 'warning', 'info'] as const;
export type Severity = (typeof severities)[number];

/** Something that is wrong now. */
export interface Finding {
  /** What kind of alarm, the same for as long as the program knows it: `certificate-ending`. */
  readonly name: string;
  /** The service instance, client or file that it is about; empty for the appliance as a whole. */
  readonly subject: string;
  readonly severity: Severity;
  readonly what: string;
  /** What to do, as a sentence. */
  readonly todo: string;
  readonly command?: string | undefined;
  /** The page's view where it is done. */
  readonly page?: string | undefined;
  /** Where the finder knows better than the board, milliseconds since 1970. */
  readonly since?: number | undefined;
}

export interface Alarm extends Finding {
  readonly since: number;
}

/** Tells what is wrong at the moment of the call; must be quick, and change nothing. */
export type AlarmSource = () => readonly Finding[];

/** Since when, by the alarm's key: what survives a restart. */
export type Since = readonly (readonly [key: string, since: number])[];

export type OnAlarm = (what: 'began' | 'ended', alarm: Finding) => void;

export interface AlarmBoardOptions {
  readonly sources: readonly AlarmSource[];
  readonly log: Log;
  /** Told as the log is: once when an alarm appears or grows more serious, and once when it ends. */
  readonly onChange?: OnAlarm | undefined;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** What the board knew before a restart. */
  readonly before?: Since;
}

/** A source with more than this has told enough. */
const mostAlarms = 1000;

export class AlarmBoard {
  readonly #options: AlarmBoardOptions;
  #alarms: ReadonlyMap<string, Alarm> = new Map();
  /** Counts for the first look alone: what has ended since then begins anew. */
  #before: ReadonlyMap<string, number>;

  constructor(options: AlarmBoardOptions) {
    this.#options = options;
    this.#before = new Map(options.before ?? []);
  }

  /** Asks every source; the most serious first, then the oldest. */
  look(): readonly Alarm[] {
    const found = this.#find();
    this.#tell(found);
    this.#alarms = found;
    this.#before = new Map();
    return [...found.values()].toSorted(
      (one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity) || one.since - other.since,
    );
  }

  /** Since when each alarm of the last look has been there. */
  since(): Since {
    return [...this.#alarms].map(([key, alarm]) => [key, alarm.since]);
  }

  #find(): ReadonlyMap<string, Alarm> {
    const { sources, now } = this.#options;
    const found = new Map<string, Alarm>();
    for (const finding of sources.flatMap((source) => this.#ask(source)).slice(0, mostAlarms)) {
      const key = keyOf(finding);
      const since = finding.since ?? this.#alarms.get(key)?.since ?? this.#before.get(key) ?? now();
      found.set(key, { ...finding, since });
    }
    return found;
  }

  /** A source that cannot tell must not silence the others. */
  #ask(source: AlarmSource): readonly Finding[] {
    try {
      return source();
    } catch (error) {
      const what = `the alarms cannot all be found: ${messageOf(error)}`;
      return [{ name: 'alarms-unknown', subject: '', severity: 'warning', what, todo: 'See the log.' }];
    }
  }

  #tell(found: ReadonlyMap<string, Alarm>): void {
    const { log } = this.#options;
    for (const [key, alarm] of found) {
      const { name, subject, severity, what, todo, command } = alarm;
      const before = this.#alarms.get(key)?.severity;
      if (before !== undefined && severities.indexOf(severity) >= severities.indexOf(before)) continue;
      const fields = { alarm: name, subject, severity, problem: what, hint: command ?? todo };
      this.#options.onChange?.('began', alarm);
      if (severity === 'info') log.info('alarm', fields);
      else log.warn('alarm', fields);
    }
    for (const [key, alarm] of this.#alarms) {
      if (found.has(key)) continue;
      this.#options.onChange?.('ended', alarm);
      log.info('alarm ended', { alarm: alarm.name, subject: alarm.subject });
    }
  }
}

const keyOf = ({ name, subject }: Finding): string => `${name} ${subject}`;
