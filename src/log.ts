// The log as an interface of four levels. An event is a short constant text; what varies goes into fields, so that
// lines can be searched. Key bytes, API keys and passphrases never do. A log never throws: lines that cannot be written
// wait for the next one, and are dropped where too many wait.

import { type DestinationStream, pino } from 'pino';

export type LogFields = Readonly<Record<string, unknown>>;
export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Of lines that wait for a full disk to get room, bytes. */
const longestWait = 1024 * 1024;
/** Of lines that are written together, characters. */
const gathered = 4096;
/** Milliseconds. */
const longestGathering = 100;

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
    destination ?? standardError(),
  );
  return {
    debug: (event, fields = {}) => logger.debug(fields, event),
    info: (event, fields = {}) => logger.info(fields, event),
    warn(event, fields = {}) {
      logger.warn(fields, event);
      logger.flush();
    },
    error(event, fields = {}) {
      logger.error(fields, event);
      logger.flush();
    },
  };
};

/**
 * Lines are gathered for a moment: whoever reads them is woken for each write, which costs a busy server more than the
 * lines do. A warning is written at once, and all there is with it, and so it is when the process ends.
 */
const standardError = (): DestinationStream & { flush(): void } => {
  const destination = pino.destination({ dest: 2, sync: true, maxLength: longestWait });
  // Without a listener the error would be thrown out of the call that logs, and end the process.
  destination.on('error', () => {});
  let lines = '';
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (lines !== '') destination.write(lines);
    lines = '';
  };
  process.once('exit', flush);
  return {
    write(line) {
      lines += line;
      if (lines.length >= gathered) flush();
      else timer ??= setTimeout(flush, longestGathering).unref();
    },
    flush,
  };
};

/** For tests and tools that stay quiet. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
