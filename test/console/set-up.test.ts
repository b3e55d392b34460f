// The set-up at the console with a real server and a Key Protect simulator over real HTTPS: from a new appliance to a key
// that a client gets; and what can go otherwise in its steps.

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { pages } from '../../src/console/pages.ts';
import { line } from '../../src/console/screen.ts';
import { Session } from '../../src/console/session.ts';
import { startNewAppliance } from './new-appliance.ts';
import { Player } from './player.ts';
import { setUpByHand } from './set-up-by-hand.ts';

const password = 'correct horse battery';

test('a new appliance is set up at its console until a client gets a key', async (t) => {
  const { server, upstream, clientCertificate, newKey } = await startNewAppliance(t);
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
  const seen = await setUpByHand(player, { password, upstream, clientCertificate });
  const { certificate, seal } = await server.api('status', {});
  t.is(seen.sha1, certificate.sha1);
  t.true(seal.includes('passphrase'));
  t.regex(seen.passphrase, /^([a-z2-9]{5}-){5}[a-z2-9]{5}$/);
  t.truthy(await newKey());
  const main = (await server.api('instance.list', {})).find(({ name }) => name === 'main');
  t.is(main?.upstream, 'key-protect');
  t.is(main?.keys, 1);
});
