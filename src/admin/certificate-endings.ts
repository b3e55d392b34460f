// Every certificate that something here depends on, when it ends, and what then: one list for the status, the log, the
// alarms, the page and the metrics.

import type { ClientCertificate } from '../ca/certificate.ts';
import { displayFingerprint } from '../ca/fingerprint.ts';
import type { ServerCertificates } from '../ca/server-certificates.ts';
import type { InstanceRegistry } from '../instances/registry.ts';
import { pemBlocks } from '../instances/root-lists.ts';
import type { TrustedRoots } from '../instances/trusted-roots.ts';
import type { Client, Upstream } from '../keys/instance-ports.ts';
import type { ClientRoot } from '../keys/root-ports.ts';
import type { EndingView } from './api/certificates.ts';
import { daysLeft, endingDays } from './client-views.ts';

export interface EndingParts {
  readonly certificates: Pick<ServerCertificates, 'current' | 'next' | 'authority'>;
  readonly registry: Pick<InstanceRegistry, 'clients' | 'instances' | 'upstreamsOf'>;
  readonly roots: Pick<TrustedRoots, 'roots' | 'seen'>;
  /** Reads a certificate; remembers what it read. */
  readonly read: (pem: string) => ClientCertificate;
}

/** A certificate and what it is for. */
export interface KnownCertificate {
  readonly kind: EndingView['kind'];
  /** Of a client, a root or a service instance; empty for our own. */
  readonly name: string;
  /** The service instance; empty for our own. */
  readonly instance: string;
  readonly certificate: ClientCertificate;
  readonly todo: string;
  readonly command: string;
}

type Row = Omit<KnownCertificate, 'certificate'>;

/** Of what is damaged no end is known; whoever owns it says so. */
const readable = ({ read }: EndingParts, pems: readonly string[]): readonly ClientCertificate[] =>
  pems.flatMap((pem) => {
    try {
      return [read(pem)];
    } catch {
      return [];
    }
  });

/** The certificates in `pems`, each with the row. */
const described = (parts: EndingParts, pems: readonly string[], row: Row): readonly KnownCertificate[] =>
  readable(parts, pems).map((certificate) => ({ ...row, certificate }));

/** All of them, in no order. */
export const knownCertificates = (parts: EndingParts): readonly KnownCertificate[] => [
  ...own(parts),
  ...parts.registry.clients().flatMap((client) => ofClient(client, parts)),
  ...parts.roots.roots().flatMap((root) => ofRoot(root, parts)),
  ...ofUpstreams(parts),
];

const own = (parts: EndingParts): readonly KnownCertificate[] => {
  const { current, next, authority } = parts.certificates;
  const of = (pem: string, row: Row) => described(parts, [pem], row);
  const none = { name: '', instance: '' } as const;
  const command = 'kmip-edge certificate renew';
  const todo = 'Make the next server certificate, have every vCenter trust it, then activate it.';
  return [
    ...of(current.certificatePem, { ...none, kind: 'server', todo, command }),
    ...(next ? of(next.certificatePem, { ...none, kind: 'next', todo, command: 'kmip-edge certificate discard' }) : []),
    ...of(authority.certificatePem, {
      ...none,
      kind: 'authority',
      todo: 'Make a new authority with the next server certificate; clients that the old one signed stay admitted.',
      command: 'kmip-edge certificate renew --new-authority',
    }),
  ];
};

const replacements: Readonly<Record<Client['origin'], readonly [verb: string, how: string]>> = {
  pinned: ['add', 'let vCenter make a new certificate and add that under another name'],
  issued: ['issue', 'issue a new certificate under another name and give it to vCenter'],
  signed: ['sign', 'let vCenter make a new signing request and sign that'],
};

const ofClient = (client: Client, parts: EndingParts): readonly KnownCertificate[] => {
  const instance = nameOf(parts.registry, client.instanceId);
  const { name, origin, certificatePem } = client;
  const [verb, how] = replacements[origin];
  const todo = `It is served after its end too, but the client itself may refuse to use it: ${how}.`;
  return described(parts, [certificatePem], {
    kind: 'client',
    name,
    instance,
    todo,
    command: `kmip-edge client ${verb} --instance ${instance}`,
  });
};

