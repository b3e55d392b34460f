// vCenter's sequence with the endpoint cut at every point of every exchange: each Success is true, each failure is clean,
// nothing that was acknowledged is lost and nothing is left at the endpoint that nobody knows of. The table of cut points
// is in the test's output.

import test, { type ExecutionContext } from 'ava';
import type { KmipClient } from '../../src/cli/kmip-client.ts';
import { messageOf } from '../../src/errors.ts';
import { State } from '../../src/kmip/enums.ts';
import { activateKey, addText, createKey, describeKey, destroyKey, getKey, revokeKey } from '../custody/requests.ts';
import { SkippingClock } from '../kit/skipping-clock.ts';
import { until } from '../kit/until.ts';
import type { RegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import type { SimulatedKey } from '../peers/regional-kmip/store.ts';
import type { OperationName } from '../peers/regional-kmip/tags.ts';
import { type Region, startRegion } from './kit.ts';

const faults = ['cut-before', 'cut-after', 'cut-middle', 'hang', 'hang-after', 'garbage', 'other-object'] as const;
/** These also for as long as the client waits. */
const lasting: ReadonlySet<string> = new Set(['cut-before', 'cut-after']);

interface Step {
  readonly name: string;
  /** The exchanges at the endpoint that it causes. */
  readonly exchanges: readonly OperationName[];
  /** Brings a new key to where the step begins. */
  readonly before: readonly ((client: KmipClient, uid: string) => Promise<void>)[];
  readonly act: (client: KmipClient, uid: string) => Promise<unknown>;
  /** Whether a success is true, by the endpoint's own word. */
  readonly isTrue: (key: SimulatedKey, result: unknown) => boolean;
}

const located = async (client: KmipClient, uid: string): Promise<boolean> =>
  (await client.request('Locate', { Attribute: [] })).UniqueIdentifier.includes(uid);

const steps: readonly Step[] = [
  {
    name: 'Add Attribute',
    exchanges: ['AddAttribute', 'GetAttributes'],
    before: [],
    act: (client, uid) => addText(client, uid, 'x-Cut', 'here'),
    isTrue: ({ attributes }) => attributes.some(({ name }) => name === 'x-Cut'),
  },
  {
    name: 'Activate',
    exchanges: ['Activate', 'GetAttributes'],
    before: [],
    act: activateKey,
    isTrue: ({ state }) => state === State.Active,
  },
  {
    name: 'Get',
    exchanges: ['GetAttributes', 'Get'],
    before: [activateKey],
    act: getKey,
    isTrue: ({ material }, result) => Buffer.isBuffer(result) && (material?.equals(result) ?? false),
  },
  {
    name: 'Get Attributes',
    exchanges: ['GetAttributes'],
    before: [activateKey],
    act: describeKey,
    isTrue: ({ state }, result) => (result as { readonly state: State }).state === state,
  },
  { name: 'Locate', exchanges: ['Locate'], before: [], act: located, isTrue: (_key, result) => result === true },
  {
    name: 'Revoke',
    exchanges: ['Revoke', 'GetAttributes'],
    before: [activateKey],
    act: revokeKey,
    isTrue: ({ state }) => state === State.Deactivated,
  },
  {
    name: 'Destroy',
    exchanges: ['Destroy', 'GetAttributes'],
    before: [activateKey, revokeKey],
    act: destroyKey,
    isTrue: ({ state }) => state === State.Destroyed,
  },
];

/** What an outage may look like to a client; Item Not Found is never among it. */
const clean = /failed: GeneralFailure: /;

const attempt = (act: Promise<unknown>): Promise<{ readonly result?: unknown; readonly problem?: string }> =>
  act.then(
    (result) => ({ result }),
    (error: unknown) => ({ problem: messageOf(error) }),
  );

/** Until it works: a link that was just cut is left alone for a moment. */
const persistently = async <T>(act: () => Promise<T>): Promise<T> => {
  const end = performance.now() + 15_000;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
};

const impatient = {
  'upstream.attemptTimeout': '250 ms',
  'upstream.totalTimeout': '1500 ms',
  'regional.checkTimeout': '600 ms',
  'regional.freshness': '0 s',
};

interface Cut {
  readonly region: Region;
  readonly clock: SkippingClock;
}

const startCut = async (t: ExecutionContext): Promise<Cut> => {
  const clock = new SkippingClock();
  return { clock, region: await startRegion(t, { settings: impatient, clock }) };
};

const keyAt = ({ simulator }: Region, uid: string): SimulatedKey => {
  const key = simulator.keys().find((one) => one.uid === uid);
  if (!key) throw new Error(`the endpoint has lost ${uid}`);
  return key;
};

/** The longest for which an endpoint that was silent is left alone, by reads and by connections; milliseconds. */
const longestPause = 5_000;

/**
 * What a client is told of a key once every pause after the cut is over. While the endpoint is heard that is its own word:
 * an answer that took too long, and was given from the copy, has made it unheard.
 */
const told = async ({ region, clock }: Cut, uid: string) => {
  for (let round = 0; round < 20; round += 1) {
    clock.skip(longestPause);
    const seen = await persistently(() => describeKey(region.client, uid));
    if ((await region.instance()).upstreamState === 'reachable') return seen;
  }
  throw new Error('the endpoint stays silent');
};

type Seen = Awaited<ReturnType<typeof describeKey>>;

/** The client and the endpoint say the same of a key. */
const isSame = (t: ExecutionContext, seen: Seen, key: SimulatedKey, where: string): void => {
  t.is(Number(seen.state), Number(key.state), where);
  t.is(
    seen.texts.has('x-Cut'),
    key.attributes.some(({ name }) => name === 'x-Cut'),
    where,
  );
};

/** What was acknowledged is seen at once, whether the endpoint answers or the copy does for it. */
const isSeen = async (t: ExecutionContext, { region }: Cut, uid: string, where: string): Promise<void> =>
  isSame(t, await persistently(() => describeKey(region.client, uid)), keyAt(region, uid), `${where}, at once`);

/** After the link is back they agree, whatever became of the act. */
const agree = async (t: ExecutionContext, cut: Cut, uid: string, where: string): Promise<void> => {
  const { region } = cut;
  const key = keyAt(region, uid);
  isSame(t, await told(cut, uid), key, where);
  const bytes = await persistently(() => getKey(region.client, uid).catch((error: unknown) => refused(error)));
  if (key.material) t.deepEqual(bytes, key.material, where);
  else t.regex(String(bytes), /destroyed/, where);
};

/** A refusal that is not an outage is an answer. */
const refused = (error: unknown): string => {
  const text = messageOf(error);
  if (clean.test(text)) throw error;
  return text;
};

const strike = (simulator: RegionalSimulator, kind: (typeof faults)[number], on: OperationName, once: boolean) =>
  simulator.fault({ kind }, once ? { on, times: 1 } : { on });

const cutPoints = (exchanges: readonly OperationName[]) =>
  exchanges.flatMap((on) =>
    faults.flatMap((kind) => (lasting.has(kind) ? [true, false] : [true]).map((once) => ({ on, kind, once }))),
  );

for (const { name, exchanges, before, act, isTrue } of steps) {
  test.serial(`${name}, cut at every point`, async (t) => {
    t.timeout(60_000);
    const cut = await startCut(t);
    const { region } = cut;
    for (const { on, kind, once } of cutPoints(exchanges)) {
      const uid = await persistently(() => createKey(region.client));
      for (const step of before) await persistently(() => step(region.client, uid));
      const heal = strike(region.simulator, kind, on, once);
      const { result, problem } = await attempt(act(region.client, uid));
      heal();
      const where = `${name}: ${kind} at ${on}${once ? '' : ', lasting'}`;
      if (problem === undefined) {
        t.true(isTrue(keyAt(region, uid), result), where);
        await isSeen(t, cut, uid, where);
      } else t.regex(problem, clean, where);
      t.log(`${where.padEnd(50)} ${problem === undefined ? 'success' : problem.slice(0, 100)}`);
      await agree(t, cut, uid, where);
    }
  });
}

test.serial('Create, cut at every point: no orphan stays, none is lost, none is acknowledged twice', async (t) => {
  t.timeout(120_000);
  const cut = await startCut(t);
  const { region, clock } = cut;
  const acknowledged = new Set<string>();
  for (const { on, kind, once } of cutPoints(['Create', 'Locate', 'Get', 'GetAttributes'])) {
    await persistently(async () => acknowledged.add(await createKey(region.client)));
    // A Locate comes only after an answer was lost.
    const first = on === 'Locate' ? strike(region.simulator, 'cut-after', 'Create', true) : () => {};
    const heal = strike(region.simulator, kind, on, once);
    const { result, problem } = await attempt(createKey(region.client));
    heal();
    first();
    const where = `Create: ${kind} at ${on}${once ? '' : ', lasting'}`;
    if (typeof result === 'string') {
      t.false(acknowledged.has(result), where);
      acknowledged.add(result);
    } else t.regex(problem ?? '', clean, where);
    t.log(`${where.padEnd(50)} ${problem === undefined ? 'success' : problem.slice(0, 100)}`);
  }
  const orphans = () =>
    region.simulator.keys().filter(({ uid, state }) => !acknowledged.has(uid) && state < Number(State.Destroyed));
  t.log(`${orphans().length} keys of creates that were not acknowledged are there before settling`);
  // Creates that were given up are settled after a pause.
  clock.skip(longestPause);
  await until(() => orphans().length === 0);
  for (const uid of acknowledged) await agree(t, cut, uid, uid);
});
