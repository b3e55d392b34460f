// A log that keeps its lines, for tests that look at what an operator would read.

import type { Log, LogFields } from '../../src/log.ts';

export interface LogLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly fields: LogFields;
}

export interface MemoryLog extends Log {
  readonly lines: readonly LogLine[];
  /** What an operator should look at: warnings and errors. */
  readonly alarms: readonly LogLine[];
}

export const createMemoryLog = (): MemoryLog => {
  const lines: LogLine[] = [];
  const keep =
    (level: keyof Log) =>
    (event: string, fields: LogFields = {}): void =>
      void lines.push({ level, event, fields });
  return {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    lines,
    get alarms() {
      return lines.filter(({ level }) => level === 'warn' || level === 'error');
    },
  };
};
