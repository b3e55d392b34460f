// The three files of an issued client certificate. The private key exists nowhere else, so nothing is ever overwritten.

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { IssuedClient } from '../admin/api/clients.ts';
import { EdgeError } from '../errors.ts';

const files = ['client.key', 'client.pem', 'ca.pem'] as const;

/** Throws `already-exists` where a file of ours is in the way: asked before the certificate is issued. */
export const requireFree = (directory: string): void => {
  const taken = files.map((file) => join(directory, file)).find((path) => existsSync(path));
  if (taken !== undefined) {
    throw new EdgeError('already-exists', `${taken} is already there and will not be overwritten`, {
      hint: 'name another directory with --out',
    });
  }
};

/** Writes client.key (mode 0600), client.pem and ca.pem. */
export const writeClientFiles = (directory: string, issued: IssuedClient): void => {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'client.key'), issued.privateKeyPem, { mode: 0o600, flag: 'wx', flush: true });
  writeFileSync(join(directory, 'client.pem'), issued.certificatePem, { flag: 'wx', flush: true });
  writeFileSync(join(directory, 'ca.pem'), issued.authorityPem, { flag: 'wx', flush: true });
};
