// The views that everybody sees first: the overview and the set-up.

import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { pageTest } from './kit.ts';

pageTest('the set-up tells by itself what is done', async (t, box) => {
  await box.signIn();
  await box.open('set-up', 'Set-up');
  await box.see('Set a recovery passphrase');
  await box.look('set-up-begun');
  await box.fill('Recovery passphrase', 'correct horse battery staple');
  await box.fill('The same again', 'another');
  await box.press('Set the passphrase');
  await box.see('The two passphrases differ');
  await box.fill('The same again', 'correct horse battery staple');
  await box.press('Set the passphrase');
  await box.gone('The two passphrases differ');
  const { certificate, kmip } = await box.api('status', {});
  await box.page.evaluate(() => {
    for (const step of document.querySelectorAll('details')) step.open = true;
  });
  for (const text of [certificate.sha1, certificate.sha256, String(kmip.port)]) await box.see(text);
  const { port, client } = box.daemon;
  await newKeyAsVcenter({ host: '127.0.0.1', port, ...client });
  await box.see('There is 1 key.');
  await box.look('set-up');
  t.false((await box.text()).includes('undefined'));
});

pageTest('the overview is usable with nothing in it and with keys', async (t, box) => {
  await box.signIn();
  await box.see('Everything is well');
  await box.look('overview-empty');
  const { port, client } = box.daemon;
  await newKeyAsVcenter({ host: '127.0.0.1', port, ...client });
  await box.see(/Keys\s+1\b/);
  await box.look('overview');
  t.false((await box.text()).includes('undefined'));
});
