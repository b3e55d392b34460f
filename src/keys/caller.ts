// Who asks. Every act on a key takes a Caller first, and only two make one: the KMIP edge, from an admitted certificate, and
// the management API, for an administrator whose role was checked. A call without an identity cannot be written.

import type { Journal } from './journal.ts';

export interface Caller {
  /** Of a client; empty for an administrator. */
  readonly clientId: string;
  /** The client's name, or the administrator's. */
  readonly clientName: string;
  /** SHA-256 of the client certificate, lower-case hexadecimal; empty for an administrator. */
  readonly fingerprint: string;
  readonly instanceId: string;
  readonly address: string;
  /** Absent for a client. */
  readonly administrator?: { readonly kind: 'box' | 'user' | 'token' | 'nobody'; readonly role: string };
  /** Where what is done is noted, if it may have to be undone. */
  readonly journal?: Journal;
}
