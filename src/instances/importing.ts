// Brings the keys of a recovery export into a service instance, with the identifiers and attributes that they had: each is
// wrapped by the root key of that instance and proved to open. The file is read twice: only at its end is it known to be
// whole, and nothing is taken in before. What was cut short is gone on with by importing the file again.

import { type AgeKey, decrypted } from '../backup/age.ts';
import { fileContent } from '../backup/age-file.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { KeptAttribute, ManagedObject } from '../keys/object.ts';
import type { Store } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import { type ExportedKey, type ExportHeader, longestLine, readLine } from './key-lines.ts';
import { requireActive } from './life.ts';
import type { InstanceRegistry } from './registry.ts';

export interface ImportingParts {
  readonly registry: InstanceRegistry;
  readonly store: Store;
  readonly log: Log;
}

export interface ImportState {
  /** Counts from 1 since the start of the server. */
  readonly id: number;
  readonly instance: string;
  readonly running: boolean;
  /** Keys in the file; 0 until it was read once. */
  readonly total: number;
  readonly imported: number;
  /** That were there already, from an import that was cut short. */
  readonly present: number;
  readonly problem?: EdgeError;
}

/** Keys that are wrapped at the same time, and stored together. */
const atOnce = 8;

export class Importing {
  readonly #parts: ImportingParts;
  #state: ImportState | undefined;
  #ended: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: ImportingParts) {
    this.#parts = parts;
  }

  /** The one that runs, or the last one. */
  get state(): ImportState | undefined {
    return this.#state;
  }

  /** Stops between two keys; what is taken in stays. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#ended;
  }

  /**
   * Begins to import the file at `path` into the instance `name`. Throws `item-not-found`, `suspended`, and
   * `illegal-operation` while another import runs; everything else is in the state at the end.
   */
  begin(name: string, path: string, key: AgeKey): ImportState {
    const instance = this.#parts.registry.instanceNamed(name);
    requireActive(instance);
    if (this.#state?.running) {
      throw new EdgeError('illegal-operation', `an import into '${this.#state.instance}' is running`, {
        hint: 'wait until it is done',
      });
    }
    const id = (this.#state?.id ?? 0) + 1;
    const begun = { id, instance: name, running: true, total: 0, imported: 0, present: 0 };
    this.#state = begun;
    this.#ended = this.#run(begun, instance, path, key);
    return begun;
  }

  async #run(begun: ImportState, instance: ServiceInstance, path: string, key: AgeKey): Promise<void> {
    const { log } = this.#parts;
    let state = begun;
    const note = (change: Partial<ImportState>): void => {
      state = { ...state, ...change };
      this.#state = state;
    };
    try {
      const { header, total } = await this.#check(instance, path, key);
      note({ total });
      log.info('keys are imported', { instance: instance.name, from: header.instance, keys: total });
      for await (const keys of inGroups(keysIn(path, key))) {
        if (this.#closed) throw new EdgeError('not-ready', 'the server is ending: import the file again');
        const imported = await this.#takeIn(instance, keys);
        note({ imported: state.imported + imported, present: state.present + keys.length - imported });
      }
      log.info('keys were imported', { instance: instance.name, imported: state.imported, present: state.present });
      note({ running: false });
    } catch (error) {
      log.warn('an import ended early', { instance: instance.name, problem: messageOf(error) });
      const problem =
        error instanceof EdgeError ? error : new EdgeError('internal', 'the import failed', { cause: error });
      note({ running: false, problem });
    }
  }

  /** Reads the whole file, and looks whether every identifier is free or this instance's own. */
  async #check(
    instance: ServiceInstance,
    path: string,
    key: AgeKey,
  ): Promise<{ readonly header: ExportHeader; readonly total: number }> {
    let header: ExportHeader | undefined;
    let total = 0;
    let end: number | undefined;
    let taken: EdgeError | undefined;
    for await (const line of linesOf(decrypted(key, fileContent(path)))) {
      const read = readLine(line);
      if ((header === undefined) !== 'header' in read || end !== undefined) throw damaged();
      if ('header' in read) header = read.header;
      else if ('keys' in read) end = read.keys;
      else {
        total += 1;
        taken ??= this.#conflict(instance, read.key.object.uid);
      }
    }
    if (!header || end !== total) throw damaged();
    if (taken) throw taken;
    return { header, total };
  }

  /** What speaks against taking in a key with this identifier: another instance has it. */
  #conflict(instance: ServiceInstance, uid: string): EdgeError | undefined {
    const { store, registry } = this.#parts;
    const known = store.objects.find(uid);
    if (!known || known.instanceId === instance.id) return undefined;
    const other = registry.instances().find(({ id }) => id === known.instanceId)?.name ?? known.instanceId;
    return new EdgeError('already-exists', `key '${uid}' is in service instance '${other}'`, {
      hint: 'where that one is to be removed, wait until it is erased, or restore it instead of importing',
    });
  }

  /** How many of them were not there yet. */
  async #takeIn(instance: ServiceInstance, keys: readonly ExportedKey[]): Promise<number> {
    const { registry, store } = this.#parts;
    for (const { object } of keys) {
      const conflict = this.#conflict(instance, object.uid);
      if (conflict) throw conflict;
    }
    const fresh = keys.filter(({ object }) => store.objects.find(object.uid) === undefined);
    const authority = registry.authorityOfInstance(instance.id);
    const made = await Promise.all(
      fresh.map(
        async ({ object, attributes, material }): Promise<readonly [ManagedObject, readonly KeptAttribute[]]> => {
          const forms = material && (await authority.takeOver(object.uid, material));
          return [{ ...object, instanceId: instance.id, upstreamId: authority.upstreamId, ...forms }, attributes];
        },
      ),
    );
    await store.write((tx) => {
      registry.requireActive({ instanceId: instance.id });
      for (const [object, attributes] of made) tx.objects.insert(object, attributes);
    });
    return made.length;
  }
}

const damaged = (): EdgeError => new EdgeError('data-damaged', 'the recovery export is not whole: lines are missing');

async function* keysIn(path: string, key: AgeKey): AsyncGenerator<ExportedKey> {
  for await (const line of linesOf(decrypted(key, fileContent(path)))) {
    const read = readLine(line);
    if ('key' in read) yield read.key;
  }
}

async function* inGroups<T>(all: AsyncIterable<T>): AsyncGenerator<readonly T[]> {
  let group: T[] = [];
  for await (const one of all) {
    group.push(one);
    if (group.length < atOnce) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** The lines of a stream, without their ends; each is wiped once the next one is asked for. */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest = Buffer.alloc(0);
  for await (const piece of pieces) {
    const all = Buffer.concat([rest, piece]);
    rest.fill(0);
    piece.fill(0);
    let from = 0;
    for (let end = all.indexOf(10, from); end >= 0; end = all.indexOf(10, from)) {
      yield all.subarray(from, end);
      from = end + 1;
    }
    rest = Buffer.from(all.subarray(from));
    all.fill(0);
    if (rest.length > longestLine) throw damaged();
  }
  if (rest.length > 0) throw damaged();
}
