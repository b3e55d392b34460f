// Whether the machine's clock was set by a time server since the start of the machine. Leases are judged by the clock, so
// the start waits for that a little; not for long, because hosts that boot need their keys, with or without a time server.
// Asked is chrony, where the environment says that it is there.

import { execFile } from 'node:child_process';
import { uptime } from 'node:os';
import type { Cancel, Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Finding } from './alarms.ts';

export interface ClockCheckOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether the clock follows a time server now. Default: what chronyc says. */
  readonly ask?: () => Promise<boolean>;
  /** Seconds since the start of the machine. */
  readonly uptime?: () => number;
}

/** How long the start waits, and how long between two questions then and afterwards, milliseconds. */
const limits = { wait: 20_000, soon: 1000, later: 60_000 } as const;
/** A machine that has been up for so long, seconds, has the time it will get: a server that is started anew does not wait. */
const settled = 300;

export class ClockCheck {
  readonly #options: ClockCheckOptions;
  readonly #ask: () => Promise<boolean>;
  #state: 'not-asked' | 'unchecked' | 'checked' = 'not-asked';
  #cancel: Cancel = () => {};
  #alive: NodeJS.Timeout | undefined;

  constructor(options: ClockCheckOptions) {
    this.#options = options;
    this.#ask = options.ask ?? (() => askChrony(options.environment));
  }

  /** Resolves when the clock was checked, or after 20 s without that; at once where nobody can be asked, or the machine has been up. */
  async wait(): Promise<void> {
    const { environment, clock } = this.#options;
    if (environment['KMIP_EDGE_CLOCK'] !== 'chrony') return;
    const { uptime: seconds = uptime } = this.#options;
    const longest = seconds() < settled ? limits.wait : 0;
    // The timers of the clock alone do not keep the process alive, and nothing is listened on yet.
    this.#alive = setInterval(() => {}, limits.wait);
    try {
      await this.#waitAtMost(clock.monotonic() + longest);
    } finally {
      clearInterval(this.#alive);
    }
  }

  async #waitAtMost(end: number): Promise<void> {
    const { clock, log } = this.#options;
    while (!(await this.#look())) {
      if (clock.monotonic() >= end) {
        log.warn('the clock was not checked: no time server has answered yet');
        this.#lookLater();
        return;
      }
      await new Promise<void>((resolve) => {
        clock.after(limits.soon, resolve);
      });
    }
  }

  /** False where a time server should have set the clock by now and has not: what is deleted by age then had better wait. */
  get isTrusted(): boolean {
    return this.#state !== 'unchecked';
  }

  /** A source of alarms. */
  alarms(): readonly Finding[] {
    if (this.#state !== 'unchecked') return [];
    const what = 'the clock was not checked since the start: no time server has answered';
    const todo = 'Make a time server reachable, or name another one: leases and certificates depend on the time.';
    const about = { subject: '', severity: 'warning', page: 'appliance', command: 'chronyc sources' } as const;
    return [{ ...about, name: 'clock-unchecked', what, todo }];
  }

  close(): void {
    // A start that broke off meanwhile ends the process, which must not wait for the clock.
    clearInterval(this.#alive);
    this.#cancel();
  }

  async #look(): Promise<boolean> {
    const isChecked = await this.#ask().catch((error: unknown) => {
      this.#options.log.debug('chrony does not answer', { problem: messageOf(error) });
      return false;
    });
    this.#state = isChecked ? 'checked' : 'unchecked';
    return isChecked;
  }

  #lookLater(): void {
    this.#cancel = this.#options.clock.after(limits.later, () => {
      void this.#look().then((isChecked) => (isChecked ? undefined : this.#lookLater()));
    });
  }
}

/** The last field of chronyc's report is the leap status (chronyc(1), tracking). */
const askChrony = (environment: NodeJS.ProcessEnv): Promise<boolean> =>
  new Promise((resolve, reject) => {
    execFile('chronyc', ['-n', '-c', 'tracking'], { env: environment, timeout: 5000 }, (error, stdout) => {
      if (error) reject(error);
      else resolve(['Normal', 'Insert second', 'Delete second'].includes(stdout.trim().split(',').at(-1) ?? ''));
    });
  });
