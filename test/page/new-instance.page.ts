// From the first sign-in to a key that vCenter made through Key Protect: the path of whoever sets the appliance up.

import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { pageTest } from './kit.ts';

pageTest('a service instance is made on a root key of Key Protect, and serves', async (t, box) => {
  const { upstream } = box;
  const chosen = upstream.createRootKey({ name: 'vsphere-root' });
  const disabled = upstream.createRootKey({ name: 'old-root' });
  upstream.disable(disabled);
  await box.signIn();
  await box.follow('Set-up');
  await box.see('See the first key');
  await box.page.evaluate(() => {
    for (const step of document.querySelectorAll('details')) step.open = true;
  });
  await box.follow('Make a service instance');
  await box.see('New service instance');
  await box.look('new-instance');

  await box.fill('Name', 'prod');
  await box.fill('Region or endpoint', upstream.url);
  await box.fill('Key Protect instance', upstream.instanceId);
  await box.fill('API key', 'not an API key');
  await box.page.locator('::-p-text(For endpoints of your own)').click();
  await box.fill('IAM endpoint', upstream.iamUrl);
  await box.upload('CA bundle', 'ca.pem', upstream.caPem);
  await box.refused(async () => {
    await box.press('Show the root keys');
    await box.page.waitForSelector('[role=alert]');
  });
  await box.look('new-instance-refused');
  await box.fill('API key', upstream.apiKey);
  await box.press('Show the root keys');
  await box.see('vsphere-root');
  await box.look('new-instance-root-keys');
  t.deepEqual(
    await box.page.$$eval('input[name=crk]', (all) => all.map(({ value, disabled: off }) => [value, off]).toSorted()),
    [
      [upstream.crk, false],
      [chosen, false],
      [disabled, true],
    ].toSorted(),
  );
  await box.press('Create the service instance');
  await box.see('Choose a root key.');
  await box.tick('vsphere-root');
  await box.choose('Offline lease', '7 days');
  await box.press('Create the service instance');
  await box.page.waitForFunction(() => location.hash === '#/instances/prod');

  const prod = (await box.api('instance.list', {})).find(({ name }) => name === 'prod');
  t.is(prod?.settings['crk'], chosen);
  t.is(prod?.lease.term, 7 * 24 * 3_600_000);
  t.false(JSON.stringify(prod).includes(upstream.apiKey));
  const issued = await box.api('client.issue', { instance: 'prod', name: 'vcenter' });
  const client = {
    certificate: issued.certificatePem,
    privateKey: issued.privateKeyPem,
    authority: issued.authorityPem,
  };
  await newKeyAsVcenter({ host: '127.0.0.1', port: box.daemon.port, ...client });
  t.true(upstream.count('wrap') > 0);
  await box.follow('Overview');
  await box.see(/prod\s+key-protect, reachable/);
  await box.look('overview-key-protect');
  await upstream.cutLink();
  t.false((await box.page.content()).includes(upstream.apiKey));
});

pageTest('a service instance with a root key of its own is made in one step', async (t, box) => {
  await box.signIn();
  await box.open('new-instance', 'New service instance');
  await box.choose('Upstream', 'A root key of this appliance: for trying out, and for sites without a cloud');
  await box.gone('Region or endpoint');
  await box.fill('Name', 'default');
  await box.refused(async () => {
    await box.press('Create the service instance');
    await box.page.waitForSelector('[role=alert]');
  });
  await box.fill('Name', 'air-gap');
  await box.press('Create the service instance');
  await box.page.waitForFunction(() => location.hash === '#/instances/air-gap');
  t.true((await box.api('instance.list', {})).some(({ name }) => name === 'air-gap'));
});
