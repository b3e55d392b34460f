// The page of a server that nothing opens: why there is no sign-in, the recovery passphrase that it takes, and the way back
// to the server's own certificate.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { call } from '../../src/admin/api/client.ts';
import { startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { hasBrowser, keysOf, openBrowser } from './browser.ts';
import { acts, addressOf, eventually } from './kit.ts';
import { look } from './look.ts';

const passphrase = 'correct horse battery';
const password = 'the administrator password';

/** A server whose credential is lost. `opened` ends once it serves; its own certificate has the keys `own`. */
const startLocked = async (t: ExecutionContext, directory: string) => {
  const [data, passwordFile] = [join(directory, 'data'), join(directory, 'password')];
  writeFileSync(passwordFile, password, { mode: 0o600 });
  const first = await startDaemon(t, data, ['--admin-listen', '127.0.0.1:0', '--admin-password-file', passwordFile]);
  const url = addressOf(first);
  const own = await keysOf(url);
  await call(data, 'seal.passphrase', { passphrase });
  await first.end('SIGTERM');
  rmSync(join(data, 'storage-key.credential'));
  const opened = startDaemon(t, data, ['--admin-listen', new URL(url).host, '--wait-when-locked']);
  await eventually('the page of the locked server', () => keysOf(url).catch(() => undefined));
  return { url, own, opened };
};

test('a locked server has no sign-in but takes the recovery passphrase, and then shows its own certificate', async (t) => {
  if (!hasBrowser(t)) return;
  const directory = temporaryDirectory(t);
  const { url, own, opened } = await startLocked(t, directory);
  t.notDeepEqual(await keysOf(url), own, 'its own key lies sealed');
  mkdirSync(join(directory, 'downloads'));
  const { page, problems, refused } = await openBrowser(t, url, join(directory, 'downloads'), own);
  const { fill, press, see, gone, text } = acts(page, directory);
  await refused(async () => {
    await page.goto(url);
    await see('The stored keys are locked');
  });
  t.notRegex(await text(), /Administrator password|Sign in/);
  t.deepEqual(await look(page, 'locked'), []);

  await refused(async () => {
    await fill('Recovery passphrase', 'a wrong passphrase');
    await press('Open');
    await page.waitForSelector('[role=alert]');
  });
  t.regex(await text(), /The stored keys are locked/);
  await eventually('the lock-out to end', () =>
    refused(async () => {
      await fill('Recovery passphrase', passphrase);
      await press('Open');
      await see(/The stored keys are open|[Tt]ry again/);
      return (await text()).includes('The stored keys are open') || undefined;
    }),
  );
  t.notRegex(await text(), /Recovery passphrase/);
  t.deepEqual(await look(page, 'locked-opened'), []);

  await opened;
  await page.goto(url);
  await fill('Administrator password', password);
  await press('Sign in');
  await see('Overview');
  await gone('locked');
  t.deepEqual(problems(), []);
});
