// Who asks. Every act on a key takes a Caller first, and only the KMIP edge makes one, from an admitted certificate: a
// call without an identity cannot be written.

export interface Caller {
  readonly clientId: string;
  readonly clientName: string;
  /** SHA-256 of the client certificate, lower-case hexadecimal. */
  readonly fingerprint: string;
  readonly instanceId: string;
  readonly address: string;
}
