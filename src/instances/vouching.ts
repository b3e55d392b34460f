// The decision on certificates that were signed under a root, as connections come in: a root never stands for all that it
// signs, but for those whose subject or key is on its list. A subject counts as long as its certificate does; a key that is
// listed by its fingerprint is known for itself, as a pinned certificate is, so it is served although its own certificate
// has ended. Roots and intermediates must be valid either way.

import { hash, type X509Certificate } from 'node:crypto';
import { findChain, leafProblem } from '../ca/chain.ts';
import { keyFingerprintOf, nameLine } from '../ca/x509.ts';
import type { Clock } from '../clock.ts';
import { EdgeError, messageOf } from '../errors.ts';
import type { Store } from '../keys/ports.ts';
import type { ClientRoot, SeenClient } from '../keys/root-ports.ts';
import type { Log } from '../log.ts';
import { certificatesIn } from './root-lists.ts';

export interface VouchingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** Whom a certificate stands for: a client of the root's name. */
export interface VouchedClient {
  readonly id: string;
  readonly name: string;
  readonly instanceId: string;
}

interface OpenRoot {
  readonly root: ClientRoot;
  readonly certificate: X509Certificate;
  readonly given: readonly X509Certificate[];
  /** Intermediates that clients sent and that were found valid: a resumed TLS session shows the leaf alone. */
  readonly learnt: X509Certificate[];
}

interface Admitted {
  readonly client: VouchedClient;
  readonly subject: string;
  readonly keyFingerprint: string;
  /** Of the chain, and of the certificate itself; milliseconds since 1970. */
  readonly chainUntil: number;
  readonly leafUntil: number;
}

/** Certificates whose chain is remembered. */
const mostAdmitted = 10_000;
const mostLearnt = 16;
/** Certificates that are shown for one root. */
const mostSeen = 1000;
/** How old what is stored of a certificate's last use may be, milliseconds. */
const seenPrecision = 60 * 60 * 1000;

export class Vouching {
  readonly #parts: VouchingParts;
  readonly #roots = new Map<string, OpenRoot>();
  /** By the SHA-256 of the certificate. */
  readonly #admitted = new Map<string, Admitted>();
  readonly #lastSeen = new Map<string, SeenClient>();

  constructor(parts: VouchingParts) {
    this.#parts = parts;
  }

  /** Lets a root vouch for those on its list, or takes up its new lists. Throws where a certificate cannot be read. */
  open(root: ClientRoot): void {
    const [certificate] = certificatesIn(root.certificatePem);
    if (!certificate) throw new EdgeError('data-damaged', `the certificate of root '${root.name}' is lost`);
    const learnt = this.#roots.get(root.id)?.learnt ?? [];
    this.#roots.set(root.id, { root, certificate, given: certificatesIn(root.intermediatesPem), learnt });
  }

  /** True while a root may vouch for those on its list. */
  isOpen(rootId: string): boolean {
    return this.#roots.has(rootId);
  }

  /** Nobody is admitted by this root any more. */
  close(rootId: string): void {
    this.#roots.delete(rootId);
  }

  /** Whom an admitted certificate stands for now: asked for every message, so it does no more than look. */
  clientOf(fingerprint: string): VouchedClient | undefined {
    const admitted = this.#admitted.get(fingerprint);
    if (!admitted) return undefined;
    const { root } = this.#roots.get(admitted.client.id) ?? {};
    if (root && this.#stillCounts(root, admitted)) return admitted.client;
    this.#admitted.delete(fingerprint);
    return undefined;
  }

  #stillCounts(root: ClientRoot, admitted: Admitted): boolean {
    const now = this.#parts.clock.now();
    if (now > admitted.chainUntil) return false;
    if (root.keyFingerprints.includes(admitted.keyFingerprint)) return true;
    return now <= admitted.leafUntil && root.subjects.includes(admitted.subject);
  }

  /**
   * Looks whether a root vouches for a certificate that a client showed, with the ones that came with it. Gives the reason
   * where none does; undefined: {@link clientOf} knows it from now on.
   */
  admit(leaf: X509Certificate, address: string): string | undefined {
    if (this.#roots.size === 0) return 'it is not pinned';
    const subject = nameLine(leaf.subject);
    const keyFingerprint = keyFingerprintOf(leaf);
    let reason = 'it is not pinned, and neither its subject nor its key is on the list of a root';
    for (const open of this.#roots.values()) {
      const byKey = open.root.keyFingerprints.includes(keyFingerprint);
      if (!byKey && !open.root.subjects.includes(subject)) continue;
      const problem = this.#admitUnder(open, leaf, { subject, keyFingerprint, byKey, address });
      if (problem === undefined) return undefined;
      reason = `root '${open.root.name}' does not vouch for it: ${problem}`;
    }
    return reason;
  }

  #admitUnder(
    { root, certificate, given, learnt }: OpenRoot,
    leaf: X509Certificate,
    listed: {
      readonly subject: string;
      readonly keyFingerprint: string;
      readonly byKey: boolean;
      readonly address: string;
    },
  ): string | undefined {
    const now = this.#parts.clock.now();
    const { subject, keyFingerprint, byKey, address } = listed;
    const problem = leafProblem(leaf, now);
    if (problem !== undefined && !byKey) return problem;
    const found = findChain(leaf, [...given, ...sentWith(leaf), ...learnt], certificate, now);
    if ('problem' in found) return found.problem;
    for (const one of found.chain.intermediates) {
      const known = [...given, ...learnt].some(({ raw }) => raw.equals(one.raw));
      if (!known && learnt.length < mostLearnt) learnt.push(one);
    }
    const fingerprint = hash('sha256', leaf.raw, 'hex');
    const client = { id: root.id, name: root.name, instanceId: root.instanceId };
    const [oldest] = this.#admitted.keys();
    if (this.#admitted.size >= mostAdmitted && oldest !== undefined) this.#admitted.delete(oldest);
    const chainUntil = found.chain.validUntil;
    const leafUntil = problem === undefined ? leaf.validToDate.getTime() : 0;
    this.#admitted.set(fingerprint, { client, subject, keyFingerprint, chainUntil, leafUntil });
    this.#remember({
      rootId: root.id,
      fingerprint,
      certificatePem: leaf.toString(),
      address,
      firstSeen: now,
      lastSeen: now,
    });
    return undefined;
  }

  /** Losing what is kept here loses a line of a list: it is not waited for. */
  #remember(now: SeenClient): void {
    const key = seenKey(now);
    const before = this.#lastSeen.get(key);
    const seen = { ...now, firstSeen: before?.firstSeen ?? now.firstSeen };
    if (before && before.address === seen.address && seen.lastSeen - before.lastSeen < seenPrecision) return;
    const [oldest] = this.#lastSeen.keys();
    if (this.#lastSeen.size >= mostAdmitted && oldest !== undefined) this.#lastSeen.delete(oldest);
    this.#lastSeen.set(key, seen);
    const { store, log } = this.#parts;
    store
      .write((tx) => tx.roots.putSeen(seen, mostSeen))
      .catch((error: unknown) => log.warn('a client was seen and could not be noted', { problem: messageOf(error) }));
  }
}

const seenKey = ({ rootId, fingerprint }: SeenClient): string => `${rootId} ${fingerprint}`;

/** What a client sent with its certificate, in its order: Node links each to the next. */
const sentWith = (leaf: X509Certificate): readonly X509Certificate[] => {
  const sent: X509Certificate[] = [];
  for (let next = leaf.issuerCertificate; next && sent.length < mostLearnt; next = next.issuerCertificate)
    sent.push(next);
  return sent;
};
