// The `kmip` kind of upstream: a KMIP endpoint that holds the keys. What an administrator gives is checked live; the
// private key of our identity there is the secret, everything else is settings.

import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { EndpointKind, KeyEndpoint } from '../../keys/upstream-ports.ts';
import type { Log } from '../../log.ts';
import { Secret } from '../../secret.ts';
import { createRegionalEndpoint, type RegionalEndpoint } from './endpoint.ts';
import { endpointOf, runningAt } from './endpoints.ts';
import { markerName } from './operations.ts';
import type { Timings } from './timings.ts';
import { caTrust, pinTrust, type Trust } from './trust.ts';

export interface RegionalKmipKindOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly timings?: Partial<Timings>;
}

interface Settings {
  /** A region, or addresses, as the user gave it. */
  readonly endpoint: string;
  readonly fingerprints?: readonly string[];
  /** PEM, or `system`. */
  readonly caBundle?: string;
  /** Our client certificate there, PEM. */
  readonly certificate: string;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What may be given: the name on the command line, whether it has to be there, and what it must be. */
const fields = {
  endpoint: { option: '--region or --address', required: true, fits: isText },
  fingerprints: {
    option: '--fingerprint',
    required: false,
    fits: (value: unknown) => Array.isArray(value) && value.length <= 16 && value.every(isText),
  },
  caBundle: { option: '--ca-file', required: false, fits: isText },
  certificate: { option: 'certificate', required: true, fits: isText },
  privateKey: { option: 'privateKey', required: true, fits: isText },
} as const satisfies Record<
  keyof Settings | 'privateKey',
  { option: string; required: boolean; fits: (value: unknown) => boolean }
>;

/** The kind. */
export const regionalKmipKind = (parts: RegionalKmipKindOptions): EndpointKind => ({
  kind: 'kmip',
  holds: 'keys',
  secretSetting: 'privateKey',
  alternatives: ['fingerprints', 'caBundle'],
  async prepare(input) {
    const { privateKey, settings } = readInput(input);
    warnOfEnd(settings, parts);
    const endpoint = open(settings, new Secret(privateKey), parts);
    try {
      await endpoint.probe();
      // Discover Versions is answered before the certificate is looked up: only a question about keys proves that.
      await endpoint.locate({ maximum: 1 });
      return {
        settings: { ...settings },
        secret: Buffer.from(privateKey),
        rootKey: { state: 'active', name: endpoint.name },
      };
    } finally {
      await endpoint.close();
    }
  },
  targets(stored) {
    const settings = stored as Settings;
    const trust = trustOf(settings);
    const trusted = trust.kind === 'pin' ? { pins: trust.pins } : trust.bundle === 'system' ? {} : { ca: trust.bundle };
    return endpointOf(settings.endpoint).addresses.map(({ host, port }) => ({
      service: 'KMIP endpoint',
      host,
      port,
      protocol: 'kmip' as const,
      ...trusted,
    }));
  },
  open: (_instance, stored, secret) => asKeyEndpoint(open(stored as Settings, new Secret(secret.toString()), parts)),
});

const open = (settings: Settings, privateKey: Secret, parts: RegionalKmipKindOptions): RegionalEndpoint => {
  const { addresses } = endpointOf(settings.endpoint);
  const identity = { certificate: settings.certificate, privateKey };
  return createRegionalEndpoint({ addresses, trust: trustOf(settings), identity, ...parts });
};

const asKeyEndpoint = (endpoint: RegionalEndpoint): KeyEndpoint => ({
  ...endpoint,
  markerName,
  replaceCredential: (stored, secret) => {
    const { certificate } = stored as Settings;
    return endpoint.setIdentity({ certificate, privateKey: new Secret(secret.toString()) });
  },
  list: (call) => endpoint.locate({}, call),
});

const trustOf = ({ fingerprints, caBundle }: Settings): Trust => {
  if (fingerprints && caBundle !== undefined) {
    throw new EdgeError('invalid-field', 'trust is by fingerprint or by CA bundle, not by both');
  }
  if (fingerprints) return pinTrust(fingerprints);
  if (caBundle !== undefined) return caTrust(caBundle);
  throw new EdgeError('missing-data', 'it is not said how the endpoint is to be trusted', {
    hint: 'compare the fingerprint that it presents with one from a source you trust, and give it with --fingerprint; or give --ca-file',
  });
};

const warnOfEnd = ({ endpoint }: Settings, { clock, log }: RegionalKmipKindOptions): void => {
  const { name, row } = endpointOf(endpoint);
  const running = row && runningAt(row, clock.now());
  if (running === undefined || running === 'runs') return;
  const ends = new Date(row?.ends ?? 0).toISOString().slice(0, 10);
  log.warn(running === 'ended' ? 'this endpoint has ended' : 'this endpoint will end', { endpoint: name, ends });
};

const readInput = (input: unknown): { readonly privateKey: string; readonly settings: Settings } => {
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
  if (unknown.length > 0) throw new EdgeError('invalid-field', `kmip has no setting '${unknown.join("', '")}'`);
  for (const [name, { option, required, fits }] of Object.entries(fields)) {
    if (given[name] === undefined && required) throw new EdgeError('missing-data', `kmip needs ${option}`);
    if (given[name] !== undefined && !fits(given[name]))
      throw new EdgeError('invalid-field', `${option} is not as it must be`);
  }
  const { privateKey, ...settings } = given as unknown as Settings & { readonly privateKey: string };
  return { privateKey, settings };
};
