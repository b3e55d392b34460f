// Keys on the page: found by name, shown, revoked, destroyed once the identifier is typed; their bytes are never there.

import { connectKmip } from '../../src/cli/kmip-client.ts';
import { addText, createKey, getKey } from '../custody/requests.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { pageTest } from './kit.ts';

pageTest('a key is found by the name that vCenter gave it, revoked and destroyed', async (t, box) => {
  const target = { host: '127.0.0.1', port: box.daemon.port, ...box.daemon.client };
  const client = await connectKmip(target);
  t.teardown(() => client.close());
  await box.signIn();
  await box.open('keys', 'Keys');
  await box.see('No key fits');
  await box.look('keys-none');
  const uid = await newKeyAsVcenter(target);
  for (let n = 0; n < 60; n += 1) await addText(client, await createKey(client), 'x-Name', `vm-${n}`);
  const bytes = await getKey(client, uid);

  await box.fill('Name', 'vm-7');
  await box.press('Search');
  await box.see('1 shown, 61 keys in all');
  await box.fill('Name', '');
  await box.press('Search');
  await box.see('50 shown, 61 keys in all');
  await box.look('keys');
  await box.follow('Next page');
  await box.see('11 shown, 61 keys in all');
  await box.choose('State', 'Active');
  await box.press('Search');
  await box.see('1 shown, 61 keys in all');
  await box.follow('esx-01.example.com');
  await box.see('x-Product_Version');
  await box.see(/(now|ago) by default/);
  await box.look('key');
  const whole = await box.page.content();
  t.false(whole.includes(bytes.toString('hex')) || whole.includes(bytes.toString('base64')));

  await box.press('Revoke …');
  await box.choose('Reason', 'Another key took its place');
  await box.fill('In your own words', 'worn out');
  await box.look('key-revoke');
  await box.press('Revoke');
  await box.see('Superseded: worn out');
  await box.press('Destroy …');
  await box.see('Destroy this key?');
  await box.look('key-destroy');
  await box.fill(`Type ${uid} to confirm`, uid);
  await box.press('Destroy');
  await box.see('Destroyed');
  await box.look('key-destroyed');
  const again = await connectKmip(target);
  t.teardown(() => again.close());
  await t.throwsAsync(getKey(again, uid), { message: /destroyed/ });
  const { records } = await box.api('audit.list', { key: uid, event: 'vmware-solutions.kmip-key.destroy' });
  t.deepEqual(
    records.map(({ by, role }) => [by, role]),
    [['user', 'administrator']],
  );
});
