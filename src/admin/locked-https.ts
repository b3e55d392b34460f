// The HTTPS port of a server that is locked. Its own certificate lies sealed with everything else, so it shows one that is
// made for the moment; nobody can sign in, and the recovery passphrase is all that it takes.

import { selfSignedServer } from '../ca/self-signed.ts';
import type { Clock } from '../clock.ts';
import type { Damage } from '../damage.ts';
import type { Store } from '../keys/ports.ts';
import type { Log } from '../log.ts';
import { LockOut } from './access/lock-out.ts';
import { Sessions } from './access/sessions.ts';
import { Tokens } from './access/tokens.ts';
import { createHttps, type HttpsOptions } from './https.ts';
import type { Handlers } from './routes.ts';

export interface LockedHttpsParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
  readonly admin: { readonly listen: HttpsOptions['listen']; readonly idleTimeout: number };
  readonly server: { readonly names: readonly string[] };
  readonly passed: () => number | undefined;
}

const days = 30;

/** Begins to serve; gives how to end that. */
export const lockedHttps =
  ({ store, clock, log, damage, admin, server, passed }: LockedHttpsParts) =>
  async (handlers: Handlers): Promise<() => Promise<void>> => {
    const { listen, idleTimeout } = admin;
    if (listen === 'off') return async () => {};
    const made = await selfSignedServer({ commonName: 'kmip-edge-locked', days, now: clock.now() });
    const tokens = new Tokens({ store, clock, log, damage });
    const https = createHttps({
      ...{ listen, names: server.names, passed, clock, log, tokens },
      identity: { certificatePem: made.certificatePem, privateKeyPem: made.privateKeyPem.reveal() },
      sessions: new Sessions(clock, { idle: idleTimeout }),
      lockOut: new LockOut(clock),
    });
    await https.open(handlers);
    return async () => {
      await https.close();
      await tokens.close();
    };
  };
