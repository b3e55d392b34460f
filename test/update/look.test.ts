// The look for an update that nobody asked for, at a server of HTTPS and on a model of the disk: what is newer is taken, of all
// else no more is fetched than its head, and nothing that is not signed reaches a slot.

import { createReadStream, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { openBundle } from '../../src/update/bundle.ts';
import { install } from '../../src/update/install.ts';
import { type LookParts, lookForUpdate } from '../../src/update/look.ts';
import { readLook } from '../../src/update/look-record.ts';
import { type Outcome, type Pending, UpdateState } from '../../src/update/state.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { startConnectProxy } from '../peers/proxy/connect-proxy.ts';
import { imageOf, makeBundle, updateKeyPair } from './bundle-kit.ts';
import { type Answer, type Mirror, startMirror } from './mirror.ts';
import { ModelDisk } from './model-disk.ts';

const pair = updateKeyPair();
const image = imageOf(300_000);
const running = { version: '0.1.0', schema: 7 };
const noon = Date.UTC(2026, 10, 26, 12);

interface World {
  readonly directory: string;
  readonly disk: ModelDisk;
  readonly state: UpdateState;
  readonly mirror: Mirror;
  look(changes?: Partial<LookParts>): Promise<void>;
}

type BundleOptions = Parameters<typeof makeBundle>[2];

const bundleOf = async (t: ExecutionContext, options: BundleOptions = {}, signer = pair): Promise<Buffer> =>
  (await makeBundle(temporaryDirectory(t), signer.privateKey, { image, ...options })).bytes;

const makeWorld = async (t: ExecutionContext, ...answers: readonly Answer[]): Promise<World> => {
  const directory = temporaryDirectory(t);
  const state = new UpdateState(directory);
  const disk = new ModelDisk(Buffer.from('the system that runs'.repeat(15_000)), Buffer.alloc(400_000));
  const mirror = await startMirror(t, ...answers);
  const system = disk.start();
  const apply = async (file: string): Promise<void> => {
    const bundle = await openBundle(createReadStream(file) as AsyncIterable<Buffer>, [pair.publicKey]);
    await install(bundle, { disk: system, state, running, report: () => undefined });
  };
  const parts: LookParts = {
    address: mirror.address,
    fetch: { largest: 2_000_000, room: 2_000_000, report: () => undefined },
    keys: [pair.publicKey],
    version: running.version,
    disk: system,
    state,
    directory,
    file: join(directory, 'looked.update'),
    progress: () => ({ stage: 'idle', done: 0, total: 0 }),
    requireServing: async () => undefined,
    requireRoom: async () => undefined,
    apply,
    now: () => noon,
  };
  return { directory, disk, state, mirror, look: (changes = {}) => lookForUpdate({ ...parts, ...changes }) };
};

/** Nothing of the bundle stays, and nothing was written to the disk. */
const isUntouched = (t: ExecutionContext, { directory, disk, state }: World): void => {
  t.is(disk.steps, 0);
  t.is(state.pending(), undefined);
  t.deepEqual(
    readdirSync(directory).filter((name) => name.endsWith('.update')),
    [],
  );
};

/** Far more than the head, and far less than what is announced; the network itself holds some megabytes. */
const announced = 1_000_000_000;
const mostOfHead = 40_000_000;
const withEndlessImage = (bytes: Buffer): Answer => ({ bytes, announced, after: 'endless' });

test('a newer system is taken, and tried at the next start', async (t) => {
  const world = await makeWorld(t, { bytes: await bundleOf(t) });
  await world.look();
  t.deepEqual(world.disk.slots.b.subarray(0, image.length), image);
  t.deepEqual(world.disk.environment, { slot: 'a', trial: 'b' });
  t.like(world.state.pending(), { kind: 'update', version: '0.2.0', from: '0.1.0' });
  t.deepEqual(readLook(world.directory), { at: '2026-11-26T12:00:00.000Z', found: 'taken', version: '0.2.0' });
  t.is(world.mirror.sent.length, 2);
  t.false(existsSync(join(world.directory, 'looked.update')));
});

const at = '2026-11-25T02:40:00.000Z';
const gaveWay: Outcome = {
  kind: 'update',
  version: '0.2.0',
  from: '0.1.0',
  outcome: 'returned',
  at,
  problem: 'it hangs',
};
const wentBack: Outcome = { kind: 'return', version: '0.1.0', from: '0.2.0', outcome: 'confirmed', at };

const unwanted: readonly (readonly [what: string, version: string, last: Outcome | undefined, found: string])[] = [
  ['the same version', '0.1.0', undefined, 'nothing'],
  ['an older version', '0.0.9', undefined, 'nothing'],
  ['what comes before the release that runs', '0.1.0-rc.1', undefined, 'nothing'],
  ['a version that was tried and gave way', '0.2.0', gaveWay, 'given-up'],
  ['a version that an administrator went back from', '0.2.0', wentBack, 'given-up'],
];
for (const [what, version, last, found] of unwanted) {
  test(`of ${what} only the head is read`, async (t) => {
    const bytes = await bundleOf(t, { version, minimumVersion: '0.0.1' });
    const world = await makeWorld(t, withEndlessImage(bytes));
    if (last) world.state.setRecord({ slots: {}, last });
    await world.look();
    t.like(readLook(world.directory), { found, version });
    t.is(world.mirror.sent.length, 1);
    await world.mirror.left();
    t.true((world.mirror.sent[0] ?? announced) < mostOfHead, `${world.mirror.sent[0]} bytes`);
    isUntouched(t, world);
  });
}

const others: readonly (readonly [what: string, last: Outcome])[] = [
  ['after another version gave way', { ...gaveWay, version: '0.1.9' }],
  ['after an administrator went back from another version', { ...wentBack, from: '0.1.9' }],
  ['after a return that failed', { ...wentBack, version: '0.2.0', from: '0.1.0', outcome: 'returned' }],
];
for (const [what, last] of others) {
  test(`a newer version is taken ${what}`, async (t) => {
    const world = await makeWorld(t, { bytes: await bundleOf(t) });
    world.state.setRecord({ slots: {}, last });
    await world.look();
    t.like(world.state.pending(), { version: '0.2.0' });
  });
}

const refusals: readonly (readonly [
  what: string,
  answers: (t: ExecutionContext) => Promise<readonly Answer[]>,
  problem: RegExp,
  requests: number,
])[] = [
  [
    'signed by a stranger',
    async (t) => [withEndlessImage(await bundleOf(t, {}, updateKeyPair()))],
    /not signed by a key that this appliance knows/,
    1,
  ],
  ['that is no bundle', async () => [{ bytes: Buffer.from('<html>no such page</html>'.repeat(100)) }], /the update/, 1],
  [
    'that is not there',
    async () => [],
    /127\.0\.0\.1:\d+\/kmip-edge\.update cannot be fetched: it answers HTTP 404/,
    1,
  ],
  [
    'that this version cannot become',
    async (t) => [withEndlessImage(await bundleOf(t, { version: '0.3.0', minimumVersion: '0.2.0' }))],
    /the update needs kmip-edge 0\.2\.0/,
    1,
  ],
  [
    'that fits no slot',
    async (t) => [withEndlessImage(await bundleOf(t, { image: Buffer.alloc(400_001) }))],
    /has 400001 bytes/,
    1,
  ],
  [
    'that has no end',
    async (t) => {
      const bytes = await bundleOf(t);
      return [{ bytes, after: 'endless' }];
    },
    /an update has at most 2000000/,
    2,
  ],
  [
    'that announces too much',
    async (t) => [withEndlessImage(await bundleOf(t))],
    /it has 1000000000 bytes, an update has at most 2000000/,
    2,
  ],
  [
    'that falls silent in the head',
    async (t) => [{ bytes: (await bundleOf(t)).subarray(0, 700), after: 'silence' }],
    /cannot be fetched: nothing came for 1\.5 s/,
    1,
  ],
  [
    'that falls silent in the image',
    async (t) => [{ bytes: (await bundleOf(t)).subarray(0, 50_000), after: 'silence' }],
    /cannot be fetched: nothing came for 1\.5 s/,
    2,
  ],
  [
    'that is another one when it is fetched',
    async (t) => [{ bytes: await bundleOf(t) }, { bytes: await bundleOf(t, { version: '0.1.0' }) }],
    /gives kmip-edge 0\.1\.0 other than it said before/,
    2,
  ],
  [
    'whose signature is gone when it is fetched',
    async (t) => [{ bytes: await bundleOf(t) }, { bytes: await bundleOf(t, {}, updateKeyPair()) }],
    /not signed/,
    2,
  ],
];
for (const [what, answersOf, problem, requests] of refusals) {
  test(`an update ${what} is not taken, and that is remembered`, async (t) => {
    const answers = await answersOf(t);
    const world = await makeWorld(t, ...answers);
    const silence = answers.some(({ after }) => after === 'silence') ? 1500 : 30_000;
    const fetch = { largest: 2_000_000, room: 2_000_000, report: () => undefined, silence };
    const error = await t.throwsAsync(world.look({ fetch }));
    t.true(error instanceof EdgeError);
    t.regex(error?.message ?? '', problem);
    t.like(readLook(world.directory), {
      found: 'failed',
      problem: error?.message,
      failingSince: new Date(noon).toISOString(),
    });
    t.is(world.mirror.sent.length, requests);
    for (const sent of world.mirror.sent) t.true(sent < mostOfHead, `${sent} bytes`);
    isUntouched(t, world);
  });
}

test('an image that was damaged on its way does not become what starts next', async (t) => {
  const bytes = await bundleOf(t);
  bytes[bytes.length - 100_000] = (bytes[bytes.length - 100_000] ?? 0) ^ 1;
  const world = await makeWorld(t, { bytes });
  await t.throwsAsync(world.look(), { message: /the update/ });
  t.deepEqual(world.disk.environment, { slot: 'a' });
  t.is(world.state.pending(), undefined);
  t.like(readLook(world.directory), { found: 'failed', version: '0.2.0' });
});

const pending: Pending = { kind: 'update', slot: 'b', version: '0.1.1', schema: 7, from: '0.1.0' };
const hindrances: readonly (readonly [
  what: string,
  changes: Partial<LookParts>,
  isOnTrial: boolean,
  problem: RegExp,
])[] = [
  [
    'another update is at work',
    { progress: () => ({ stage: 'writing', done: 1, total: 2 }) },
    false,
    /at work: writing/,
  ],
  ['a system is on trial', {}, true, /on trial/],
  [
    'the data is locked',
    { requireServing: () => Promise.reject(new EdgeError('storage-locked', 'the stored keys are locked')) },
    false,
    /locked/,
  ],
];
for (const [what, changes, isOnTrial, problem] of hindrances) {
  test(`nobody is asked while ${what}`, async (t) => {
    const world = await makeWorld(t, { bytes: await bundleOf(t) });
    if (isOnTrial) world.state.setPending(pending);
    await world.look(changes);
    const { found, problem: why = '' } = readLook(world.directory) ?? {};
    t.is(found, 'not-now');
    t.regex(why, problem);
    t.deepEqual(world.mirror.sent, []);
    t.is(world.disk.steps, 0);
  });
}

test('without room on the data disk nothing is fetched whole', async (t) => {
  const world = await makeWorld(t, withEndlessImage(await bundleOf(t)));
  let asked = 0;
  const requireRoom = async (bytes: number): Promise<void> => {
    asked = bytes;
    throw new EdgeError('storage-full', 'the data disk has 5 bytes free');
  };
  await t.throwsAsync(world.look({ requireRoom }), { message: /5 bytes free/ });
  t.true(asked > 100_000);
  t.is(world.mirror.sent.length, 1);
  isUntouched(t, world);
});

test('both requests go through the proxy, where the host is no exception', async (t) => {
  const proxy = await startConnectProxy();
  t.teardown(() => proxy.close());
  const bytes = await bundleOf(t);
  for (const [except, tunnels] of [
    [['127.0.0.1'], 0],
    [['mirror.example.com'], 2],
  ] as const) {
    const world = await makeWorld(t, { bytes });
    const way = { url: `http://127.0.0.1:${proxy.port}`, except };
    await world.look({ fetch: { largest: 2_000_000, room: 2_000_000, report: () => undefined, proxy: way } });
    t.like(readLook(world.directory), { found: 'taken' });
    t.is(proxy.tunnels.length, tunnels);
  }
});

test('the query of an address, which may be what opens it, is told nobody', async (t) => {
  const world = await makeWorld(t);
  const address = `${world.mirror.address}?signature=abc`;
  const error = await t.throwsAsync(world.look({ address }));
  t.notRegex(`${error?.message} ${JSON.stringify(readLook(world.directory))}`, /signature|abc/);
});

test('the first failure is remembered until a look succeeds', async (t) => {
  const world = await makeWorld(t);
  const day = 24 * 3_600_000;
  const since = (): string | undefined => readLook(world.directory)?.failingSince;
  const looks = async (days: number, changes: Partial<LookParts> = {}): Promise<void> =>
    world.look({ now: () => noon + days * day, ...changes }).catch(() => undefined);
  await looks(0);
  await looks(1);
  t.like(readLook(world.directory), { at: '2026-11-27T12:00:00.000Z', found: 'failed' });
  t.is(since(), '2026-11-26T12:00:00.000Z');
  await looks(2, { requireServing: () => Promise.reject(new EdgeError('not-ready', 'it is not ready')) });
  t.is(since(), '2026-11-26T12:00:00.000Z');
  const { address } = await startMirror(t, { bytes: await bundleOf(t, { version: '0.1.0' }) });
  await looks(3, { address });
  t.like(readLook(world.directory), { found: 'nothing', failingSince: undefined });
  await looks(4);
  t.is(since(), '2026-11-30T12:00:00.000Z');
});

test('a damaged record of the last look counts for none', (t) => {
  const directory = temporaryDirectory(t);
  for (const content of ['', '{', 'null', '{"at":"x","found":"nothing"}', `{"at":"${at}","found":"else"}`]) {
    writeFileSync(join(directory, 'look.json'), content);
    t.is(readLook(directory), undefined, content);
  }
  writeFileSync(join(directory, 'look.json'), `{"at":"${at}","found":"nothing"}`);
  t.like(readLook(directory), { found: 'nothing' });
});
