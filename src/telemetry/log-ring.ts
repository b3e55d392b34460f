// The last lines of the log in memory, for the support bundle: what is told has passed redact.ts. That is done when they are
// asked for, because a client's Create waits for its line here. Debug lines are not kept: there is one for each Get.

import type { Log, LogFields } from '../log.ts';
import { redactFields } from './redact.ts';

/** Lines. */
const capacity = 1000;

export interface LogRing {
  /** Writes to the log that was given, and remembers. */
  readonly log: Log;
  /** Oldest first, each as JSON. */
  lines(): readonly string[];
}

interface Line {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly level: string;
  readonly event: string;
  readonly fields: LogFields;
}

const told = ({ time, level, event, fields }: Line): string =>
  JSON.stringify({ time: new Date(time).toISOString(), level, event, ...redactFields(fields) });

/** `now` is milliseconds since 1970. */
export const createLogRing = (log: Log, now: () => number, maximum = capacity): LogRing => {
  const kept: Line[] = [];
  let oldest = 0;
  const keep = (level: string, event: string, fields: LogFields = {}): void => {
    const line = { time: now(), level, event, fields };
    if (kept.length < maximum) kept.push(line);
    else {
      kept[oldest] = line;
      oldest = (oldest + 1) % maximum;
    }
  };
  return {
    log: {
      debug: (event, fields) => log.debug(event, fields),
      info(event, fields) {
        keep('info', event, fields);
        log.info(event, fields);
      },
      warn(event, fields) {
        keep('warn', event, fields);
        log.warn(event, fields);
      },
      error(event, fields) {
        keep('error', event, fields);
        log.error(event, fields);
      },
    },
    lines: () => [...kept.slice(oldest), ...kept.slice(0, oldest)].map(told),
  };
};
