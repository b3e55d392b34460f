// Client certificates made by the openssl command, as vCenter and others make theirs.

import type { ExecutionContext } from 'ava';
import { openBench } from '../ca/openssl.ts';

export interface KeyPair {
  readonly certificate: string;
  readonly privateKey: string;
}

/** Self-signed and without Extended Key Usage, as vCenter's own. `days` below zero: expired. */
export const selfSigned = async (t: ExecutionContext, days = 365): Promise<KeyPair> => {
  const bench = await openBench(t);
  const subject = '/C=US/O=VMware/CN=kmipClient20261123094708';
  await bench.openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-subj',
    subject,
    '-keyout',
    'key',
    '-out',
    'csr',
  );
  await bench.openssl('x509', '-req', '-in', 'csr', '-signkey', 'key', '-days', `${days}`, '-out', 'pem');
  return {
    certificate: await bench.openssl('x509', '-in', 'pem'),
    privateKey: await bench.openssl('rsa', '-in', 'key'),
  };
};

/** The subject's certificate as text, for looking at its extensions. */
export const describeCertificate = async (t: ExecutionContext, pem: string): Promise<string> => {
  const bench = await openBench(t);
  return bench.openssl('x509', '-in', await bench.file('pem', pem), '-noout', '-text');
};
