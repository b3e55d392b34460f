// The set-up at the console with a real server and a Key Protect simulator over real HTTPS: from a new appliance to a key
// that a client gets; and what can go otherwise in its steps.

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { pages } from '../../src/console/pages.ts';
import { line } from '../../src/console/screen.ts';
import { Session } from '../../src/console/session.ts';
import { startServer } from '../kit/server.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { selfSigned } from '../server/certificates.ts';
import { Player } from './player.ts';
import { setUpByHand } from './set-up-by-hand.ts';

const password = 'correct horse battery';

test('a new appliance is set up at its console until a client gets a key', async (t) => {
  const [server, simulator, vcenter] = await Promise.all([startServer(t), startKeyProtectSimulator(), selfSigned(t)]);
  t.teardown(() => simulator.close());
  const player = new Player();
  const session = new Session({
    ui: player.ui,
    call: server.api,
    hostFacts: () => ({ name: 'edge1', addresses: ['192.0.2.7'] }),
    pages,
    look: async () => () => [line(' Service instances')],
    pause: () => setTimeout(20, undefined, { ref: false }),
  });
  void session.run();
  const seen = await setUpByHand(player, { password, upstream: simulator, clientCertificate: vcenter.certificate });
  const { certificate, seal } = await server.api('status', {});
  t.is(seen.sha1, certificate.sha1);
  t.true(seal.includes('passphrase'));
  t.regex(seen.passphrase, /^([a-z2-9]{5}-){5}[a-z2-9]{5}$/);
  const uid = await newKeyAsVcenter({
    host: '127.0.0.1',
    port: server.port,
    ...vcenter,
    authority: server.client.authority,
  });
  t.truthy(uid);
  const main = (await server.api('instance.list', {})).find(({ name }) => name === 'main');
  t.is(main?.upstream, 'key-protect');
  t.is(main?.keys, 1);
});
