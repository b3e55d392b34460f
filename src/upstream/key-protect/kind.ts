// The `key-protect` kind of upstream: what an administrator gives is checked live, and stored as settings without the API
// key, which is the secret.

import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { UpstreamKind } from '../../keys/upstream-ports.ts';
import type { Log } from '../../log.ts';
import { Secret } from '../../secret.ts';
import { checkKeyProtect } from './check.ts';
import type { KeyProtectOptions } from './connect.ts';
import { baseUrl, endpointOf } from './endpoints.ts';
import type { Timings } from './guard.ts';
import type { HttpProxy } from './http.ts';
import { createKeyProtectRootKey } from './root-key.ts';

type Settings = Omit<KeyProtectOptions, 'apiKey' | 'clock' | 'log' | 'timings' | 'proxy'>;

/** What may be given: the name it has on the command line, whether it has to be there, and its type. */
const fields = {
  url: { option: '--url', required: true, type: 'string' },
  iamUrl: { option: '--iam-url', required: false, type: 'string' },
  instanceId: { option: '--instance-id', required: true, type: 'string' },
  crk: { option: '--crk', required: true, type: 'string' },
  apiKey: { option: '--api-key-file', required: true, type: 'string' },
  keyRing: { option: '--key-ring', required: false, type: 'string' },
  caBundle: { option: '--ca-file', required: false, type: 'string' },
  aad: { option: '--no-aad', required: false, type: 'boolean' },
} as const satisfies Record<keyof Settings | 'apiKey', { option: string; required: boolean; type: string }>;

export interface KeyProtectKindOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly timings: Partial<Timings>;
  readonly proxy?: HttpProxy | undefined;
}

/** The kind, with the patience that the configuration gives. */
export const keyProtectKind = (parts: KeyProtectKindOptions): UpstreamKind => ({
  kind: 'key-protect',
  holds: 'root key',
  remote: true,
  secretSetting: 'apiKey',
  fixed: ['instanceId', 'crk', 'aad'],
  async prepare(input) {
    const { apiKey, settings } = readInput(input);
    const facts = await checkKeyProtect({ ...settings, apiKey: new Secret(apiKey), ...parts });
    const { crkName: name, version } = facts;
    return {
      // The identifier, not the alias that was typed: an alias can be moved to another key.
      settings: { ...settings, crk: facts.crkId },
      secret: Buffer.from(apiKey),
      rootKey: {
        state: 'active',
        ...(name === undefined ? {} : { name }),
        ...(version === undefined ? {} : { version }),
      },
    };
  },
  targets(stored) {
    const { url, iamUrl, caBundle } = stored as Settings;
    const endpoint = endpointOf(url);
    const ca = caBundle === undefined ? {} : { ca: caBundle };
    const iam = iamUrl === undefined ? endpoint.iamUrl : baseUrl('the iam url', iamUrl);
    return [
      { service: 'Key Protect', ...hostOf(endpoint.url), ...ca },
      { service: 'IAM', ...hostOf(iam), ...ca },
    ].map((target) => ({ ...target, ...hopOf(target.host, parts.proxy) }));
  },
  open(_instance, stored, secret) {
    const settings = stored as Settings;
    return createKeyProtectRootKey({ ...settings, apiKey: new Secret(secret.toString()), ...parts });
  },
});

/** The proxy on the way to `host`, where there is one. */
const hopOf = (host: string, proxy: HttpProxy | undefined) => {
  if (!proxy || proxy.except.includes(host)) return {};
  const { hostname, port } = new URL(proxy.url);
  return { proxy: { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 80 : Number(port) } };
};

const hostOf = (base: string) => {
  const { hostname, port } = new URL(base);
  return { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 443 : Number(port), protocol: 'https' } as const;
};

const readInput = (input: unknown): { readonly apiKey: string; readonly settings: Settings } => {
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(fields, name));
  if (unknown.length > 0) throw new EdgeError('invalid-field', `key-protect has no setting '${unknown.join("', '")}'`);
  const missing = Object.entries(fields).filter(([name, { required }]) => required && given[name] === undefined);
  if (missing.length > 0) {
    throw new EdgeError('missing-data', `key-protect needs ${missing.map(([, { option }]) => option).join(', ')}`);
  }
  for (const [name, { option, type }] of Object.entries(fields)) {
    if (given[name] !== undefined && typeof given[name] !== type) {
      throw new EdgeError('invalid-field', `${option} is not a ${type}`);
    }
  }
  const { apiKey, ...settings } = given as unknown as Settings & { readonly apiKey: string };
  return { apiKey, settings };
};
