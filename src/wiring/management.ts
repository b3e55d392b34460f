// Who may manage the server, and how: the password, tokens and sessions, the page's port, and the record of what was done.

import { LockOut } from '../admin/access/lock-out.ts';
import { AdministratorPassword, type PasswordCost } from '../admin/access/password.ts';
import { Sessions } from '../admin/access/sessions.ts';
import { Tokens } from '../admin/access/tokens.ts';
import { entryOfAct, recordedActs } from '../admin/act-entry.ts';
import { type Act, logActs } from '../admin/acts.ts';
import { shown } from '../admin/certificate-storage.ts';
import { createHttps } from '../admin/https.ts';
import type { OnEnd } from '../admin/routes.ts';
import type { Audit } from '../audit/audit.ts';
import type { ServerCertificates } from '../ca/server-certificates.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/settings.ts';
import type { Damage } from '../damage.ts';
import type { Store } from '../keys/ports.ts';
import type { Sealer } from '../keys/seal-ports.ts';
import type { Log } from '../log.ts';
import type { Secret } from '../secret.ts';

export interface ManagementParts {
  readonly config: Pick<Config, 'admin' | 'server'>;
  readonly store: Store;
  readonly sealer: Sealer;
  readonly trail: Audit['trail'];
  readonly certificates: ServerCertificates;
  /** The page's socket, where systemd has opened it. */
  readonly passed: () => number | undefined;
  readonly passwordCost: PasswordCost | undefined;
  /** Set where no administrator password is. */
  readonly adminPassword: Secret | undefined;
  readonly onEnd: OnEnd;
  readonly clock: Clock;
  readonly log: Log;
  readonly damage: Damage;
}

/** Opens what knows who asks. The page's port is not served before it is opened with its handlers. */
export const openManagement = async (parts: ManagementParts) => {
  const { config, store, sealer, trail, certificates, passed, adminPassword, onEnd, clock, log, damage } = parts;
  const logAct = logActs(log);
  const onAct = (act: Act): void => {
    logAct(act);
    if (act.outcome !== 'done') trail.record(entryOfAct(act));
  };
  /** Told of, and recording, what the management API is asked; whichever way the question came. */
  const ends = { onAct, perform: recordedActs(store, trail), onEnd };
  const password = new AdministratorPassword({ store, sealer, clock, cost: parts.passwordCost });
  if (adminPassword && !password.isSet) await password.set(adminPassword);
  const sessions = new Sessions(clock, { idle: config.admin.idleTimeout });
  const tokens = new Tokens({ store, clock, log, damage });
  const https = createHttps({
    ...{ listen: config.admin.listen, names: config.server.names, passed, identity: shown(certificates.current) },
    ...{ sessions, tokens, lockOut: new LockOut(clock), clock, log },
    ...ends,
  });
  return { access: { password, sessions, tokens, lockOut: new LockOut(clock), clock }, https, ends };
};
