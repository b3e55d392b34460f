// Stored data that was found damaged and that no key depends on. It is left out, so that a start serves the keys all the
// same; the log says so once, and an alarm says so until the next start.

import { messageOf } from './errors.ts';
import type { Log } from './log.ts';

export interface DamagedPart {
  /** `table history`, `record machine`: as the database calls it. */
  readonly what: string;
  /** What is to be expected without it. */
  readonly meaning: string;
  readonly problem: string;
}

export class Damage {
  readonly #log: Log;
  readonly #parts = new Map<string, DamagedPart>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** What is left out now. */
  get parts(): readonly DamagedPart[] {
    return [...this.#parts.values()];
  }

  /** True while `what` is left out. */
  has(what: string): boolean {
    return this.#parts.has(what);
  }

  /** What `read` gives; where it throws, `instead`, and `what` is left out from now on. Not for what keys depend on. */
  orElse<T>(what: string, meaning: string, read: () => T, instead: T): T {
    try {
      return read();
    } catch (error) {
      const problem = messageOf(error);
      if (!this.#parts.has(what)) {
        const hint = "keys are served; 'kmip-edge doctor' examines the database, restore a backup when convenient";
        this.#log.error('stored data is damaged and left out', { damaged: what, problem, meaning, hint });
      }
      this.#parts.set(what, { what, meaning, problem });
      return instead;
    }
  }

  /** `what` was stored anew. */
  mended(what: string): void {
    this.#parts.delete(what);
  }
}
