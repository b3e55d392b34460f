// The life of service instances against a model, under random acts, clocks that jump, restarts and crashes: what a model says
// is served is served, nothing is erased before its wait is over, and in the end all that was to go is gone.

import { createSecretKey, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import fc from 'fast-check';
import { createKeyCache } from '../../src/cache/key-cache.ts';
import { Changing } from '../../src/instances/changing.ts';
import { InstanceRegistry } from '../../src/instances/registry.ts';
import { Removing } from '../../src/instances/removing.ts';
import type { Store } from '../../src/keys/ports.ts';
import type { UpstreamKind } from '../../src/keys/upstream-ports.ts';
import { createSealer } from '../../src/seal/sealer.ts';
import { openSqliteStore } from '../../src/store/sqlite/open.ts';
import { createScriptedRootKey } from '../keys/scripted-root-key.ts';
import { FakeClock, settle } from '../kit/fake-clock.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { sampleObject } from '../store/samples.ts';

const minute = 60_000;
const wait = 10 * minute;
/** What a crash may take away of the time that was waited. */
const storedEvery = minute;
const keys = 3;
const names = ['one', 'two'] as const;

const kind: UpstreamKind = {
  kind: 'scripted',
  holds: 'root key',
  remote: false,
  targets: () => [],
  prepare: async () => ({ settings: {}, secret: Buffer.from('secret'), rootKey: { state: 'active' } }),
  open: () => createScriptedRootKey(),
};

const sealer = createSealer(createSecretKey(randomBytes(32)));

/** The parts on one database file, as a process has them. */
const startOn = (path: string, clock: FakeClock) => {
  const store = openSqliteStore(path);
  const [log, cache] = [createMemoryLog(), createKeyCache(10)];
  const regional = { freshness: 1, checkTimeout: 1, syncInterval: 1 };
  const parts = { store, sealer, cache, upstreams: [kind], clock, log, pollInterval: 50_000, regional };
  const registry = new InstanceRegistry(parts);
  const removing = new Removing({ registry, roots: { forget: async () => {} }, store, clock, log, wait });
  removing.start();
  const changing = new Changing({ registry, store, cache, clock, log });
  const close = async (): Promise<void> => {
    await removing.close();
    await registry.close();
    await store.close();
  };
  return { store, registry, removing, changing, close };
};

type World = ReturnType<typeof startOn>;

/** What is known of an instance: `waited` is what the server must have counted at least, `ran` what it can have at most. */
interface Modelled {
  suspended: boolean;
  removal: { ran: number; waited: number } | undefined;
  gone: boolean;
}

type Act =
  | { readonly act: 'suspend' | 'resume' | 'remove' | 'restore'; readonly name: (typeof names)[number] }
  | { readonly act: 'pass' | 'jump'; readonly ms: number }
  | { readonly act: 'restart' | 'crash' };

const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({
    act: fc.constantFrom('suspend', 'resume', 'remove', 'remove', 'restore'),
    name: fc.constantFrom(...names),
  }),
  fc.record({ act: fc.constant('pass'), ms: fc.integer({ min: 1, max: 6 * minute }) }),
  fc.record({ act: fc.constant('jump'), ms: fc.integer({ min: -1000 * minute, max: 1000 * minute }) }),
  fc.record({ act: fc.constantFrom('restart', 'crash') }),
) as fc.Arbitrary<Act>;

const addKeys = async (store: Store, registry: InstanceRegistry): Promise<void> => {
  for (const { id, upstreamId } of registry.instances()) {
    await store.write(({ objects }) => {
      for (let n = 0; n < keys; n += 1) objects.insert(sampleObject({ instanceId: id, upstreamId }), []);
    });
  }
};

/** Until nothing is being erased any more. */
const calm = async ({ registry }: World): Promise<void> => {
  await settle();
  while (registry.instances().some(({ removal }) => removal?.erasing)) await setTimeout(2);
  await settle();
};

class Run {
  readonly #t: ExecutionContext;
  readonly #clock = new FakeClock();
  readonly #directory: string;
  readonly #model = new Map<string, Modelled>();
  #generation = 0;
  #world: World;

  constructor(t: ExecutionContext, directory: string) {
    this.#t = t;
    this.#directory = directory;
    this.#world = startOn(this.#path(), this.#clock);
  }

