// How far an update is, as a small file that whoever shows it reads again and again.

import { readFileSync } from 'node:fs';
import { EdgeError, type ErrorKind, errorKinds, messageOf } from '../errors.ts';
import { writeWhole } from '../whole-file.ts';
import type { Stage } from './install.ts';

export interface UpdateProgress {
  /** `trying`: this start is the trial of a new system. */
  readonly stage: 'idle' | 'fetching' | Stage | 'trying' | 'failed';
  readonly done: number;
  readonly total: number;
  /** What is being installed, once that is known. */
  readonly version?: string | undefined;
  readonly problem?:
    | { readonly kind: ErrorKind; readonly message: string; readonly hint?: string | undefined }
    | undefined;
}

export const idle: UpdateProgress = { stage: 'idle', done: 0, total: 0 };
const stages: ReadonlySet<unknown> = new Set<UpdateProgress['stage']>([
  'idle',
  'fetching',
  'checking',
  'writing',
  'verifying',
  'restarting',
  'trying',
  'failed',
]);

/** True while something is being done. */
export const isBusy = ({ stage }: UpdateProgress): boolean => stage !== 'idle' && stage !== 'failed';

/** Undefined where this is not the appliance. */
export const readProgress = (path: string): UpdateProgress | undefined => {
  try {
    const value = JSON.parse(readFileSync(path, 'utf8')) as UpdateProgress;
    return stages.has(value.stage) ? { ...idle, ...value } : idle;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : idle;
  }
};

export const failed = (error: unknown, version: string | undefined): UpdateProgress => {
  const kind: ErrorKind = error instanceof EdgeError && Object.hasOwn(errorKinds, error.kind) ? error.kind : 'internal';
  const hint = error instanceof EdgeError ? error.hint : undefined;
  return { stage: 'failed', done: 0, total: 0, version, problem: { kind, message: messageOf(error), hint } };
};

/** Writes at most some times a second, and always what begins something else. */
export const progressWriter = (path: string, now: () => number): ((progress: UpdateProgress) => void) => {
  let last = { stage: '', at: 0 };
  return (progress) => {
    if (progress.stage === last.stage && now() - last.at < 500 && progress.done < progress.total) return;
    last = { stage: progress.stage, at: now() };
    writeWhole(path, `${JSON.stringify(progress)}\n`, 0o644);
  };
};
