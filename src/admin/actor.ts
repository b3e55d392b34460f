// Who administers. Every handler of the management API is told, so that what is done can be recorded with a name.

import type { Role } from './api/schema.ts';

export interface Actor {
  /**
   * `box`: whoever may open the Unix socket of the data directory. `user`: signed in with the password. `nobody`: showed
   * nothing, or what does not count any more.
   */
  readonly kind: 'box' | 'user' | 'token' | 'nobody';
  /** Of the token; `administrator` for a user, `local` for the box. */
  readonly name: string;
  readonly role: Role;
  /** Empty on the Unix socket. */
  readonly address: string;
}

export const boxActor: Actor = { kind: 'box', name: 'local', role: 'administrator', address: '' };

/** Who has not signed in. */
export const nobody = (address: string): Actor => ({ kind: 'nobody', name: 'nobody', role: 'anyone', address });

/** Who signed in with the password. */
export const userActor = (address: string): Actor => ({
  kind: 'user',
  name: 'administrator',
  role: 'administrator',
  address,
});
