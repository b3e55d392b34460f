// `instance migrate`: the keys of a service instance go to another upstream, or to another root key of the same one. New
// keys are made under the new one from the first moment; the old wrapped forms are kept until the user says that they may
// go. A move that was running when the server stopped goes on when it starts.

import type { Damage } from '../damage.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { ServiceInstance } from '../keys/instance-ports.ts';
import type { Move, MoveReader, NotMoved } from '../keys/move-ports.ts';
import { requireStaying } from './life.ts';
import { MoveRun, type MoverParts, type RunState } from './mover.ts';
import type { InstanceRegistry, Settings } from './registry.ts';

export interface MovingHouseParts extends MoverParts {
  readonly registry: InstanceRegistry;
  readonly damage: Damage;
}

/** Where keys are to go. */
export interface Destination {
  /** The kind of upstream; absent: the same root key anew, under its newest version. */
  readonly kind?: string | undefined;
  /** For the kind that the instance has, only what changes. */
  readonly settings: Settings;
}

export interface MoveState {
  readonly instance: string;
  readonly from: string;
  readonly to: string;
  /** `dry run`: a trial, which changes nothing. */
  readonly state: Move['state'] | 'dry run' | 'dry run done';
  /** Keys of the instance; of a trial, those that were to be looked at. */
  readonly total: number;
  readonly moved: number;
  readonly notMoved: number;
  readonly waiting?: string;
  /** How many keys still have the form of the upstream before. */
  readonly formerForms: number;
  readonly startedAt: number;
  readonly endedAt?: number;
}

interface Running {
  readonly run: MoveRun;
  /** Resolves when its end is stored. */
  readonly stored: Promise<void>;
}

interface Trial {
  readonly from: string;
  readonly to: string;
  readonly startedAt: number;
  readonly run: MoveRun;
}

export class MovingHouse {
  readonly #parts: MovingHouseParts;
  readonly #runs = new Map<string, Running>();
  readonly #trials = new Map<string, Trial>();
  #closing = false;

  constructor(parts: MovingHouseParts) {
    this.#parts = parts;
  }

  /** Goes on with what was running when the server stopped. */
  start(): void {
    const { store, damage } = this.#parts;
    const meaning = "no 'instance migrate' goes on, and none can be begun or finished";
    const moves = damage.orElse('table move', meaning, () => store.moves.moves(), []);
    for (const move of moves) if (move.state === 'running') this.#run(move);
  }

