// The log as an interface of four levels. An event is a short constant text; what varies goes into fields, so that
// lines can be searched. Key bytes, API keys and passphrases never do.

import { type DestinationStream, pino } from 'pino';

export type LogFields = Readonly<Record<string, unknown>>;
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Log {
  debug(event: string, fields?: LogFields): void;
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
}

/** JSON lines on `destination` (default: standard error, so that standard output stays for the user). */
export const createLog = (level: LogLevel, destination?: DestinationStream): Log => {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
  };
};

/** For tests and tools that stay quiet. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
