// TLS as vCenter and vSAN hosts need it. Every client is asked for its certificate and none is refused by chain, because
// vCenter's own is self-signed and carries no Extended Key Usage: who it is gets decided by fingerprint, right after the
// handshake. The handshake itself proves that the peer holds the private key.

import type { TlsOptions } from 'node:tls';

export interface ServerIdentity {
  /** The certificate, and after it its authorities where a client cannot be expected to have them. */
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export interface TlsSettings {
  readonly minimumVersion: 'TLSv1.2' | 'TLSv1.3';
  /** Adds AES-CBC suites, with and without forward secrecy, for clients that have nothing newer. */
  readonly legacyCiphers: boolean;
  /** Milliseconds. */
  readonly handshakeTimeout: number;
}

const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
const tls12 = [
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-CHACHA20-POLY1305',
];
const legacy = ['ECDHE-RSA-AES128-SHA256', 'ECDHE-RSA-AES256-SHA384', 'AES128-SHA256', 'AES256-SHA256'];

/** Options for node:tls. */
export const tlsOptions = (identity: ServerIdentity, settings: TlsSettings): TlsOptions => ({
  key: identity.privateKeyPem,
  cert: identity.certificatePem,
  // No authority is trusted, because none is asked; without this line Node would load all that browsers trust.
  ca: [],
  requestCert: true,
  rejectUnauthorized: false,
  minVersion: settings.minimumVersion,
  maxVersion: 'TLSv1.3',
  ciphers: [...tls13, ...tls12, ...(settings.legacyCiphers ? legacy : [])].join(':'),
  honorCipherOrder: true,
  handshakeTimeout: settings.handshakeTimeout,
});
