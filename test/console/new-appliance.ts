// A new appliance before anybody has set it up, with a Key Protect that it can reach and a vCenter that will want a key.

import type { ExecutionContext } from 'ava';
import { startServer } from '../kit/server.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { selfSigned } from '../server/certificates.ts';

/** All of it ends with the test. */
export const startNewAppliance = async (t: ExecutionContext) => {
  const [server, upstream, vcenter] = await Promise.all([startServer(t), startKeyProtectSimulator(), selfSigned(t)]);
  t.teardown(() => upstream.close());
  const { port, client } = server;
  return {
    server,
    upstream,
    clientCertificate: vcenter.certificate,
    /** A key that vCenter makes and gets; its unique identifier. Throws until vCenter is admitted. */
    newKey: () => newKeyAsVcenter({ host: '127.0.0.1', port, ...vcenter, authority: client.authority }),
  };
};
