// Certificates, clients and roots as the management API shows them: dates as text, fingerprints as vCenter prints them.

import { type ClientCertificate, readCertificate } from '../ca/certificate.ts';
import { displayFingerprint } from '../ca/fingerprint.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import { pemBlocks } from '../instances/root-lists.ts';
import type { Client } from '../keys/instance-ports.ts';
import type { ClientRoot, SeenClient } from '../keys/root-ports.ts';
import type { ClientUse } from '../keys/use-ports.ts';
import type { CertificateView, ClientView, Validity } from './api/clients.ts';
import type { RootView } from './api/roots.ts';

const iso = (ms: number): string => new Date(ms).toISOString();
const day = 86_400_000;

/** Days before its end from which a certificate is said to be ending. */
export const endingDays = 60;

/** Whole days until `notAfter`; below zero once it has passed. All in milliseconds since 1970. */
export const daysLeft = (notAfter: number, now: number): number => Math.floor((notAfter - now) / day);

const validityOf = (notAfter: number, now: number): Validity => {
  if (now > notAfter) return 'ended';
  return now > notAfter - endingDays * day ? 'ending' : 'valid';
};

/** `now` in milliseconds since 1970. */
export const certificateView = (certificate: ClientCertificate, now: number): CertificateView => ({
  subject: certificate.subject,
  sha1: displayFingerprint(certificate.fingerprintSha1),
  sha256: displayFingerprint(certificate.fingerprintSha256),
  notAfter: iso(certificate.notAfter),
  validity: validityOf(certificate.notAfter, now),
  daysLeft: daysLeft(certificate.notAfter, now),
});

/** What is damaged is shown, so that it can be removed: it vouches for nobody, as one that has ended. */
export const viewOfPem = (pem: string, now: number): CertificateView => {
  try {
    return certificateView(readCertificate(pem), now);
  } catch {
    const empty = { subject: 'damaged: it cannot be read', sha1: '', sha256: '', notAfter: iso(0) };
    return { ...empty, validity: 'ended', daysLeft: daysLeft(0, now) };
  }
};

const instanceName = (registry: InstanceRegistry, id: string): string =>
  registry.instances().find((instance) => instance.id === id)?.name ?? id;

/** `use`: when it was last seen, where that is known. */
export const clientView = (
  client: Client,
  registry: InstanceRegistry,
  now: number,
  use?: ClientUse | undefined,
): ClientView => ({
  instance: instanceName(registry, client.instanceId),
  name: client.name,
  trust: client.origin,
  ...viewOfPem(client.certificatePem, now),
  addedAt: iso(client.addedAt),
  ...(use && { lastSeen: iso(use.seenAt), address: use.address }),
  ...(client.former && { former: viewOfPem(client.former.certificatePem, now) }),
});

/** A client that a root admitted. */
export const seenView = (seen: SeenClient, root: ClientRoot, registry: InstanceRegistry, now: number): ClientView => ({
  instance: instanceName(registry, root.instanceId),
  name: root.name,
  trust: 'root',
  ...viewOfPem(seen.certificatePem, now),
  addedAt: iso(seen.firstSeen),
  lastSeen: iso(seen.lastSeen),
  address: seen.address,
});

export const rootView = (root: ClientRoot, registry: InstanceRegistry, now: number): RootView => ({
  instance: instanceName(registry, root.instanceId),
  name: root.name,
  ...viewOfPem(root.certificatePem, now),
  intermediates: pemBlocks(root.intermediatesPem).map((one) => viewOfPem(one, now)),
  subjects: root.subjects,
  keyFingerprints: root.keyFingerprints.map(displayFingerprint),
  addedAt: iso(root.addedAt),
});
