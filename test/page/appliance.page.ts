// The appliance's own view: what runs, the doctor's findings with the commands that mend, and the support bundle as a file.

import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { pageTest } from './kit.ts';

pageTest('the doctor finds what was broken, says what mends it, and sees that it was mended', async (t, box) => {
  const database = join(box.daemon.dataDirectory, 'kmip-edge.sqlite');
  await box.signIn();
  await box.open('appliance', 'Appliance');
  await box.see('Free on the data disk');
  await box.see('Node.js, OpenSSL, SQLite');
  await box.look('appliance');
  chmodSync(database, 0o644);
  await box.press('Look at everything');
  await box.see('Something is wrong');
  await box.see(`chmod 600 ${database}`);
  t.false((await box.text()).includes('The database is sound'));
  await box.press('Show all checks');
  await box.see('The database is sound');
  await box.look('appliance-doctor');
  chmodSync(database, 0o600);
  await box.press('Look again');
  await box.see('Something deserves a look');
  await box.gone(`chmod 600 ${database}`);
  await box.see('kmip-edge seal passphrase --file FILE');
});

pageTest('the support bundle is saved as a file that tar reads', async (t, box) => {
  await box.signIn();
  await box.open('appliance', 'Appliance');
  const { name, bytes } = await box.downloaded(() => box.press('Download'));
  t.regex(name, /^kmip-edge-support-\d{4}-\d\d-\d\d\.tar\.gz$/);
  const tar = gunzipSync(bytes);
  for (const file of ['README.txt', 'doctor.json', 'metrics.txt']) t.true(tar.includes(`kmip-edge-support/${file}`));
  t.false(tar.includes(box.password));
});