  async close(): Promise<void> {
    // It goes on with the next start.
    this.#closing = true;
    await Promise.all([...this.#runs.values(), ...this.#trials.values()].map(({ run }) => run.stop()));
  }

  /**
   * Proves the new upstream and begins. Throws what its `prepare` throws, `operation-not-supported` for a KMIP endpoint,
   * and `illegal-operation` where a move is not finished.
   */
  async begin(name: string, destination: Destination, dryRun: boolean): Promise<MoveState> {
    const { registry, clock, store } = this.#parts;
    const instance = registry.instanceNamed(name);
    requireStaying(instance);
    requireNone(store.moves, instance);
    const from = registry.upstream(instance.upstreamId);
    const { kind = from.kind, settings } = destination;
    if (kind === 'kmip') {
      throw new EdgeError(
        'operation-not-supported',
        'a KMIP endpoint takes no keys in: keys can only move away from it',
        {
          hint: "for another address of the same endpoint: 'kmip-edge instance update'",
        },
      );
    }
    const proved = await registry.prove(kind, kind === from.kind ? registry.settingsWith(from, settings) : settings);
    const startedAt = clock.now();
    if (dryRun) {
      proved.prepared.secret.fill(0);
      requireNone(store.moves, instance);
      const order = { instance, from: registry.authorityOf(from.id), to: undefined };
      const run = new MoveRun(this.#parts, order);
      this.#trials.set(instance.id, { from: from.kind, to: kind, startedAt, run });
      return this.state(name);
    }
    this.#trials.delete(instance.id);
    await registry.addUpstream(instance.id, proved, ({ moves }, to) => {
      // Somebody else may have begun, and even finished, while the upstream was asked.
      requireNone(moves, instance);
      requireHolder(registry.instanceNamed(name), from.id);
      moves.putMove({ instanceId: instance.id, from: from.id, to: to.id, state: 'running', startedAt });
    });
    this.#run(this.#moveOf(instance));
    return this.state(name);
  }

  /** How far the move of an instance is. Throws `item-not-found` where there is none. */
  state(name: string): MoveState {
    const { registry, store } = this.#parts;
    const instance = registry.instanceNamed(name);
    const trial = this.#trials.get(instance.id);
    if (trial) return trialState(name, trial);
    const move = this.#moveOf(instance);
    const { from, to, state, startedAt, endedAt } = move;
    const total = store.objects.count(instance.id);
    const waiting = this.#runs.get(instance.id)?.run.state.waiting;
    return {
      instance: name,
      from: registry.upstream(from).kind,
      to: registry.upstream(to).kind,
      state,
      total,
      moved: total - store.objects.countHeldBy(instance.id, from),
      notMoved: store.moves.notMoved(instance.id).length,
      ...(waiting === undefined ? {} : { waiting }),
      formerForms: store.moves.formerForms(instance.id),
      startedAt,
      ...(endedAt === undefined ? {} : { endedAt }),
    };
  }

  /** What was not moved, and of each key where it is now. */
  *report(name: string): Generator<NotMoved & { readonly moved: boolean }> {
    const { registry, store } = this.#parts;
    const instance = registry.instanceNamed(name);
    const trial = this.#trials.get(instance.id);
    const from = trial ? instance.upstreamId : this.#moveOf(instance).from;
    const failures = trial ? trial.run.state.failures : store.moves.notMoved(instance.id);
    const problems = new Map(failures.map(({ uid, problem }) => [uid, problem]));
    for (const { uid, upstreamId } of store.objects.search({ instanceId: instance.id, attributes: [] })) {
      const problem = problems.get(uid);
      const moved = upstreamId !== from;
      if (moved) yield { uid, moved, problem: '' };
      else yield { uid, moved, problem: problem ?? (trial ? '' : 'not reached yet') };
    }
  }

  /** Ends the run after the keys that are under way. What is moved stays moved. */
  async stop(name: string): Promise<MoveState> {
    const instance = this.#parts.registry.instanceNamed(name);
    const running = this.#runs.get(instance.id);
    await running?.run.stop();
    await running?.stored;
    await this.#trials.get(instance.id)?.run.stop();
    return this.state(name);
  }

  /** Goes on with a move that was stopped, and tries again what failed. */
  async resume(name: string): Promise<MoveState> {
    const instance = this.#parts.registry.instanceNamed(name);
    requireStaying(instance);
    this.#trials.delete(instance.id);
    const move = this.#moveOf(instance);
    if (this.#runs.has(instance.id)) return this.state(name);
    const { endedAt: _, ...rest } = move;
    await this.#parts.store.write(({ moves }) => {
      moves.clearNotMoved(instance.id);
      moves.putMove({ ...rest, state: 'running' });
    });
    this.#run(this.#moveOf(instance));
    return this.state(name);
  }

  /**
   * Erases the old wrapped forms and forgets the old upstream. With `leave`, keys that could not be moved stay with it.
   * Throws `illegal-operation` while there are such keys, or the move is running.
   */
  async finish(name: string, leave: boolean): Promise<void> {
    const { registry, store, cache } = this.#parts;
    const instance = registry.instanceNamed(name);
    requireStaying(instance);
    const { from, state } = this.#moveOf(instance);
    const left = store.objects.countHeldBy(instance.id, from);
    if (this.#runs.has(instance.id) || state === 'running') {
      throw new EdgeError('illegal-operation', `the keys of '${name}' are still moving`, {
        hint: 'wait for the end, or stop it first',
      });
    }
    if (left > 0 && !leave) {
      throw new EdgeError('illegal-operation', `${left} keys of '${name}' are not moved`, {
        hint: "see them with --report and try again with --resume, or keep them where they are with '--finish --leave'",
      });
    }
    const end = (tx: Parameters<Parameters<typeof store.write>[0]>[0]): void => {
      tx.moves.eraseFormer(instance.id);
      tx.moves.deleteMove(instance.id);
    };
    cache.deleteUpstream(from);
    if (left > 0) await store.write(end, { erase: true });
    else await registry.removeUpstream(from, end);
  }

  #run(move: Move): void {
    const { registry, store, log } = this.#parts;
    const instance = registry.instances().find(({ id }) => id === move.instanceId);
    if (!instance) return;
    try {
      const order = {
        instance,
        get from() {
          return registry.authorityOf(move.from);
        },
        get to() {
          return registry.authorityOf(move.to);
        },
      };
      for (const id of [move.from, move.to]) registry.authorityOf(id);
      const run = new MoveRun(this.#parts, order);
      const stored = this.#storeEnd(move, instance, run);
      this.#runs.set(instance.id, { run, stored });
      log.info('keys are moving to another upstream', { instance: instance.name });
    } catch (error) {
      log.error('a move cannot go on', { instance: instance.name, problem: messageOf(error) });
      store
        .write(({ moves }) => moves.putMove({ ...move, state: 'stopped' }))
        .catch((problem: unknown) => this.#notStored(instance, problem));
    }
  }

  async #storeEnd(move: Move, instance: ServiceInstance, run: MoveRun): Promise<void> {
    const { store, clock, log } = this.#parts;
    try {
      const complete = await run.ended;
      if (this.#closing) return;
      const state = complete ? 'done' : 'stopped';
      await store.write(({ moves }) => moves.putMove({ ...move, state, endedAt: clock.now() }));
      log.info('keys have moved to another upstream', { instance: instance.name, complete, ...counts(run.state) });
    } catch (error) {
      this.#notStored(instance, error);
    } finally {
      this.#runs.delete(instance.id);
    }
  }

  /** The next start finds it running, and goes on. */
  #notStored({ name }: ServiceInstance, error: unknown): void {
    this.#parts.log.error('the end of a move is not stored', { instance: name, problem: messageOf(error) });
  }

  #moveOf(instance: ServiceInstance): Move {
    const move = this.#parts.store.moves.moves().find(({ instanceId }) => instanceId === instance.id);
    if (move) return move;
    throw new EdgeError('item-not-found', `no keys of '${instance.name}' are moving`, {
      hint: "begin with 'kmip-edge instance migrate NAME --to KIND' or '--rewrap'",
    });
  }
}

const requireNone = (moves: MoveReader, { id, name }: ServiceInstance): void => {
  if (!moves.moves().some(({ instanceId }) => instanceId === id)) return;
  throw new EdgeError('illegal-operation', `a move of the keys of '${name}' is not finished`, {
    hint: 'see it with --state, go on with --resume, end it with --finish',
  });
};

const requireHolder = ({ name, upstreamId }: ServiceInstance, from: string): void => {
  if (upstreamId === from) return;
  throw new EdgeError('illegal-operation', `the keys of '${name}' have moved meanwhile`, {
    hint: "see 'kmip-edge instance list', and begin again where they are to go on",
  });
};

const counts = ({ total, done, failed }: RunState) => ({ total, done, failed });

const trialState = (instance: string, { from, to, startedAt, run }: Trial): MoveState => {
  const { running, total, done, failed } = run.state;
  return {
    instance,
    from,
    to,
    state: running ? 'dry run' : 'dry run done',
    total,
    moved: done - failed,
    notMoved: failed,
    formerForms: 0,
    startedAt,
  };
};
