// An update on a model of the disk and its boot loader: whatever happens, whichever step is the last before power goes, the
// next start finds a whole system, and what is remembered of the update is true.

import { randomBytes } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { type Bundle, openBundle } from '../../src/update/bundle.ts';
import { type InstallParts, install, returnToOther, type Stage } from '../../src/update/install.ts';
import { conclude, silentEnd, verdictOf } from '../../src/update/settle.ts';
import { type SystemDisk, settleOn } from '../../src/update/slots.ts';
import { type SystemInSlot, UpdateState } from '../../src/update/state.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { imageOf, inPieces, makeBundle, updateKeyPair } from './bundle-kit.ts';
import { ModelDisk, PowerCut } from './model-disk.ts';

const pair = updateKeyPair();
const size = 60_000;
const [oldSystem, newSystem, leftOver] = [randomBytes(size), imageOf(size), randomBytes(size)];
const old: SystemInSlot = { version: '0.1.0', schema: 5 };
const next: SystemInSlot = { version: '0.2.0', schema: 5 };

interface World {
  readonly disk: ModelDisk;
  readonly state: UpdateState;
  readonly stages: Stage[];
  bundle(): Promise<Bundle>;
  parts(system: SystemDisk, running?: SystemInSlot): InstallParts;
}

const makeWorld = async (t: ExecutionContext, environment?: Readonly<Record<string, string>>): Promise<World> => {
  const directory = temporaryDirectory(t);
  const disk = new ModelDisk(Buffer.from(oldSystem), Buffer.from(leftOver), environment);
  disk.versionOf = (content) =>
    content.equals(oldSystem) ? old.version : content.equals(newSystem) ? next.version : undefined;
  const state = new UpdateState(directory);
  const stages: Stage[] = [];
  const { bytes } = await makeBundle(directory, pair.privateKey, { image: newSystem, ...next });
  return {
    disk,
    state,
    stages,
    bundle: () => openBundle(inPieces(bytes), [pair.publicKey]),
    parts: (system, running = old) => ({
      disk: system,
      state,
      running,
      report: (stage) => stages.at(-1) !== stage && stages.push(stage),
    }),
  };
};

/** What the services of the appliance do at a start; `isWell` is what the trial finds. */
const startUp = async ({ disk, state }: World, isWell: boolean): Promise<SystemDisk> => {
  const system = disk.start();
  const pending = state.pending();
  const verdict = verdictOf(system, pending);
  if (verdict === 'check' && pending) {
    if (!isWell) {
      state.setPending({ ...pending, problem: 'its server does not start' });
      return startUp({ disk, state } as World, isWell);
    }
    await settleOn(system);
    conclude(state, pending, 'confirmed', 0);
  }
  if ((verdict === 'confirmed' || verdict === 'returned') && pending) {
    await settleOn(system);
    conclude(state, pending, verdict, 0);
  }
  return system;
};

const whole = (disk: ModelDisk, system: SystemDisk): 'old' | 'new' | 'broken' => {
  const content = disk.slots[system.running];
  if (content.equals(oldSystem)) return 'old';
  return content.equals(newSystem) ? 'new' : 'broken';
};

test('an update is written, tried, confirmed, and stays', async (t) => {
  const world = await makeWorld(t);
  await install(await world.bundle(), world.parts(world.disk.start()));
  t.deepEqual(world.stages, ['writing', 'verifying', 'restarting']);
  t.deepEqual(world.disk.environment, { slot: 'a', trial: 'b' });
  const tried = await startUp(world, true);
  t.is(whole(world.disk, tried), 'new');
  t.true(tried.onTrial);
  t.deepEqual(world.disk.environment, { slot: 'b' });
  const again = await startUp(world, true);
  t.deepEqual([whole(world.disk, again), again.onTrial], ['new', false]);
  const { last, running, slots } = world.state.record();
  t.like(last, { kind: 'update', version: '0.2.0', from: '0.1.0', outcome: 'confirmed' });
  t.deepEqual([running, slots], ['b', { a: old, b: next }]);
  t.is(world.state.pending(), undefined);
});

