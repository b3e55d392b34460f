// The update of an appliance on its page, with the part that needs root played by the test: the file goes up and is installed,
// one of a stranger is refused, and how the last one ended is to be seen, and the last look that nobody asked for.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { schemaVersion } from '../../src/store/sqlite/migrations.ts';
import { writeLook } from '../../src/update/look-record.ts';
import { version } from '../../src/version.ts';
import { testPassword, withHttps } from '../kit/https.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { imageOf, makeBundle, updateKeyPair } from '../update/bundle-kit.ts';
import { FakeRoot } from '../update/fake-root.ts';
import { hasBrowser, openBrowser } from './browser.ts';
import { acts } from './kit.ts';
import { look } from './look.ts';

const running = { version, schema: schemaVersion };

test('an update is installed from the page, and one of a stranger is not', async (t) => {
  if (!hasBrowser(t)) return;
  const directory = temporaryDirectory(t);
  const pair = updateKeyPair();
  const root = new FakeRoot(directory, pair, running);
  const last = {
    kind: 'update',
    version: '8.0.0',
    from: version,
    outcome: 'returned',
    at: new Date().toISOString(),
  } as const;
  root.state.setRecord({
    running: 'a',
    slots: { a: running },
    last: { ...last, problem: 'its server does not start' },
  });
  const address = `https://mirror.example.com/${'a-folder/'.repeat(12)}kmip-edge.update`;
  writeFileSync(root.places.unattended, JSON.stringify({ address, time: '02:30' }));
  writeLook(root.places.state, { found: 'given-up', version: '8.0.0' }, Date.now());
  const server = await startServer(t, { updatePlaces: root.places, settings: withHttps });
  await server.api('password.set', { password: testPassword });
  const watching = root.watch();
  t.teardown(async () => {
    root.end();
    await watching;
  });
  const downloads = join(directory, 'downloads');
  mkdirSync(downloads);
  const url = `https://127.0.0.1:${server.running.https.port}/`;
  const { page, problems, refused } = await openBrowser(t, url, downloads);
  const { fill, press, see, open, upload } = acts(page, directory);
  await page.goto(url);
  await fill('Administrator password', testPassword);
  await press('Sign in');
  await see('Overview');
  await open('appliance', 'Appliance');
  await see('kmip-edge 8.0.0 was not well');
  await see('Its server does not start');
  await see('daily after 02:30, from https://mirror.example.com/');
  await see('kmip-edge 8.0.0 lies there, which was given up before');
  t.deepEqual(await look(page, 'update'), []);

  const stranger = await makeBundle(directory, updateKeyPair().privateKey, { version: '9.0.0' });
  await press('Install an update');
  await upload('Update', 'stranger.update', stranger.bytes);
  await refused(async () => {
    await press('Upload and install');
    await see('not signed by a key');
  });
  t.deepEqual(await look(page, 'update-refused'), []);

  const image = imageOf(390_000);
  const own = await makeBundle(directory, pair.privateKey, { version: '9.0.0', schema: schemaVersion, image });
  await upload('Update', 'own.update', own.bytes);
  await press('Upload and install');
  await see('The appliance restarts into the new system');
  t.deepEqual(root.disk.slots.b.subarray(0, image.length), image);
  t.deepEqual(root.disk.environment, { slot: 'a', trial: 'b' });
  t.deepEqual(problems(), []);
});
