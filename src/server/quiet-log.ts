// Warnings that many peers can cause at once: each subject gets one line in a while, however often it happens.

import { LRUCache } from 'lru-cache';
import type { Log, LogFields } from '../log.ts';

/** How many subjects are remembered: a flood of new ones must not fill the memory. */
const remembered = 1000;

/** A warning about `subject`, at most one in `quietTime` milliseconds. */
export type QuietLog = (subject: string, event: string, fields: LogFields) => void;

export const createQuietLog = (log: Log, quietTime: number): QuietLog => {
  const recent = new LRUCache<string, true>({ max: remembered, ttl: quietTime });
  return (subject, event, fields) => {
    if (recent.has(subject)) return;
    recent.set(subject, true);
    log.warn(event, fields);
  };
};
