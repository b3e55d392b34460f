// The certificate by which a KMIP endpoint knows us, renewed on the page by hand, and given up.

import type { ExecutionContext } from 'ava';
import { type RegionalSimulator, startRegionalSimulator } from '../peers/regional-kmip/simulator.ts';
import { settingsFor } from '../regional/kit.ts';
import { type Box, pageTest } from './kit.ts';

const name = 'region';

const startEndpoint = async (t: ExecutionContext, { api }: Box): Promise<RegionalSimulator> => {
  const simulator = await startRegionalSimulator();
  t.teardown(() => simulator.close());
  await api('instance.create', { name, upstream: 'kmip', settings: settingsFor(simulator) });
  return simulator;
};

pageTest('a new certificate is made, uploaded by hand, put in use, and the former one deleted', async (t, box) => {
  const simulator = await startEndpoint(t, box);
  const state = () => box.api('renewal.state', { name });
  const next = async (): Promise<string> => (await state()).next?.certificatePem ?? '';
  await box.signIn();
  await box.open(`instances/${name}`, name);
  await box.see('Our certificate at the endpoint');
  await box.look('identity');
  await box.press('Make a new certificate');
  await box.see('1. Upload the new certificate');
  const file = await box.downloaded(() => box.press('Download the new certificate'));
  const first = await next();
  t.is(file.bytes.toString(), first);
  await box.refused(async () => {
    await box.press('Put the new certificate in use');
    await box.see('closed the connection');
  });
  t.is((await state()).state, 'waiting');
  await box.look('identity-waiting');
  await box.press('Give it up');
  await box.press('Make a new certificate');
  await box.see('1. Upload the new certificate');
  const second = await next();
  t.not(second, first);
  simulator.admit(second);
  await box.press('Put the new certificate in use');
  await box.see('3. The new certificate is in use.');
  await box.look('identity-switched');
  await box.press('The former one is deleted');
  await box.see('A new key and certificate are made beside');
  t.is((await state()).inUse.certificatePem, second);
});

pageTest('with an API key it is uploaded beside the one in use, which is taken off afterwards', async (t, box) => {
  const simulator = await startEndpoint(t, box);
  const { upstream } = box;
  upstream.addAdapter('by-hand');
  const [adapter] = upstream.adapters();
  const former = simulator.client.certificatePem;
  adapter?.certificates.set('former', { id: 'former', name: 'former', pem: former, createdAt: 0 });
  const fill = async (): Promise<void> => {
    await box.fill('Region or endpoint', upstream.url);
    await box.fill('Key Protect instance', upstream.instanceId);
    await box.fill('API key', upstream.addApiKey('Manager'));
    await box.fill('IAM endpoint', upstream.iamUrl);
    await box.upload('CA bundle', 'ca.pem', upstream.caPem);
  };
  await box.signIn();
  await box.open(`instances/${name}`, name);
  await box.press('Make a new certificate');
  await box.page.locator('summary::-p-text(Have it uploaded)').click();
  await fill();
  await box.look('identity-upload');
  await box.press('Upload it');
  await box.see('KMIP adapter by-hand has the new certificate');
  await box.page.locator('details:not([open])').wait();
  t.is(adapter?.certificates.size, 2);
  t.deepEqual(await box.page.$$eval('input', (fields) => fields.map(({ value }) => value).filter(Boolean)), []);
  simulator.admit((await box.api('renewal.state', { name })).next?.certificatePem ?? '');
  await box.press('Put the new certificate in use');
  await box.see('3. The new certificate is in use.');
  await box.page.locator('summary::-p-text(Have it taken off)').click();
  await fill();
  await box.press('Take it off');
  await box.see('A new key and certificate are made beside');
  t.false(adapter?.certificates.has('former'));
  t.is(adapter?.certificates.size, 1);
});
