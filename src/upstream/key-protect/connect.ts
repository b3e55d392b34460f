// The options of a Key Protect instance, parsed once, and the parts that speak to it: connections, token, client.

import { X509Certificate } from 'node:crypto';
import type { Clock } from '../../clock.ts';
import { EdgeError } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { Secret } from '../../secret.ts';
import { createKeyProtectClient, type KeyProtectClient } from './client.ts';
import { baseUrl, endpointOf, instanceIdOf, keyIdOf, keyRingOf } from './endpoints.ts';
import { defaultTimings, type Timings } from './guard.ts';
import { createHttp, type HttpProxy } from './http.ts';
import { createIamToken, type IamToken } from './iam-token.ts';

export interface KeyProtectOptions {
  /** Region, `private.` region, host[:port][/path] or https URL. */
  readonly url: string;
  /** Base URL of IAM; left out, the one that goes with `url` (private for a private endpoint). */
  readonly iamUrl?: string | undefined;
  /** GUID or CRN of the instance. */
  readonly instanceId: string;
  /** Id, alias or CRN of the root key. */
  readonly crk: string;
  readonly apiKey: Secret;
  readonly keyRing?: string | undefined;
  /** PEM certificates to trust instead of the system's; they must cover Key Protect and IAM. */
  readonly caBundle?: string | undefined;
  /** False for endpoints without additional data (Hyper Protect Crypto Services). Default true. */
  readonly aad?: boolean;
  readonly timings?: Partial<Timings>;
  readonly proxy?: HttpProxy | undefined;
  readonly clock: Clock;
  readonly log: Log;
}

/** What is needed before a root key has been chosen. */
export type InstanceOptions = Omit<KeyProtectOptions, 'crk' | 'aad'>;

export interface InstanceLink {
  readonly client: KeyProtectClient;
  readonly token: IamToken;
  /** Of the endpoint, with its port where that is not the usual one. */
  readonly host: string;
  /** What the options give, and the defaults for the rest. */
  readonly timings: Timings;
  close(): Promise<void>;
}

export interface KeyProtectLink extends InstanceLink {
  readonly crk: string;
  /** What a person would call the root key. */
  readonly name: string;
}

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const checkCertificate = (pem: string, index: number): void => {
  try {
    new X509Certificate(pem);
  } catch (cause) {
    const message = `certificate ${index + 1} of the ca bundle is damaged`;
    throw new EdgeError('invalid-field', message, { cause, hint: 'take it out, or export it again as PEM' });
  }
};

const checkedBundle = (pem: string): string => {
  const blocks = pem.match(pemBlock) ?? [];
  blocks.forEach(checkCertificate);
  if (blocks.length > 0) return pem;
  throw new EdgeError('invalid-field', 'the ca bundle holds no certificate', { hint: 'give PEM text' });
};

/** One attempt ends before the call does: one that the call cuts short says nothing about the upstream. */
const timingsOf = (given: Partial<Timings> | undefined): Timings => {
  const timings = { ...defaultTimings, ...given };
  return { ...timings, attemptMs: Math.min(timings.attemptMs, timings.totalMs * 0.9) };
};

/** Parses the options and builds the parts; no request is made. Errors: `invalid-field`. */
export const connectKeyProtect = (options: KeyProtectOptions): KeyProtectLink => {
  const crk = keyIdOf(options.crk);
  const link = connectInstance(options);
  return { ...link, crk, name: `root key ${crk} at ${link.host}` };
};

/** The same before a root key has been chosen. */
export const connectInstance = (options: InstanceOptions): InstanceLink => {
  const { apiKey, clock, log } = options;
  const endpoint = endpointOf(options.url);
  const iamUrl = options.iamUrl === undefined ? endpoint.iamUrl : baseUrl('the iam url', options.iamUrl);
  const instanceId = instanceIdOf(options.instanceId);
  const keyRing = options.keyRing === undefined ? {} : { keyRing: keyRingOf(options.keyRing) };
  const timings = timingsOf(options.timings);
  const http = createHttp({
    connectMs: timings.attemptMs,
    connectionLifeMs: timings.connectionLifeMs,
    proxy: options.proxy,
    ...(options.caBundle === undefined ? {} : { caBundle: checkedBundle(options.caBundle) }),
  });
  const token = createIamToken({ iamUrl, apiKey, http, clock, log, attemptMs: timings.attemptMs });
  const client = createKeyProtectClient({
    url: endpoint.url,
    instanceId,
    ...keyRing,
    token,
    http,
    clock,
    log,
    timings,
  });
  return {
    client,
    token,
    host: new URL(endpoint.url).host,
    timings,
    close: async () => {
      token.close();
      await http.close();
    },
  };
};
