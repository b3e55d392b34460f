// A reset of the appliance asks the server to forget who may manage it: by a file in the data directory, which whoever may
// write there puts there, and which is looked for before anybody can sign in.

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { serverEvent } from '../../audit/events.ts';
import type { AuditTrail } from '../../audit/trail.ts';
import type { Store } from '../../keys/ports.ts';
import { passwordRecordName } from './password.ts';

const fileName = 'forget-access';

/** Forgets the password and every token, durably, where that was asked for; then takes the file away. */
export const forgetAccess = async (
  dataDirectory: string,
  store: Store,
  trail: Pick<AuditTrail, 'record'>,
): Promise<void> => {
  const path = join(dataDirectory, fileName);
  if (!existsSync(path)) return;
  await store.write(
    ({ vault, tokens }) => {
      vault.deleteSealedSecret(passwordRecordName);
      for (const { id } of tokens.tokens()) tokens.deleteToken(id);
    },
    { erase: true },
  );
  trail.record(serverEvent('access.reset'));
  rmSync(path);
};
