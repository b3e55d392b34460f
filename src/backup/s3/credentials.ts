// The HMAC credentials of an S3 service, from a file: what IBM Cloud shows of a service credential (JSON with
// cos_hmac_keys), the credentials file of the AWS tools, or the key and the secret on two lines.

import { open } from 'node:fs/promises';
import { EdgeError } from '../../errors.ts';
import { Secret } from '../../secret.ts';

export interface S3Credentials {
  readonly keyId: string;
  readonly secret: Secret;
}

const maximumFile = 64 * 1024;
const keyShape = /^[\x21-\x7e]{1,256}$/;

/** Reads them. Throws `invalid-field` for a file that cannot be read or holds none. */
export const readS3Credentials = async (path: string): Promise<S3Credentials> => {
  const text = await readText(path);
  const [keyId, secret] = fromJson(text) ?? fromIni(text) ?? fromLines(text) ?? [];
  if (keyId !== undefined && secret !== undefined && keyShape.test(keyId) && keyShape.test(secret)) {
    return { keyId, secret: new Secret(secret) };
  }
  throw new EdgeError('invalid-field', `${path} holds no HMAC credentials`, {
    hint: 'make a service credential with HMAC in IBM Cloud and put its JSON there, or the key and the secret on two lines',
  });
};

const readText = async (path: string): Promise<string> => {
  try {
    const file = await open(path, 'r');
    try {
      const bytes = Buffer.alloc(maximumFile);
      const { bytesRead } = await file.read(bytes, 0, maximumFile, 0);
      const text = bytes.toString('utf8', 0, bytesRead);
      bytes.fill(0);
      return text;
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new EdgeError('invalid-field', `cannot read the S3 credentials from ${path}: ${code}`, { cause: error });
  }
};

type Pair = readonly [keyId: string, secret: string];

const fromJson = (text: string): Pair | undefined => {
  try {
    const value = JSON.parse(text) as Readonly<Record<string, unknown>> | null;
    const keys = (value?.['cos_hmac_keys'] ?? value) as Readonly<Record<string, unknown>> | null;
    const [keyId, secret] = [keys?.['access_key_id'], keys?.['secret_access_key']];
    return typeof keyId === 'string' && typeof secret === 'string' ? [keyId, secret] : undefined;
  } catch {
    return undefined;
  }
};

const fromIni = (text: string): Pair | undefined => {
  const value = (name: string): string | undefined =>
    new RegExp(`^\\s*${name}\\s*=\\s*(\\S+)\\s*$`, 'im').exec(text)?.[1];
  const [keyId, secret] = [value('aws_access_key_id'), value('aws_secret_access_key')];
  return keyId !== undefined && secret !== undefined ? [keyId, secret] : undefined;
};

const fromLines = (text: string): Pair | undefined => {
  const [keyId, secret, ...more] = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return keyId !== undefined && secret !== undefined && more.length === 0 ? [keyId, secret] : undefined;
};
