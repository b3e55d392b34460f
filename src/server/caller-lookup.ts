// From a fingerprint to the Caller that every act on a key asks for: the only place that makes one.

import type { Caller } from '../keys/caller.ts';
import type { Client } from '../keys/instance-ports.ts';

/** What the server needs of the service instances. */
export interface ClientDirectory {
  /** Who is pinned, or vouched for by a root. */
  clientOf(fingerprint: string): Pick<Client, 'id' | 'name' | 'instanceId'> | undefined;
}

/** Gives the caller for a fingerprint and an address, or undefined for a certificate that stands for nobody now. */
export const callerLookup =
  (directory: ClientDirectory) =>
  (fingerprint: string, address: string): Caller | undefined => {
    const client = directory.clientOf(fingerprint);
    if (!client) return undefined;
    return { clientId: client.id, clientName: client.name, fingerprint, instanceId: client.instanceId, address };
  };
