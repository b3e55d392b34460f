// Whether the database is sound as a whole. A running server's database is looked at as a copy, so that no request waits.

import { execFile } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { childEnvironment } from '../../child-environment.ts';
import { spareRoom } from '../../spare-room.ts';
import { type Answer, notChecked, problem, well } from './result.ts';

/** What is in a database that was looked at. */
export interface DatabaseReport {
  /** Somebody else has it open. */
  readonly busy?: boolean;
  readonly problems: readonly string[];
  readonly upstreams: readonly { readonly instance: string; readonly kind: string; readonly settings: unknown }[];
  /** The kinds of ways to open the storage key. */
  readonly slots: readonly string[];
}

const program = join(import.meta.dirname, 'database-report.ts');
/** Milliseconds that somebody waits for, and that a backup takes at most: about 0.6 s for 200,000 keys. */
const longest = 90_000;
const longestUnattended = 3_600_000;
const largestOutput = 4 * 1024 * 1024;

interface Looking {
  /** Milliseconds. */
  readonly timeout: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** Looks at the database at `path`, which nobody may write to meanwhile. Throws where it takes too long. */
export const reportOf = async (path: string, looking: Looking = { timeout: longest }): Promise<DatabaseReport> => {
  const options = { ...looking, maxBuffer: largestOutput, env: childEnvironment() };
  const running = promisify(execFile)(process.execPath, [program, path], options);
  yieldToOthers(running.child.pid);
  const { stdout } = await running;
  const read = JSON.parse(stdout) as Partial<Record<keyof DatabaseReport, unknown>>;
  return {
    ...(read.busy === true ? { busy: true } : {}),
    problems: texts(read.problems),
    upstreams: Array.isArray(read.upstreams) ? read.upstreams.flatMap(readUpstream) : [],
    slots: texts(read.slots),
  };
};

/** Nobody's key waits for it. Where the service may not set priorities, the processors are shared as they are. */
const yieldToOthers = (pid: number | undefined): void => {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended already, or the system call is refused.
  }
};

/**
 * What is wrong with a snapshot of the database, however long that takes. Throws where it could not be looked at, and when
 * `signal` ends it.
 */
export const snapshotProblems = async (path: string, signal: AbortSignal): Promise<readonly string[]> => {
  const { busy, problems } = await reportOf(path, { timeout: longestUnattended, signal });
  if (busy) throw new Error('somebody else has the snapshot open');
  return problems;
};

const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(String) : []);

const readUpstream = (row: Readonly<Record<string, unknown>>): DatabaseReport['upstreams'] => {
  const { instance, kind, settings } = row;
  return [{ instance: String(instance), kind: String(kind), settings: JSON.parse(String(settings)) as unknown }];
};

/** What the report says, as the answer of a check. */
export const answerOf = ({ problems, busy }: DatabaseReport): Answer => {
  if (busy) return notChecked('the database is in use by a server that does not answer');
  const [first] = problems;
  if (first === undefined) return well('the database is sound');
  return problem(`the database is damaged: ${first}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}`, {
    todo: 'Stop the server, keep a copy of the data directory, and restore the last good backup into an empty one.',
    command: 'kmip-edge restore FILE --data EMPTY-DIRECTORY',
  });
};

export interface LiveDatabase {
  /** Path of the database, and of the copy that is made and removed again. */
  readonly path: string;
  readonly copy: string;
  readonly snapshot: (path: string) => Promise<unknown>;
  /** Overwrites and removes a file. */
  readonly wipe: (path: string) => Promise<void>;
  /** Free bytes on the disk. */
  readonly free: () => number;
}

const mebibyte = 1024 * 1024;
/** A larger one would take longer than anybody waits for. */
const largest = 4096 * mebibyte;

/** Looks at a copy of a database that is in use. */
export const examineLive = async ({ path, copy, snapshot, wipe, free }: LiveDatabase): Promise<Answer> => {
  const { size } = statSync(path);
  if (size > largest) return notChecked(`the database has ${Math.round(size / mebibyte)} MiB: too much to be copied`);
  if (free() < 2 * size + spareRoom) return notChecked('there is no room on the disk for a copy of the database');
  try {
    await removeCopy(copy, wipe);
    await snapshot(copy);
    return answerOf(await reportOf(copy));
  } finally {
    await removeCopy(copy, wipe);
  }
};

/** The copy holds sealed keys, which must not outlive their erasure in the database. */
export const removeCopy = async (copy: string, wipe: (path: string) => Promise<void>): Promise<void> => {
  for (const end of ['', '-wal', '-shm', '-journal']) if (existsSync(copy + end)) await wipe(copy + end);
};
