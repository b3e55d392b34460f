// Kinds of upstream whose calls are counted: the same kinds, with a watch in the hand of whoever asks them. A call counts
// once, with all the attempts that its adapter makes.

import type { RootKey } from '../keys/root-key-ports.ts';
import type { KeyEndpoint, UpstreamKind } from '../keys/upstream-ports.ts';

/** Told of each call: the kind of upstream, what was asked, what was thrown if anything, and how long it took. */
export type OnCall = (kind: string, call: string, error: unknown, milliseconds: number) => void;

/** The same kind of upstream, with its calls told to `onCall`. */
export const metered = (kind: UpstreamKind, onCall: OnCall): UpstreamKind => {
  const timed = timer(kind.kind, onCall);
  return kind.holds === 'root key'
    ? { ...kind, open: (...parts) => meteredRootKey(kind.open(...parts), timed) }
    : { ...kind, open: (...parts) => meteredEndpoint(kind.open(...parts), timed) };
};

type Timed = <T>(call: string, act: () => Promise<T>) => Promise<T>;

const timer =
  (kind: string, onCall: OnCall): Timed =>
  async (call, act) => {
    const started = performance.now();
    try {
      const answer = await act();
      onCall(kind, call, undefined, performance.now() - started);
      return answer;
    } catch (error) {
      onCall(kind, call, error, performance.now() - started);
      throw error;
    }
  };

const meteredRootKey = (key: RootKey, timed: Timed): RootKey => ({
  name: key.name,
  generate: (...given) => timed('generate', () => key.generate(...given)),
  wrap: (...given) => timed('wrap', () => key.wrap(...given)),
  unwrap: (...given) => timed('unwrap', () => key.unwrap(...given)),
  status: () => timed('status', () => key.status()),
  close: () => key.close(),
});

const meteredEndpoint = (endpoint: KeyEndpoint, timed: Timed): KeyEndpoint => ({
  name: endpoint.name,
  markerName: endpoint.markerName,
  create: (...given) => timed('create', () => endpoint.create(...given)),
  material: (...given) => timed('material', () => endpoint.material(...given)),
  describe: (...given) => timed('describe', () => endpoint.describe(...given)),
  list: (...given) => timed('list', () => endpoint.list(...given)),
  addAttribute: (...given) => timed('add-attribute', () => endpoint.addAttribute(...given)),
  activate: (...given) => timed('activate', () => endpoint.activate(...given)),
  revoke: (...given) => timed('revoke', () => endpoint.revoke(...given)),
  destroy: (...given) => timed('destroy', () => endpoint.destroy(...given)),
  reconcile: (...given) => timed('reconcile', () => endpoint.reconcile(...given)),
  probe: (...given) => timed('probe', () => endpoint.probe(...given)),
  replaceCredential: (...given) => endpoint.replaceCredential(...given),
  close: () => endpoint.close(),
});