test('a system that is not well gives way to the old one, which says why', async (t) => {
  const world = await makeWorld(t);
  await install(await world.bundle(), world.parts(world.disk.start()));
  const after = await startUp(world, false);
  t.is(whole(world.disk, after), 'old');
  t.deepEqual(world.disk.environment, { slot: 'a' });
  t.like(world.state.record().last, { outcome: 'returned', problem: 'its server does not start' });
  t.is(world.state.record().running, 'a');
});

test('a system that crashes without a word gives way too', async (t) => {
  const world = await makeWorld(t);
  await install(await world.bundle(), world.parts(world.disk.start()));
  // The boot loader starts it, and nothing of ours runs.
  world.disk.start();
  const after = await startUp(world, true);
  t.is(whole(world.disk, after), 'old');
  t.like(world.state.record().last, { outcome: 'returned', problem: silentEnd });
});

test('a return goes back the same way, with a trial', async (t) => {
  const world = await makeWorld(t);
  await install(await world.bundle(), world.parts(world.disk.start()));
  const now = await startUp(world, true);
  await returnToOther(world.parts(now, next));
  t.is(whole(world.disk, await startUp(world, true)), 'old');
  t.like(world.state.record().last, { kind: 'return', version: '0.1.0', from: '0.2.0', outcome: 'confirmed' });
});

test('a return is refused where the older system could not read the database', async (t) => {
  const world = await makeWorld(t);
  await install(await world.bundle(), world.parts(world.disk.start()));
  const now = await startUp(world, true);
  const error = await t.throwsAsync(returnToOther(world.parts(now, { version: '0.2.0', schema: 6 })));
  t.regex(String(error), /0\.1\.0 does not know the database/);
  t.deepEqual(world.disk.environment, { slot: 'b' });
});

const others: readonly (readonly [what: string, content: Buffer, problem: RegExp])[] = [
  ['nothing', Buffer.alloc(size), /the other slot holds no system, and not kmip-edge 0\.1\.0/],
  ['another system', Buffer.from(newSystem), /the other slot holds kmip-edge 0\.2\.0, and not/],
];
for (const [what, content, problem] of others) {
  test(`a data disk that moved to a machine whose other slot holds ${what} leads into no start that fails`, async (t) => {
    const world = await makeWorld(t);
    await install(await world.bundle(), world.parts(world.disk.start()));
    const now = await startUp(world, true);
    world.disk.slots.a.set(content);
    t.regex(String(await t.throwsAsync(returnToOther(world.parts(now, next)))), problem);
    t.deepEqual(world.disk.environment, { slot: 'b' });
    t.is(world.state.pending(), undefined);
    // And it is offered no more.
    t.deepEqual(world.state.record().slots, { b: next });
  });
}

test('there is nothing to return to before the first update', async (t) => {
  const world = await makeWorld(t);
  await t.throwsAsync(returnToOther(world.parts(world.disk.start())), { message: /no other system/ });
});

const powerCuts = async (t: ExecutionContext, environment?: Readonly<Record<string, string>>): Promise<number> => {
  for (let cut = 0; ; cut += 1) {
    const world = await makeWorld(t, environment);
    const before = world.disk.start();
    world.disk.steps = 0;
    world.disk.cutAfter = cut;
    const ended = await install(await world.bundle(), world.parts(before)).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (ended !== undefined && !(ended instanceof PowerCut)) throw ended;
    const tried = world.disk.environment['trial'] !== undefined;
    const after = await startUp(world, true);
    t.is(whole(world.disk, after), tried ? 'new' : 'old', `cut before step ${cut}`);
    t.is(world.state.pending(), undefined);
    const settled = await startUp(world, true);
    t.is(whole(world.disk, settled), tried ? 'new' : 'old');
    const outcome = world.state.record().last?.outcome;
    t.true(outcome === (tried ? 'confirmed' : undefined) || outcome === 'returned');
    // Whatever was left behind, the next attempt works.
    if (!tried) {
      await install(await world.bundle(), world.parts(settled));
      t.is(whole(world.disk, await startUp(world, true)), 'new');
    }
    if (ended === undefined) return cut;
  }
};

