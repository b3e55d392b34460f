// Backups and settings on the page: one to take away that brings everything back, those that are made by themselves, and
// settings that count at once or from the next start.

import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { runHere } from '../cli/here.ts';
import { createKey } from '../custody/requests.ts';
import { startServer } from '../kit/server.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { pageTest } from './kit.ts';

const passphrase = 'correct horse battery staple';

pageTest('a backup is downloaded, and brings everything back on a new machine', async (t, box) => {
  const { port, client } = box.daemon;
  const connection = await connectKmip({ host: '127.0.0.1', port, ...client });
  const uid = await createKey(connection);
  connection.close();
  await box.signIn();
  await box.open('backups', 'Backups');
  await box.see('No backups are made by themselves');
  await box.look('backups-empty');
  await box.press('Download a backup');
  await box.see('What opens it');
  await box.look('backups-download');
  await box.fill('Passphrase', 'short');
  await box.press('Make and download');
  await box.see(/12/);
  await box.fill('Passphrase', passphrase);
  await box.fill('The same again', 'another passphrase');
  await box.press('Make and download');
  await box.see('The two are not the same.');
  await box.fill('The same again', passphrase);
  const { name, bytes } = await box.downloaded(() => box.press('Make and download'));
  t.regex(name, /^kmip-edge-\d{8}T\d{4}Z\.age$/);
  await box.gone('What opens it');
  const folder = temporaryDirectory(t);
  const [file, secret, directory] = [join(folder, name), join(folder, 'passphrase'), join(folder, 'data')];
  writeFileSync(file, bytes);
  writeFileSync(secret, passphrase);
  const restored = await runHere(['restore', file, '--passphrase-file', secret, '--data', directory]);
  t.is(restored.code, 0, restored.stderr);
  const next = await startServer(t, { dataDirectory: directory });
  const { keys } = await next.api('key.list', {});
  t.deepEqual(
    keys.map((key) => key.uid),
    [uid],
  );
});

pageTest('backups are set up, made by themselves and when asked, and listed', async (t, box) => {
  const folder = temporaryDirectory(t);
  const destination = join(folder, 'share');
  mkdirSync(destination);
  const { stdout: recipient } = await runHere(['backup', 'keygen', join(folder, 'private.key')]);
  await box.signIn();
  await box.open('backups', 'Backups');
  await box.press('Set up');
  await box.see('Where scheduled backups go');
  await box.look('backups-set-up');
  await box.fill('Destination', destination);
  await box.refused(async () => {
    await box.press('Save');
    await box.see('no backup is left open');
  });
  await box.fill('Recipients', recipient.trim());
  await box.press('Save');
  // The first one is due at once.
  await box.see('by itself');
  await box.see(/Last good one\s+\d+ .*ago/);
  t.is(readdirSync(destination).length, 1);
  await box.press('Make one now');
  await box.see('asked for');
  await box.see('At the destination');
  await box.look('backups');
  t.deepEqual(
    (await box.api('alarm.list', {})).filter(({ page }) => page === 'backups'),
    [],
  );
});

pageTest(
  'settings are shown with where they come from, and changed; what waits for the next start says so',
  async (t, box) => {
    await box.signIn();
    await box.open('settings', 'Settings');
    await box.see('kmip.listen');
    await box.look('settings');
    await box.press('Change KMIP');
    await box.see('it cannot be changed here');
    await box.look('settings-change');
    await box.fill('Idle timeout', 'soon');
    await box.refused(async () => {
      await box.press('Save');
      await box.see('must be a duration');
    });
    await box.fill('Idle timeout', '7 min');
    await box.press('Save');
    await box.see('Some settings wait for the next start');
    await box.see('until the next start: 10 min');
    await box.press('Change TLS of KMIP clients');
    await box.choose('Minimum version', 'TLSv1.3');
    await box.press('Save');
    await box.see('TLSv1.3');
    const { settings } = await box.api('setting.list', {});
    const value = (name: string) => settings.find((setting) => setting.name === name)?.value;
    t.deepEqual([value('kmip.idleTimeout'), value('kmip.maximumConnections')], ['7 min', '12']);
  },
  { config: 'kmip: { maximumConnections: 12 }\n' },
);
