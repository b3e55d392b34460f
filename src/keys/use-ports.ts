// What is kept of who uses which key, and how people look for keys: a part of the store, as ports.ts has the rest.

import type { Caller } from './caller.ts';
import type { ManagedObject } from './object.ts';

/** One page of an instance's keys, for people who look for some; every part narrows. */
export interface PageQuery {
  readonly instanceId: string;
  /** Object numbers after this one; 0 for the first page. */
  readonly after: number;
  /** How many candidates are looked at, at most: what bounds the work. */
  readonly looks: number;
  /** For each entry, one of these attributes with exactly this value. */
  readonly attributes: readonly (readonly { readonly name: string; readonly value: Buffer }[])[];
  /** The client that fetched it last, by name. */
  readonly client?: string | undefined;
  /** KMIP's State, by its number, at a moment (seconds since 1970). */
  readonly state?: { readonly is: number; readonly now: number } | undefined;
}

export interface KeyPage {
  /** Oldest first, without the wrapped and sealed forms. */
  readonly found: readonly { readonly number: number; readonly object: ManagedObject; readonly use?: KeyUse }[];
  /** The object number to go on after; undefined at the end. There may be more though nothing was found. */
  readonly next: number | undefined;
}

/** When a key was last fetched (Get), in milliseconds since 1970, and by which client. */
export interface KeyUse {
  readonly fetchedAt: number;
  /** The name that the client had then. */
  readonly client: string;
}

/** When a client last asked for anything, in milliseconds since 1970, and from where. */
export interface ClientUse {
  readonly seenAt: number;
  readonly address: string;
}

export interface UseReader {
  /** From when on use is known, in milliseconds since 1970. */
  since(): number;
  key(uid: string): KeyUse | undefined;
  client(clientId: string): ClientUse | undefined;
  /** At most `limit` uses of keys of any instance, by object number from after `after` on. */
  page(after: number, limit: number): readonly (KeyUse & { readonly number: number; readonly instanceId: string })[];
  /** The identifier of an object by its number. */
  uid(number: number): string | undefined;
}

export interface UseWriter extends UseReader {
  /** Nothing where there is no such key. */
  putKey(uid: string, use: KeyUse): void;
  /** Nothing where there is no such client. */
  putClient(clientId: string, use: ClientUse): void;
}

/** Remembers who uses what; called for every request, so it must cost next to nothing. */
export interface UseRecorder {
  /** A client has sent a request. */
  seen(client: Pick<Caller, 'clientId' | 'clientName' | 'address'>): void;
  /** A client has been given a key. */
  fetched(client: Pick<Caller, 'clientId' | 'clientName' | 'address'>, uid: string): void;
}
