// The regional KMIP endpoint as the domain uses it: it holds the keys and has the last word on them.

import type { KeyObject } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { EndpointKey, EndpointObject } from '../../keys/upstream-ports.ts';
import type { Attribute } from '../../kmip/template-attribute.ts';
import { type Version, versionText } from '../../kmip/version.ts';
import type { Log } from '../../log.ts';
import { createCaller } from './caller.ts';
import { activate, add, destroy, revoke } from './change.ts';
import { createOnce, marked } from './create.ts';
import { type Address, addressText } from './endpoints.ts';
import { type LocateFilter, locateAll } from './locate.ts';
import { type Identity, openConnection, secureContextOf } from './open.ts';
import { getAttributes, getKey, type Revocation } from './operations.ts';
import { Pool } from './pool.ts';
import { Route } from './route.ts';
import { defaultTimings, type Jitter, type Timings } from './timings.ts';
import { type Trust, warnOfWeakTrust } from './trust.ts';

export interface CallOptions {
  /** Milliseconds until the call has ended, one way or the other; default `timings.totalMs`. */
  readonly deadlineMs?: number;
}

/** Proof of life: who answered, in which version, and how fast. */
export interface Proof {
  readonly peer: string;
  readonly version: string;
  readonly roundTripMs: number;
}

/**
 * A KMIP endpoint that holds keys. Every call gives what the endpoint really answered, or throws an EdgeError:
 * - `upstream-unreachable`: no answer that can be believed; nothing is known about the key, or about what became of a
 *   change (`LinkError.sent`, `CreateOutcomeUnknown`);
 * - `item-not-found`: the endpoint said Item Not Found;
 * - `permission-denied`, `illegal-operation`, `invalid-field` and their like (a `Refusal`): the endpoint said so, and
 *   did nothing;
 * - `upstream-refused`: it refused for another reason.
 */
export interface RegionalEndpoint {
  /** What a person would call it, for messages: no secret. */
  readonly name: string;
  /**
   * Creates a symmetric key, once, and gives its Unique Identifier. `marker` is unique to this request and kept with the
   * key: where the outcome stays unknown (`CreateOutcomeUnknown`), `reconcile(marker)` tells later.
   */
  create(key: EndpointKey, marker: string, options?: CallOptions): Promise<string>;
  /** The key itself. */
  material(uid: string, options?: CallOptions): Promise<KeyObject>;
  /** All attributes, as the endpoint has them now. */
  describe(uid: string, options?: CallOptions): Promise<EndpointObject>;
  /** The identifiers of the objects that fit. */
  locate(filter?: LocateFilter, options?: CallOptions): Promise<readonly string[]>;
  /** Gives the index that the attribute got. */
  addAttribute(uid: string, attribute: Attribute, options?: CallOptions): Promise<number>;
  activate(uid: string, options?: CallOptions): Promise<void>;
  revoke(uid: string, revocation: Revocation, options?: CallOptions): Promise<void>;
  destroy(uid: string, options?: CallOptions): Promise<void>;
  /**
   * The keys that a Create with this marker made: none, one, or (a fault that is also logged) several, the one to keep
   * first. None now may be one later, while the endpoint is still at work.
   */
  reconcile(marker: string, options?: CallOptions): Promise<readonly string[]>;
  probe(options?: CallOptions): Promise<Proof>;
  /**
   * Is somebody else from now on. What is under way ends on the connections that are there; resolves when none of those is
   * left. Errors: `invalid-field`, and nothing is changed then.
   */
  setIdentity(identity: Identity): Promise<void>;
  /** Ends all connections; what is under way fails as unreachable. */
  close(): Promise<void>;
}

export interface RegionalOptions {
  /** One service: any of them may be asked for any key. */
  readonly addresses: readonly Address[];
  readonly trust: Trust;
  readonly identity: Identity;
  readonly timings?: Partial<Timings>;
  /** Most connections to one address. */
  readonly connections?: number;
  /** Most requests outstanding on one connection; 1 turns pipelining off. */
  readonly pipeline?: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly jitter?: Jitter;
}

const routeOf = (
  options: RegionalOptions,
  timings: Timings,
  jitter: Jitter,
): { readonly route: Route; readonly setIdentity: RegionalEndpoint['setIdentity'] } => {
  const { addresses, trust, identity, connections = 8, pipeline = 8, clock, log } = options;
  let secureContext = secureContextOf(identity, trust);
  const pools = addresses.map((address) => {
    const peer = addressText(address);
    const { connectMs } = timings;
    const open = (signal: AbortSignal) => openConnection({ address, secureContext, trust, connectMs, clock, signal });
    return { peer, pool: new Pool({ peer, open, timings, connections, pipeline, clock, log, jitter }) };
  });
  const route = new Route({ pools, timings, clock, log, jitter });
  const setIdentity = async (next: Identity): Promise<void> => {
    secureContext = secureContextOf(next, trust);
    await route.renew();
  };
  return { route, setIdentity };
};

/** Markers are searched for by their exact value: nothing that an endpoint might trim or fold. */
const checkedMarker = (marker: string): string => {
  if (/^[a-zA-Z0-9._:-]{8,128}$/.test(marker)) return marker;
  throw new EdgeError('internal', 'the marker of a create is not 8 to 128 plain characters');
};

const proofOf = (peer: string, versions: readonly Version[], roundTripMs: number): Proof => {
  const [highest] = versions;
  return { peer, version: highest === undefined ? 'none in common' : versionText(highest), roundTripMs };
};

/** A link to a regional KMIP endpoint; nothing is sent yet. Errors: `invalid-field`. */
export const createRegionalEndpoint = (options: RegionalOptions): RegionalEndpoint => {
  const { clock, log, jitter = Math.random } = options;
  if (options.addresses.length === 0) throw new EdgeError('invalid-field', 'no address of an endpoint is given');
  const timings: Timings = { ...defaultTimings, ...options.timings };
  const name = `KMIP endpoint ${options.addresses.map(addressText).join(', ')}`;
  const { route, setIdentity } = routeOf(options, timings, jitter);
  warnOfWeakTrust(options.trust, name, log);
  const caller = createCaller({ route, timings, clock, log, jitter });
  const until = ({ deadlineMs }: CallOptions): number => caller.deadline(deadlineMs);
  return {
    name,
    create: async (key, marker, call = {}) => createOnce(caller, key, checkedMarker(marker), until(call)),
    material: (uid, call = {}) => caller.read(getKey(uid), until(call)),
    describe: (uid, call = {}) => caller.read(getAttributes(uid), until(call)),
    locate: (filter = {}, call = {}) => locateAll(caller, filter, until(call)),
    addAttribute: (uid, attribute, call = {}) => add(caller, uid, attribute, until(call)),
    activate: (uid, call = {}) => activate(caller, uid, until(call)),
    revoke: (uid, revocation, call = {}) => revoke(caller, uid, revocation, until(call)),
    destroy: (uid, call = {}) => destroy(caller, uid, until(call)),
    reconcile: async (marker, call = {}) => marked(caller, checkedMarker(marker), until(call)),
    probe: async (call = {}) => {
      const begun = clock.monotonic();
      const { peer, versions } = await caller.probe(until(call));
      return proofOf(peer, versions, clock.monotonic() - begun);
    },
    setIdentity,
    close: async () => route.close(),
  };
};
