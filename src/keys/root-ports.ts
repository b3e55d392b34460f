// What is kept of authorities of others that vouch for clients: a part of the store, as ports.ts has the rest.

import type { PinnedCertificate } from './instance-ports.ts';

/** An authority of somebody else: what it signed is admitted where its subject or its key is on the list. */
export interface ClientRoot {
  readonly id: string;
  readonly instanceId: string;
  /** Unique among the clients and roots of the instance. */
  readonly name: string;
  readonly certificatePem: string;
  /** Authorities between the root and its clients, PEM one after the other; may be empty. */
  readonly intermediatesPem: string;
  /** On one line, in the order of the certificate. */
  readonly subjects: readonly string[];
  /** SHA-256 of public keys (SubjectPublicKeyInfo), lower-case hexadecimal. */
  readonly keyFingerprints: readonly string[];
  readonly addedAt: number;
}

/** A certificate that was admitted under a root. */
export interface SeenClient extends PinnedCertificate {
  readonly rootId: string;
  readonly address: string;
  /** Milliseconds since 1970. */
  readonly firstSeen: number;
  readonly lastSeen: number;
}

export interface RootReader {
  /** Oldest first. */
  roots(): readonly ClientRoot[];
  /** Whom a root admitted, the latest first. */
  seen(rootId: string): readonly SeenClient[];
}

export interface RootWriter extends RootReader {
  insertRoot(root: ClientRoot): void;
  /** Replaces its intermediates and lists. Throws `item-not-found`. */
  updateRoot(root: ClientRoot): void;
  deleteRoot(id: string): void;
  /** Inserts it, or says that it was seen again; of one root the latest `most` are kept. */
  putSeen(client: SeenClient, most: number): void;
}
