// What the domain needs from an upstream that holds the keys itself (a regional KMIP endpoint), and how kinds of upstream
// present themselves to the set-up of a service instance.

import type { KeyObject } from 'node:crypto';
import { EdgeError, type ErrorDetails } from '../errors.ts';
import type { State } from '../kmip/enums.ts';
import type { Attribute } from '../kmip/template-attribute.ts';
import type { KeptAttribute, ObjectDates, RevocationReason, Seconds } from './object.ts';
import type { RootKey, RootKeyStatus } from './root-key-ports.ts';

/** A managed object as the endpoint that holds it describes it. */
export interface EndpointObject extends ObjectDates {
  readonly uid: string;
  readonly state: State;
  readonly objectType: number;
  readonly cryptographicAlgorithm: number;
  /** In bits. */
  readonly cryptographicLength: number;
  readonly cryptographicUsageMask: number;
  readonly revocationReason?: RevocationReason | undefined;
  /** Names, groups, custom attributes and the like. */
  readonly kept: readonly KeptAttribute[];
}

/** A key for the endpoint to make; `attributes` are those beside the three that have fields. */
export interface EndpointKey {
  readonly cryptographicAlgorithm: number;
  /** In bits. */
  readonly cryptographicLength: number;
  readonly cryptographicUsageMask: number;
  readonly attributes: readonly Attribute[];
}

export interface EndpointCall {
  /** Milliseconds until the call has ended, one way or the other. */
  readonly deadlineMs?: number;
}

/** A change was sent, its answer was lost, and what became of it cannot be told yet. */
export class OutcomeUnknown extends EdgeError {
  constructor(message: string, details: ErrorDetails = {}) {
    super('upstream-unreachable', message, details);
    this.name = 'OutcomeUnknown';
  }
}

/**
 * A KMIP endpoint that holds keys and has the last word on them. Every call gives what the endpoint really answered, or
 * throws an EdgeError:
 * - `upstream-unreachable`, `upstream-not-trusted`: no answer that can be believed; it proves nothing about a key;
 * - `item-not-found`: the endpoint says that it has no such object;
 * - any other kind: the endpoint refused, and did nothing.
 */
export interface KeyEndpoint {
  /** What a person would call it, for messages: no secret. */
  readonly name: string;
  /** The custom attribute that holds the marker of a Create. */
  readonly markerName: string;
  /**
   * Makes a key, once, and gives its Unique Identifier. `marker` is kept with it. Throws {@link OutcomeUnknown} where it
   * cannot be told whether a key was made; after any other EdgeError none was.
   */
  create(key: EndpointKey, marker: string, call?: EndpointCall): Promise<string>;
  material(uid: string, call?: EndpointCall): Promise<KeyObject>;
  describe(uid: string, call?: EndpointCall): Promise<EndpointObject>;
  /** The identifiers of all objects. */
  list(call?: EndpointCall): Promise<readonly string[]>;
  /** Gives the index that the attribute got. */
  addAttribute(uid: string, attribute: Attribute, call?: EndpointCall): Promise<number>;
  activate(uid: string, call?: EndpointCall): Promise<void>;
  revoke(
    uid: string,
    revocation: RevocationReason & { readonly compromiseOccurrenceDate?: Seconds | undefined },
    call?: EndpointCall,
  ): Promise<void>;
  destroy(uid: string, call?: EndpointCall): Promise<void>;
  /** The keys that a Create with this marker made. None now may be one later, while the endpoint is still at work. */
  reconcile(marker: string, call?: EndpointCall): Promise<readonly string[]>;
  /** Resolves when the endpoint has answered us. */
  probe(call?: EndpointCall): Promise<unknown>;
  /**
   * Shows this credential from now on, given as the kind's `open` takes it. No request is refused for that: what is under way
   * ends on the connections that are there, and this resolves when none of those is left. The caller wipes `secret` then.
   */
  replaceCredential(settings: unknown, secret: Buffer): Promise<void>;
  close(): Promise<void>;
}

/** A set-up that was proved to work: what to store, and the root key's state at that moment. */
export interface PreparedUpstream {
  /** No secrets. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Stored sealed: an API key, a private key, or a local root key. The receiver wipes it. */
  readonly secret: Buffer;
  readonly rootKey: RootKeyStatus;
}

/** A host that an upstream of this kind talks to, for whoever looks whether it can be reached. */
export interface UpstreamTarget {
  /** What answers there: `Key Protect`. */
  readonly service: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: 'https' | 'kmip';
  /** The HTTP proxy on the way there. */
  readonly proxy?: { readonly host: string; readonly port: number };
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string;
  /** Certificates that are trusted whoever signed them: hexadecimal fingerprints, lower case. */
  readonly pins?: readonly { readonly hash: 'sha256' | 'sha1'; readonly fingerprint: string }[];
}

interface KindBase {
  readonly kind: string;
  /** The name under which a user gives the secret, so that a stored one can be given again; absent: none is given. */
  readonly secretSetting?: string;
  /** Settings of which there is one: to give one takes the others away. */
  readonly alternatives?: readonly string[];
  /** Settings that say which root key it is: another one cannot open what is stored. */
  readonly fixed?: readonly string[];
  /**
   * Checks what a user gave, live against the upstream. Throws `invalid-field`, `missing-data`, `upstream-refused`,
   * `upstream-not-trusted` or `upstream-unreachable`, each with a hint that says what to do.
   */
  prepare(input: unknown): Promise<PreparedUpstream>;
  /** Whom an upstream with these stored settings talks to. */
  targets(settings: unknown): readonly UpstreamTarget[];
}

interface NamedInstance {
  readonly id: string;
  readonly name: string;
}

/** An upstream that opens what our store holds. */
export interface RootKeyKind extends KindBase {
  readonly holds: 'root key';
  /** Whether a copy under the storage key is kept and the root key's state is polled: not for a root key that we hold. */
  readonly remote: boolean;
  /** The root key of a prepared set-up. Nothing is sent yet. The caller wipes `secret` afterwards. */
  open(instance: NamedInstance, settings: unknown, secret: Buffer): RootKey;
}

/** An upstream that holds the keys itself. */
export interface EndpointKind extends KindBase {
  readonly holds: 'keys';
  /** The endpoint of a prepared set-up. Nothing is sent yet. The caller wipes `secret` afterwards. */
  open(instance: NamedInstance, settings: unknown, secret: Buffer): KeyEndpoint;
}

/** One kind of upstream, as the set-up of a service instance sees it. */
export type UpstreamKind = RootKeyKind | EndpointKind;
