// Tells systemd how the service is: ready, what it does, still alive, reading its settings anew, stopping (sd_notify(3)).
// Node has no datagram sockets of the Unix kind, so the program systemd-notify sends for us; the package of that name on npm
// runs the same program, and knows fewer of its states. The sign of life comes from a timer of the event loop: a loop that
// hangs sends none, and systemd starts the service anew.

import { execFile } from 'node:child_process';
import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';

export interface ServiceManagerOptions {
  /** NOTIFY_SOCKET and WATCHDOG_USEC are looked up here; without the first, nothing is ever sent. */
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ServiceManager {
  /**
   * The start is over: systemd is told, and from now on that we live. `status` is one line about how it is, asked for with
   * each sign of life. To be told again when that changes for good.
   */
  ready(status: () => string): Promise<void>;
  /** Runs `work` while systemd knows that the settings are read anew; throws what it throws. */
  reload(work: () => Promise<void>): Promise<void>;
  /** The end has begun. */
  close(): Promise<void>;
}

const program = 'systemd-notify';
/** A notification that hangs is given up, milliseconds. */
const patience = 10_000;
const longestStatus = 200;

/** Where no service manager listens, what this gives does nothing. */
export const createServiceManager = (options: ServiceManagerOptions): ServiceManager => {
  const { environment, log, clock } = options;
  if (!environment['NOTIFY_SOCKET']) {
    return { ready: async () => {}, reload: (work) => work(), close: async () => {} };
  }
  let beat: Cancel | undefined;
  let status = (): string => '';
  const tell = (...states: readonly string[]): Promise<void> =>
    send(environment, states).catch((error: unknown) =>
      log.warn('systemd was not told', { states: states.join(' '), problem: messageOf(error) }),
    );
  const interval = beatInterval(environment);
  const statusLine = (): string => `STATUS=${status().replaceAll(/\s+/g, ' ').slice(0, longestStatus)}`;
  const next = (): void => {
    if (interval === undefined) return;
    beat = clock.after(interval, () => {
      void tell('WATCHDOG=1', statusLine());
      next();
    });
  };
  return {
    async ready(how) {
      status = how;
      beat?.();
      await tell('READY=1', statusLine());
      next();
    },
    async reload(work) {
      await tell('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
      try {
        await work();
      } finally {
        await tell('READY=1', statusLine());
      }
    },
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
