// What every part of the bench works with: a directory, servers and workers that go with it, and figures as results.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Daemon, startDaemon } from '../kit/daemon.ts';
import type { Load } from './load-client.ts';
import { Worker } from './process.ts';

/** One line of the table. */
export interface Figure {
  readonly name: string;
  readonly measured: string;
  /** What it is compared with. */
  readonly bare?: string;
  readonly target?: string;
  /** The figure as a part of its target: 1 just meets it. Absent: there is no target. */
  readonly ofTarget?: number;
}

/** How long a comparison takes, milliseconds: it is bounded by time, whatever the machine. */
export interface Pace {
  /** What one side runs for at least before its first round; twice as long at most. */
  readonly warmUp: number;
  /** What one side runs for in one round. */
  readonly slice: number;
  readonly rounds: number;
}

const fullPace: Pace = { warmUp: 3000, slice: 1000, rounds: 9 };
const quickPace: Pace = { warmUp: 750, slice: 250, rounds: 5 };

export class Bench {
  /** Fewer and shorter rounds, and fewer keys. */
  readonly quick: boolean;
  readonly pace: Pace;
  readonly #directory = mkdtempSync(join(tmpdir(), 'kmip-edge-bench-'));
  readonly #endings: (() => void)[] = [];
  #directories = 0;

  constructor(quick: boolean) {
    this.quick = quick;
    this.pace = quick ? quickPace : fullPace;
    // An interrupted bench leaves nothing behind either.
    process.once('exit', () => this.close());
  }

  progress(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  defer(end: () => void): void {
    this.#endings.push(end);
  }

  /** An empty data directory. */
  directory(): string {
    this.#directories++;
    return join(this.#directory, `data-${this.#directories}`);
  }

  /** The server as a user starts it. */
  daemon(dataDirectory: string, extra: readonly string[] = []): Promise<Daemon> {
    return startDaemon({ teardown: (end) => this.defer(() => void end()) }, dataDirectory, extra);
  }

  worker<Question extends object, Answer>(script: string): Worker<Question, Answer> {
    const worker = new Worker<Question, Answer>(script);
    this.defer(() => worker.end());
    return worker;
  }

  /** Answers when the load has been carried. */
  loadClient(): Worker<Load, number> {
    return this.worker('load-client.ts');
  }

  /** Ends every process and removes every file; harmless twice. */
  close(): void {
    for (const end of this.#endings.splice(0).reverse()) end();
    // A process that was just killed may still be making a file.
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** A part of the bench, by the name that --only takes. */
export type Part = (bench: Bench) => Promise<readonly Figure[]>;

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
};

/** `1,234` or `12.3`: three digits that mean something. */
export const number = (value: number): string =>
  (value >= 1000 ? Math.round(value) : value).toLocaleString('en', value < 1000 ? { maximumSignificantDigits: 3 } : {});

export const microseconds = (value: number): string => `${number(value)} µs`;