test('power may go at every step of an update', async (t) => {
  t.true((await powerCuts(t)) > 8);
});

test('power may go at every step, where a trial was asked for before and never begun', async (t) => {
  // As after an update that was written and whose restart was a fall back to this slot by hand.
  const world = new ModelDisk(oldSystem, leftOver, { slot: 'a', trial: 'b' });
  t.is(world.start().running, 'b');
  t.true((await powerCuts(t, { slot: 'a' })) > 8);
});

test('power may go at every step of a confirmation', async (t) => {
  for (let cut = 0; cut < 4; cut += 1) {
    const world = await makeWorld(t);
    await install(await world.bundle(), world.parts(world.disk.start()));
    const tried = world.disk.start();
    const pending = world.state.pending();
    if (!pending) throw new Error('nothing is pending');
    world.disk.steps = 0;
    world.disk.cutAfter = cut;
    await settleOn(tried).catch(() => undefined);
    // Cut here, before the record is written, whatever was reached.
    const permanent = world.disk.environment['slot'] === 'b';
    const after = await startUp(world, true);
    t.is(whole(world.disk, after), permanent ? 'new' : 'old');
    t.is(world.state.record().last?.outcome, permanent ? 'confirmed' : 'returned');
  }
});

test('a slot that was chosen by hand in the boot menu becomes the permanent one before the other is written', async (t) => {
  for (let cut = 0; cut < 8; cut += 1) {
    const world = await makeWorld(t);
    world.disk.slots.b.set(oldSystem);
    const byHand = world.disk.startByHand('b');
    world.disk.steps = 0;
    world.disk.cutAfter = cut;
    await t.throwsAsync(install(await world.bundle(), world.parts(byHand)), { instanceOf: PowerCut });
    t.is(whole(world.disk, world.disk.start()), 'old', `cut before step ${cut}`);
  }
});

test('what reads back otherwise than it was written is not tried', async (t) => {
  const world = await makeWorld(t);
  world.disk.damagedAt = 12_345;
  const error = await t.throwsAsync(install(await world.bundle(), world.parts(world.disk.start())));
  t.true(error instanceof EdgeError && error.kind === 'data-damaged');
  t.deepEqual(world.disk.environment, { slot: 'a' });
  t.deepEqual(world.state.record().slots, { a: old });
});

test('nothing is written for an image that is larger than the slot', async (t) => {
  const world = await makeWorld(t);
  const small = new ModelDisk(Buffer.from(oldSystem), Buffer.alloc(size - 1));
  await t.throwsAsync(install(await world.bundle(), world.parts(small.start())), { message: /the slot 59999/ });
  t.is(small.steps, 0);
});

test('nothing is written for an older system', async (t) => {
  const world = await makeWorld(t);
  const parts = world.parts(world.disk.start(), { version: '0.3.0', schema: 5 });
  await t.throwsAsync(install(await world.bundle(), parts), { message: /0\.3\.0 runs here/ });
  t.is(world.disk.steps, 0);
});

test('a system on trial takes no update', async (t) => {
  const world = await makeWorld(t, { slot: 'a', trial: 'b' });
  await t.throwsAsync(install(await world.bundle(), world.parts(world.disk.start())), { message: /itself on trial/ });
});

test('a trial that nobody remembers is not confirmed', (t) => {
  t.is(verdictOf({ running: 'b', onTrial: true }, undefined), 'unasked');
});
