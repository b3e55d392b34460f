// The audit on the page: records looked for and paged through, verified before and after somebody changed the database, and
// exported to a file that verifies by itself.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { runHere } from '../cli/here.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { pageTest } from './kit.ts';

pageTest(
  'records are found and paged through, the trail verifies, and an export verifies by itself',
  async (t, box) => {
    const client = await connectKmip({ host: '127.0.0.1', port: box.daemon.port, ...box.daemon.client });
    t.teardown(() => client.close());
    const uid = await createKey(client);
    for (let round = 0; round < 60; round += 1) await getKey(client, uid);
    await t.throwsAsync(getKey(client, 'not-there'));
    await box.api('audit.checkpoint', {});
    await box.signIn();
    await box.open('audit', 'Audit');
    await box.see('from memory');
    await box.look('audit');
    await box.follow('Older');
    await box.see('Create');
    await box.choose('Outcome', 'refused');
    await box.press('Search');
    await box.see('no object has unique identifier');
    await box.gone('from memory');
    await box.look('audit-refused');
    await box.page.locator('summary::-p-text(More to look for)').click();
    await box.fill('From', '2030-01-01');
    await box.press('Search');
    await box.see('No record fits');
    await box.look('audit-none');
    await box.press('Verify');
    await box.see(/Intact: \d+ records/);
    await box.look('audit-verified');
    const { name, bytes } = await box.downloaded(() => box.press('Export'));
    t.regex(name, /^kmip-edge-audit-.*\.jsonl$/);
    const file = join(temporaryDirectory(t), name);
    writeFileSync(file, bytes);
    t.true(bytes.includes(uid));
    const verified = await runHere(['audit', 'verify', '--file', file]);
    t.is(verified.code, 0, verified.stdout + verified.stderr);
  },
);

pageTest('what somebody took out of the database is found and said, and is an alarm', async (t, box) => {
  const { dataDirectory } = box.daemon;
  await box.api('audit.checkpoint', {});
  await box.daemon.end('SIGTERM');
  const database = new Sqlite(join(dataDirectory, 'kmip-edge.sqlite'));
  database.exec('DELETE FROM audit_segment WHERE first = (SELECT min(first) FROM audit_segment)');
  database.close();
  const { port } = new URL(box.url);
  await startDaemon(t, dataDirectory, ['--admin-listen', `127.0.0.1:${port}`, '--log-level', 'warn']);
  await box.signIn();
  await box.open('audit', 'Audit');
  await box.press('Verify');
  await box.see('The trail is not what the server wrote');
  await box.see(/Records? 1 .*(is|are) missing/);
  await box.look('audit-tampered');
});
