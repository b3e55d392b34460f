// What clients do as log lines: changes and refusals always, reads at debug level. A client that asks for objects that are
// not there can do so as fast as it likes, and gets one line in a while.

import type { AuditEntry, Recorder } from '../keys/audit-ports.ts';
import type { Log } from '../log.ts';
import { createQuietLog } from '../quiet-log.ts';

const reads: ReadonlySet<string> = new Set([
  ...['Get', 'GetAttributes', 'GetAttributeList', 'Locate'],
  ...['Check', 'ObtainLease', 'Export'],
]);
/** Between two log lines about what one client did not find, milliseconds. */
const quietTime = 10_000;

/** Writes each entry to `log`. */
export const createLogRecorder = (log: Log): Recorder => {
  const quiet = createQuietLog(log, quietTime);
  return {
    record(entry: AuditEntry) {
      const { by, fingerprint, name, outcome, reason } = entry;
      if (by !== 'client') return;
      if (outcome === 'success') {
        if (reads.has(entry.operation)) log.debug('operation', { ...entry });
        else log.info('operation', { ...entry });
      } else if (reason === 'item-not-found') quiet(fingerprint ?? name, `operation ${outcome}`, { ...entry });
      else log.warn(`operation ${outcome}`, { ...entry });
    },
  };
};
