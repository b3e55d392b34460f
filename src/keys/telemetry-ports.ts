// What telemetry keeps over a restart: a part of the store, as ports.ts has the rest.

/** A minute of the last day, as telemetry writes it. */
export interface HistoryMinute {
  /** Minutes since 1970. */
  readonly minute: number;
  readonly sample: string;
}

/** What telemetry keeps over a restart. */
export interface TelemetryReader {
  /** Oldest first. */
  minutes(): readonly HistoryMinute[];
  /** Since when (milliseconds since 1970) each alarm has been there. */
  alarms(): readonly (readonly [name: string, since: number])[];
}

export interface TelemetryWriter extends TelemetryReader {
  putMinute(minute: HistoryMinute): void;
  deleteMinutesBefore(minute: number): void;
  /** Replaces all. */
  setAlarms(alarms: readonly (readonly [name: string, since: number])[]): void;
}
