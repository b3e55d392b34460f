// The options that name a Key Protect instance, for every command that takes them.

import type { Command } from 'commander';
import { readInput, readSecret } from './command.ts';

export interface KeyProtectOptions {
  readonly url?: string;
  readonly iamUrl?: string;
  readonly instanceId?: string;
  readonly crk?: string;
  readonly apiKeyFile?: string;
  readonly keyRing?: string;
  readonly caFile?: string | undefined;
  readonly aad: boolean;
}

/** Adds them to `command`. */
export const withKeyProtectOptions = (command: Command): Command =>
  command
    .option('--url <url>', 'Key Protect: a region such as us-south or private.us-south, or the URL of an endpoint')
    .option('--iam-url <url>', 'Key Protect: IAM endpoint (default: the one that goes with the region)')
    .option('--instance-id <guid>', 'Key Protect: GUID of the Key Protect instance')
    .option('--crk <id>', 'Key Protect: identifier or alias of the customer root key')
    .option('--api-key-file <file>', 'Key Protect: file that holds an API key with the service role Reader')
    .option('--key-ring <id>', 'Key Protect: key ring of the root key')
    .option(
      '--ca-file <file>',
      "CA bundle to trust instead of the system's (PEM); with --fingerprint for Key Protect alone",
    )
    .option('--no-aad', 'Key Protect: do not bind wrapped keys to their identifiers (endpoints without AAD)');

/** What was given, as the management API takes it. Throws `invalid-field` for a file that cannot be read. */
export const keyProtectSettings = (options: KeyProtectOptions): Record<string, unknown> => {
  const { url, iamUrl, instanceId, crk, keyRing, apiKeyFile, caFile } = options;
  const given = {
    url,
    iamUrl,
    instanceId,
    crk,
    keyRing,
    apiKey: apiKeyFile === undefined ? undefined : readSecret('API key', apiKeyFile),
    caBundle: caFile === undefined ? undefined : readInput('CA bundle', caFile),
    aad: options.aad ? undefined : false,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
};