  async begin(): Promise<void> {
    const { registry, store } = this.#world;
    for (const name of names) {
      await registry.create({ name, upstream: 'scripted', settings: {}, lease: 'unlimited' });
      this.#model.set(name, { suspended: false, removal: undefined, gone: false });
    }
    await addKeys(store, registry);
  }

  async do(act: Act): Promise<void> {
    if (act.act === 'pass') await this.#pass(act.ms);
    else if (act.act === 'jump') this.#clock.setWall(this.#clock.now() + act.ms);
    else if (act.act === 'restart') await this.#restart(() => this.#world.close());
    else if (act.act === 'crash') await this.#crash();
    else if ('name' in act) await this.#change(act.act, act.name);
    await calm(this.#world);
    this.#check();
  }

  /** Everything that waits comes due. */
  async end(): Promise<void> {
    await this.#pass(wait + storedEvery);
    await calm(this.#world);
    for (const [name, { removal, gone }] of this.#model) this.#t.is(this.#find(name) === undefined, gone || !!removal);
    await this.#world.close();
  }

  #path(): string {
    const directory = join(this.#directory, String(this.#generation));
    if (!existsSync(directory)) mkdirSync(directory);
    return join(directory, 'db');
  }

  #find(name: string) {
    return this.#world.registry.instances().find((instance) => instance.name === name);
  }

  async #pass(ms: number): Promise<void> {
    for (const { removal } of this.#model.values()) {
      if (!removal) continue;
      removal.ran += ms;
      removal.waited += ms;
    }
    await this.#clock.pass(ms);
  }

  async #restart(end: () => Promise<void>): Promise<void> {
    await end();
    this.#world = startOn(this.#path(), this.#clock);
  }

  /** The next process finds what is on the disk at this moment. */
  async #crash(): Promise<void> {
    const [before, from] = [this.#world, join(this.#directory, String(this.#generation))];
    this.#generation += 1;
    cpSync(from, join(this.#directory, String(this.#generation)), { recursive: true });
    for (const { removal } of this.#model.values()) {
      if (removal) removal.waited = Math.max(0, removal.waited - storedEvery);
    }
    await this.#restart(() => before.close());
  }

  async #change(act: 'suspend' | 'resume' | 'remove' | 'restore', name: string): Promise<void> {
    const modelled = this.#model.get(name);
    if (!modelled) return;
    const { changing, removing } = this.#world;
    const { gone, removal } = modelled;
    const acts = {
      suspend: () => changing.suspend(name),
      resume: () => changing.resume(name),
      remove: () => removing.request(name, 'test'),
      restore: () => removing.restore(name),
    };
    const refused = gone || (act === 'restore' ? !removal : act !== 'remove' && removal !== undefined);
    if (refused) {
      await this.#t.throwsAsync(acts[act]());
      return;
    }
    await acts[act]();
    if (act === 'suspend') modelled.suspended = true;
    if (act === 'resume') modelled.suspended = false;
    if (act === 'remove') modelled.removal ??= { ran: 0, waited: 0 };
    if (act === 'restore') modelled.removal = undefined;
  }

  #check(): void {
    for (const [name, modelled] of this.#model) {
      const instance = this.#find(name);
      if (!instance) {
        this.#t.true(modelled.gone || (modelled.removal?.ran ?? 0) >= wait, `${name} is gone before its time`);
        modelled.gone = true;
        modelled.removal = undefined;
        continue;
      }
      this.#t.false(modelled.gone, `${name} is back`);
      this.#t.true((modelled.removal?.waited ?? 0) < wait, `${name} is late`);
      this.#t.is(this.#world.store.objects.count(instance.id), keys);
      const serves = !modelled.suspended && !modelled.removal;
      const ask = (): void => this.#world.registry.requireActive({ instanceId: instance.id });
      if (serves) this.#t.notThrows(ask);
      else this.#t.throws(ask, { message: /suspended|removal/ });
    }
  }
}

test('whatever happens, what is to be served is served and nothing is erased before its wait is over', async (t) => {
  let runs = 0;
  const property = fc.asyncProperty(fc.array(act, { minLength: 5, maxLength: 25 }), async (acts) => {
    const directory = join(temporaryDirectory(t), String(runs++));
    mkdirSync(directory);
    const run = new Run(t, directory);
    await run.begin();
    for (const one of acts) await run.do(one);
    await run.end();
  });
  await fc.assert(property, { numRuns: 15, endOnFailure: true });
});
