// The audit trail as log lines: changes and refusals always, reads at debug level.

import type { AuditEntry, Recorder } from '../keys/ports.ts';
import type { Log } from '../log.ts';

const reads: ReadonlySet<string> = new Set(['Get', 'GetAttributes', 'GetAttributeList', 'Locate']);

/** Writes each entry to `log`. */
export const createLogRecorder = (log: Log): Recorder => ({
  record(entry: AuditEntry) {
    if (entry.refusal !== undefined) log.warn('operation refused', { ...entry });
    else if (reads.has(entry.operation)) log.debug('operation', { ...entry });
    else log.info('operation', { ...entry });
  },
});
