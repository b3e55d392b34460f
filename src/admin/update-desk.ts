// Where an update comes in: takes a bundle up in pieces, looks who signed it, and asks the part of the appliance that may
// write to the system. Without an appliance around it there is nothing that it could ask.

import { createReadStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { type FileHandle, open, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { serverEvent } from '../audit/events.ts';
import type { AuditTrail } from '../audit/trail.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Log } from '../log.ts';
import { openBundle, readUpdateKeys } from '../update/bundle.ts';
import { readSmallFile } from '../update/files.ts';
import { type Look, readLook } from '../update/look-record.ts';
import { places } from '../update/places.ts';
import { idle, isBusy, readProgress, type UpdateProgress } from '../update/progress.ts';
import { bundleName, leaveRequest, requestName } from '../update/request.ts';
import { type UpdateRecord, UpdateState } from '../update/state.ts';
import { readUnattended, type Unattended } from '../update/unattended.ts';
import { writeWhole } from '../whole-file.ts';

export type UpdatePlaces = Readonly<Record<'fromServer' | 'state' | 'progress' | 'keys' | 'unattended', string>>;

export interface Upload {
  readonly received: number;
  readonly size: number;
}

/** What the data disk must have left, bytes: the database grows meanwhile. */
const spare = 64 * 1024 * 1024;
/** Says of which outcome the audit trail knows. */
const toldName = 'told';

export class UpdateDesk {
  readonly #places: UpdatePlaces;
  readonly #state: UpdateState;
  readonly #path: string;
  #upload: { readonly file: FileHandle; readonly size: number; received: number } | undefined;
  /** Pieces come one after another, even where they are sent at once. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(where: UpdatePlaces = places) {
    this.#places = where;
    this.#state = new UpdateState(where.state);
    this.#path = join(where.fromServer, bundleName);
  }

  /** Undefined where this is not the appliance. What was asked for and has not begun yet is told as being checked. */
  get progress(): UpdateProgress | undefined {
    const progress = readProgress(this.#places.progress);
    if (!progress || !existsSync(join(this.#places.fromServer, requestName))) return progress;
    return { ...idle, stage: 'checking' };
  }

  get record(): UpdateRecord {
    return this.#state.record();
  }

  /** Undefined where the appliance takes updates only from whoever hands them over. */
  get unattended(): Unattended | undefined {
    return readUnattended(this.#places.unattended);
  }

  /** How the last look for an update ended that nobody asked for. */
  get look(): Look | undefined {
    return readLook(this.#places.state);
  }

  get upload(): Upload | undefined {
    return this.#upload && { received: this.#upload.received, size: this.#upload.size };
  }

  /** Forgets what a server before this one had taken up, and tells once how the last update ended. Keys do not wait for it. */
  start(trail: Pick<AuditTrail, 'record'>, log: Log): void {
    try {
      if (this.progress) this.#tidyUp(trail);
    } catch (error) {
      log.error('what is left of an update could not be tidied up', { problem: messageOf(error) });
    }
  }

  #tidyUp(trail: Pick<AuditTrail, 'record'>): void {
    const { fromServer } = this.#places;
    mkdirSync(fromServer, { recursive: true, mode: 0o700 });
    if (!existsSync(join(fromServer, requestName))) rmSync(this.#path, { force: true });
    const { last } = this.record;
    const told = join(fromServer, toldName);
    if (!last || readSmallFile(told, 100) === last.at) return;
    const { kind, outcome, version, from, problem = '' } = last;
    trail.record(serverEvent(`update.${outcome}`, { kind, version, from, problem }));
    writeWhole(told, last.at, 0o600);
  }

  /** Begins anew. Throws `storage-full`, `feature-not-supported`, and `wrong-state` while an update is at work. */
  begin(size: number): Promise<Upload> {
    return this.#inTurn(async () => {
      this.#requireIdle();
      await this.#forget();
      const { fromServer } = this.#places;
      mkdirSync(fromServer, { recursive: true, mode: 0o700 });
      const { bavail, bsize } = await statfs(fromServer);
      if (bavail * bsize < size + spare) {
        throw new EdgeError('storage-full', `the data disk has ${bavail * bsize} bytes free, the update has ${size}`);
      }
      this.#upload = { file: await open(this.#path, 'w', 0o600), size, received: 0 };
      return { received: 0, size };
    });
  }

  /** Throws `wrong-state` for a piece that does not follow, `invalid-field` for one that is too long. */
  take(offset: number, bytes: Buffer): Promise<Upload> {
    return this.#inTurn(async () => {
      const upload = this.#upload ?? this.#nothing();
      const { file, size, received } = upload;
      if (offset !== received) {
        throw new EdgeError('wrong-state', `a piece begins at ${offset}, and ${received} bytes are there`);
      }
      if (bytes.length === 0 || received + bytes.length > size) {
        throw new EdgeError('invalid-field', `a piece of ${bytes.length} bytes is not what is left of ${size}`);
      }
      await file.write(bytes, 0, bytes.length, offset);
      upload.received += bytes.length;
      return { received: upload.received, size };
    });
  }

  /** Has what came up installed. Throws what the signature and the manifest are refused for. */
  apply(): Promise<void> {
    return this.#inTurn(async () => {
      this.#requireIdle();
      const { file, size, received } = this.#upload ?? this.#nothing();
      if (received !== size) throw new EdgeError('wrong-state', `${received} of ${size} bytes of the update are there`);
      await file.sync();
      await this.#requireSigned();
      await file.close();
      this.#upload = undefined;
      leaveRequest(this.#places.fromServer, { action: 'apply', file: this.#path });
    });
  }

  /** Has the system from before started. */
  return(): Promise<void> {
    return this.#inTurn(async () => {
      this.#requireIdle();
      leaveRequest(this.#places.fromServer, { action: 'return' });
    });
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    if (this.#upload) await this.#forget();
  }

  /** The part that installs looks again: this is to say at once what it would say later. */
  async #requireSigned(): Promise<void> {
    const keys = readUpdateKeys(readFileSync(this.#places.keys, 'utf8'));
    const bytes = createReadStream(this.#path);
    try {
      await openBundle(bytes as AsyncIterable<Buffer>, keys);
    } catch (error) {
      await this.#forget();
      throw error;
    } finally {
      bytes.destroy();
    }
  }

  #nothing(): never {
    throw new EdgeError('wrong-state', 'no update has come up', { hint: 'begin with POST /v1/update/upload' });
  }

  #requireIdle(): void {
    const { progress } = this;
    if (!progress) {
      throw new EdgeError('feature-not-supported', 'this is not the appliance, and cannot be updated from here', {
        hint: 'stop the service, install the new version in its place, and start it',
      });
    }
    if (isBusy(progress)) {
      throw new EdgeError('wrong-state', `an update is at work: ${progress.stage}`, {
        hint: 'wait until it has ended',
      });
    }
  }

  async #forget(): Promise<void> {
    await this.#upload?.file.close();
    this.#upload = undefined;
    rmSync(this.#path, { force: true });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(act, act);
    this.#turn = next.catch(() => undefined);
    return next;
  }
}
