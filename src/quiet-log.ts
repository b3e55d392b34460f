// Warnings that many peers can cause at once: each subject gets one line in a while, however often it happens, and all
// subjects together no more than so many, however many a peer makes up.

import type { Log, LogFields } from './log.ts';

/** The most subjects with a line of their own in one quiet time. */
const mostSubjects = 1000;

/** A warning about `subject`, at most one in `quietTime` milliseconds. */
export type QuietLog = (subject: string, event: string, fields: LogFields) => void;

/** `now` is the monotonic clock, milliseconds. */
export const createQuietLog = (log: Log, quietTime: number, now = () => performance.now()): QuietLog => {
  const until = new Map<string, number>();
  return (subject, event, fields) => {
    const time = now();
    if ((until.get(subject) ?? 0) > time) return;
    // In the order of their ends, because each is put at the end of the map.
    for (const [old, end] of until) {
      if (end > time) break;
      until.delete(old);
    }
    if (until.size >= mostSubjects) return;
    until.set(subject, time + quietTime);
    log.warn(event, fields);
  };
};