const ofRoot = (root: ClientRoot, parts: EndingParts): readonly KnownCertificate[] => {
  const instance = nameOf(parts.registry, root.instanceId);
  const row = {
    name: root.name,
    instance,
    todo: 'Its clients are refused from then on: trust the new root beside it in time.',
    command: `kmip-edge client trust-root --instance ${instance}`,
  } as const;
  const seen = parts.roots.seen(root.id).map(({ certificatePem }) => certificatePem);
  // One that was renewed under the same subject is of no matter any more.
  const latest = new Map<string, ClientCertificate>();
  for (const certificate of readable(parts, seen)) {
    const { notAfter = 0 } = latest.get(certificate.subject) ?? {};
    if (certificate.notAfter > notAfter) latest.set(certificate.subject, certificate);
  }
  return [
    ...described(parts, [root.certificatePem], { ...row, kind: 'root' }),
    ...described(parts, pemBlocks(root.intermediatesPem), { ...row, kind: 'intermediate' }),
    ...[...latest.values()].map((certificate) => ({
      ...row,
      kind: 'root-client' as const,
      certificate,
      todo: 'It is refused from then on, unless its key is on the list: let its authority renew it under the same subject.',
      command: 'kmip-edge client roots',
    })),
  ];
};

/** Certificates of a CA bundle that was chosen for an upstream. */
const largestBundle = 8;

/** What a KMIP endpoint knows us by, and the bundle by which we know it. A pinned fingerprint does not say when it ends. */
const ofUpstreams = (parts: EndingParts): readonly KnownCertificate[] =>
  parts.registry.instances().flatMap(({ id, name }) =>
    // While keys move, or are left behind, there are two.
    parts.registry.upstreamsOf(id).flatMap((upstream) => ofUpstream(parts, name, upstream)),
  );

const ofUpstream = (
  parts: EndingParts,
  name: string,
  { settings: { certificate, caBundle } }: Upstream,
): readonly KnownCertificate[] => {
  const row = { name, instance: name } as const;
  const given = typeof caBundle === 'string' ? pemBlocks(caBundle) : [];
  // Of all the roots of the world some have always ended.
  const bundle = given.length > largestBundle ? [] : given;
  return [
    ...described(parts, typeof certificate === 'string' ? [certificate] : [], {
      ...row,
      kind: 'upstream-client',
      todo: 'The KMIP endpoint may refuse it from then on: renew it in time.',
      command: `kmip-edge instance renew-identity ${name}`,
    }),
    ...described(parts, bundle, {
      ...row,
      kind: 'upstream-authority',
      todo: 'The upstream is trusted no more from then on: give a new CA bundle in time.',
      command: `kmip-edge instance update ${name} --ca-file FILE`,
    }),
  ];
};

const nameOf = (registry: EndingParts['registry'], id: string): string =>
  registry.instances().find((instance) => instance.id === id)?.name ?? id;

/** The steps at which an end is said more loudly, days before it. */
const levels = [
  [0, 'ended'],
  [7, 'urgent'],
  [30, 'warning'],
  [endingDays, 'notice'],
] as const;

/** What ends within 60 days or has ended, the first to end first; `now` in milliseconds since 1970. */
export const certificateWarnings = (parts: EndingParts, now: number): readonly EndingView[] =>
  knownCertificates(parts)
    .map((known) => ({ known, level: levelOf(known.certificate.notAfter, now) }))
    .flatMap(({ known, level }) => (level === undefined ? [] : [endingView(known, level, now)]))
    .sort((one, other) => one.notAfter.localeCompare(other.notAfter));

const levelOf = (notAfter: number, now: number): EndingView['level'] | undefined => {
  if (now > notAfter) return 'ended';
  return levels.find(([days]) => days > 0 && notAfter - now <= days * 86_400_000)?.[1];
};

const endingView = (
  { certificate, ...row }: KnownCertificate,
  level: EndingView['level'],
  now: number,
): EndingView => ({
  ...row,
  level,
  subject: certificate.subject,
  sha256: displayFingerprint(certificate.fingerprintSha256),
  notAfter: new Date(certificate.notAfter).toISOString(),
  daysLeft: daysLeft(certificate.notAfter, now),
});
