// Tells systemd how the service is: ready, what it does, still alive, stopping (sd_notify(3)). Node has no datagram
// sockets of the Unix kind, so the program systemd-notify sends for us. The sign of life comes from a timer of the event
// loop: a loop that hangs sends none, and systemd starts the service anew.

import { execFile } from 'node:child_process';
import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET and WATCHDOG_USEC are looked up here; without the first, nothing is ever sent. */
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Log;
  /** One line about how it is, asked for with each sign of life. */
  readonly status: () => string;
}

export interface ServiceManager {
  /** The end has begun. */
  close(): Promise<void>;
}

const program = 'systemd-notify';
/** A notification that hangs is given up, milliseconds. */
const patience = 10_000;
const longestStatus = 200;

/** Everything is started: tells systemd, and from now on that we live. Where no service manager listens, does nothing. */
export const tellReady = async (options: ServiceManagerOptions): Promise<ServiceManager> => {
  const { environment, log } = options;
  if (!environment['NOTIFY_SOCKET']) return { close: async () => {} };
  let beat: Cancel | undefined;
  const tell = (...states: readonly string[]): Promise<void> =>
    send(environment, states).catch((error: unknown) =>
      log.warn('systemd was not told', { states: states.join(' '), problem: messageOf(error) }),
    );
  const interval = beatInterval(environment);
  const status = (): string => `STATUS=${options.status().replaceAll(/\s+/g, ' ').slice(0, longestStatus)}`;
  const next = (): void => {
    if (interval === undefined) return;
    beat = options.clock.after(interval, () => {
      void tell('WATCHDOG=1', status());
      next();
    });
  };
  await tell('READY=1', status());
  next();
  return {
    async close() {
      beat?.();
      await tell('STOPPING=1', 'STATUS=stopping');
    },
  };
};

/** Milliseconds between two signs of life: a third of what systemd allows; undefined where it does not wait for any. */
const beatInterval = (environment: NodeJS.ProcessEnv): number | undefined => {
  const { WATCHDOG_USEC: text, WATCHDOG_PID: pid } = environment;
  if (pid !== undefined && pid !== String(process.pid)) return undefined;
  const microseconds = Number(text);
  return microseconds > 0 ? Math.max(1, Math.floor(microseconds / 3000)) : undefined;
};

const send = (environment: NodeJS.ProcessEnv, states: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const args = [`--pid=${process.pid}`, ...states];
    execFile(program, args, { env: environment, timeout: patience }, (error) => (error ? reject(error) : resolve()));
  });
