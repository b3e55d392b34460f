// A service instance on the page: suspended, renamed, exported, removed with its name typed, and taken back.

import { connectKmip } from '../../src/cli/kmip-client.ts';
import { getKey } from '../custody/requests.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { type Box, pageTest } from './kit.ts';

/** `default` with a key that vCenter made and fetched. */
const withKey = async ({ daemon }: Box) => {
  const target = { host: '127.0.0.1', port: daemon.port, ...daemon.client };
  const uid = await newKeyAsVcenter(target);
  const get = async (): Promise<Buffer> => {
    const client = await connectKmip(target);
    try {
      return await getKey(client, uid);
    } finally {
      client.close();
    }
  };
  return { uid, get };
};

const life = async ({ api }: Box, name: string) =>
  (await api('instance.list', {})).find((one) => one.name === name)?.life;

pageTest('a service instance is suspended, resumed, renamed and given another lease', async (t, box) => {
  const { get } = await withKey(box);
  const bytes = await get();
  await box.signIn();
  await box.open('instances', 'Instances');
  await box.see('local, reachable');
  await box.look('instances');
  await box.follow('default');
  await box.see('1 Active');
  await box.see('127.0.0.1');
  await box.look('instance');
  await box.press('Suspend');
  await box.see('Suspend default?');
  await box.look('instance-suspend');
  await box.page.locator('dialog ::-p-aria([name="Suspend"][role="button"])').click();
  await box.see('This service instance is suspended.');
  await box.look('instance-suspended');
  await t.throwsAsync(get(), { message: /suspended/ });
  await box.press('Resume');
  await box.gone('This service instance is suspended.');
  t.deepEqual(await get(), bytes);

  await box.press('Rename');
  await box.fill('New name', 'prod');
  await box.look('instance-rename');
  await box.page.locator('dialog ::-p-aria([name="Rename"][role="button"])').click();
  await box.page.waitForFunction(() => location.hash === '#/instances/prod');
  await box.see('1 Active');
  await box.press('Change the lease');
  await box.choose('Keys are served without the upstream for', '7 days');
  await box.look('instance-lease');
  await box.page.locator('dialog ::-p-aria([name="Change the lease"][role="button"])').click();
  await box.gone('Counted from the last time');
  t.is(await life(box, 'prod'), 'active');
  t.deepEqual(await get(), bytes);
});

pageTest('a removal shows who needs the keys, wants the name typed, and is taken back', async (t, box) => {
  const { get } = await withKey(box);
  const bytes = await get();
  await box.signIn();
  await box.open('instances/default', 'default');
  await box.press('Make a recovery export');
  await box.fill('Passphrase', 'correct horse battery');
  await box.fill('The same again', 'correct horse battery');
  await box.look('instance-export');
  const { name, bytes: file } = await box.downloaded(() => box.press('Make the export'));
  t.is(name, 'default.age');
  t.true(file.toString('latin1').startsWith('age-encryption.org/v1'));
  t.false(file.includes(bytes));

  await box.press('Remove …');
  await box.see('1 key of them was fetched in the last 30 days.');
  await box.see('esx-01.example.com, ESXi Server');
  await box.look('instance-remove');
  t.true(
    await box.page.$eval('dialog button[type=submit]', (submit) => (submit as HTMLButtonElement).disabled),
    'not before the name is typed',
  );
  await box.fill('Type default to confirm', 'defautl');
  t.is(await life(box, 'default'), 'active');
  await box.fill('Type default to confirm', 'default');
  await box.press('Remove');
  await box.see(/This service instance is erased in (7 d|6 d 23 h)/);
  await box.look('instance-removal');
  t.is(await life(box, 'default'), 'removal-pending');
  await t.throwsAsync(get(), { message: /waits for its removal/ });
  await box.press('Take the removal back');
  await box.gone('This service instance is erased in');
  t.is(await life(box, 'default'), 'active');
  t.deepEqual(await get(), bytes);
  await box.open('instances/nowhere', 'nowhere');
  await box.see('There is no service instance nowhere');
  await box.look('instance-nowhere');
});
