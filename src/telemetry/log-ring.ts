// The last lines of the log in memory, for the support bundle: what is told there has passed redact.ts, and nothing else is
// kept. Debug lines are not: there is one for each Get.

import type { Log, LogFields } from '../log.ts';
import { redactFields } from './redact.ts';

/** Characters that are kept in all. */
const capacity = 256 * 1024;

export interface LogRing {
  /** Writes to the log that was given, and remembers. */
  readonly log: Log;
  /** Oldest first, each as JSON. */
  lines(): readonly string[];
}

/** `now` is milliseconds since 1970. */
export const createLogRing = (log: Log, now: () => number, maximum = capacity): LogRing => {
  const lines: string[] = [];
  let size = 0;
  const keep = (level: string, event: string, fields: LogFields | undefined): void => {
    const line = JSON.stringify({ time: new Date(now()).toISOString(), level, event, ...redactFields(fields ?? {}) });
    lines.push(line);
    size += line.length;
    while (size > maximum && lines.length > 0) size -= lines.shift()?.length ?? 0;
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
    lines: () => [...lines],
  };
};
