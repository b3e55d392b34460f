// A root key that does what a test tells it: a real implementation of the port (AES-256-GCM through the local root key),
// whose answers can be held back, replaced by failures, and counted.

import { createSecretKey, randomBytes } from 'node:crypto';
import { EdgeError } from '../../src/errors.ts';
import { type RootKey, type RootKeyState, RootKeyUnusable, type WrappedKey } from '../../src/keys/root-key-ports.ts';
import { createLocalRootKey } from '../../src/upstream/local-root/local-root.ts';

export interface ScriptedRootKey extends RootKey {
  state: RootKeyState;
  reachable: boolean;
  /** After a rotation unwrap gives a newer wrapped form. */
  rotated: boolean;
  /** What a rotated unwrap gives as the newer wrapped form instead of the right one. */
  newerForm: WrappedKey | undefined;
  /** A failure for every call, in place of what it would do. */
  failure: unknown;
  readonly calls: Record<'generate' | 'wrap' | 'unwrap' | 'status', number>;
  /** From now on answers are decided when asked for and given when the result is called. */
  hold(): () => void;
}

const serving: ReadonlySet<RootKeyState> = new Set(['active', 'deactivated']);

export const createScriptedRootKey = (): ScriptedRootKey => {
  const inner = createLocalRootKey({ key: createSecretKey(randomBytes(32)), name: 'scripted' });
  let gate: Promise<void> = Promise.resolve();
  const scripted: ScriptedRootKey = {
    name: 'scripted root key',
    state: 'active',
    reachable: true,
    rotated: false,
    newerForm: undefined,
    failure: undefined,
    calls: { generate: 0, wrap: 0, unwrap: 0, status: 0 },
    hold() {
      let release = (): void => {};
      gate = new Promise((resolve) => {
        release = resolve;
      });
      return () => {
        gate = Promise.resolve();
        release();
      };
    },
    generate: (bytes, uid) => run('generate', () => inner.generate(bytes, uid)),
    wrap: (material, uid) => run('wrap', () => inner.wrap(material, uid)),
    unwrap: (wrapped, uid) => run('unwrap', () => unwrap(wrapped, uid)),
    status: () => run('status', async () => ({ state: scripted.state, name: 'scripted' })),
    close: async () => {},
  };
  const unwrap = async (wrapped: WrappedKey, uid: string) => {
    const { material } = await inner.unwrap(wrapped, uid);
    if (!scripted.rotated) return { material };
    return { material, rewrapped: scripted.newerForm ?? (await inner.wrap(material, uid)) };
  };
  const run = async <T>(call: keyof ScriptedRootKey['calls'], act: () => Promise<T>): Promise<T> => {
    scripted.calls[call] += 1;
    const answer = decide(call, act);
    answer.catch(() => {});
    await gate;
    return answer;
  };
  const decide = async <T>(call: string, act: () => Promise<T>): Promise<T> => {
    if (scripted.failure !== undefined) throw scripted.failure;
    if (!scripted.reachable) throw new EdgeError('upstream-unreachable', 'no route', { hint: 'look at the cable' });
    if (call !== 'status' && !serving.has(scripted.state)) {
      throw new RootKeyUnusable(`scripted root key is ${scripted.state}`, scripted.state);
    }
    return act();
  };
  return scripted;
};
