// A root whose certificate was damaged on the disk vouches for nobody, and is no reason to serve nobody.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import { withDatabase } from '../custody/kit.ts';
import { createKey, getKey } from '../custody/requests.ts';
import { createMemoryLog } from '../kit/memory-log.ts';
import { refusal } from '../kit/refusal.ts';
import { startServer } from '../kit/server.ts';
import { openPki } from './pki.ts';

const [listed, instance, name] = ['CN=vc01', 'branch', 'vcenter'];
const form = '-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n';
const damages = [
  { what: 'a certificate in form alone', column: 'certificate', text: form },
  { what: 'no certificate', column: 'certificate', text: 'what a damaged disk gives' },
  { what: 'an intermediate in form alone', column: 'intermediates', text: form },
] as const;

for (const { what, column, text } of damages) {
  test(`with ${what} other instances are served, and the root can be removed`, async (t) => {
    const pki = await openPki(t);
    const root = await pki.root({ subject: '/CN=CA' });
    const first = await startServer(t);
    await first.api('instance.create', { name: instance, upstream: 'local', settings: {} });
    const trusted = { name, certificate: root.certificate, subjects: [listed] };
    await first.api('root.trust', { instance, ...trusted });
    await first.close();
    withDatabase(first.dataDirectory, (database) => database.prepare(`UPDATE client_root SET ${column} = ?`).run(text));

    const log = createMemoryLog();
    const server = await startServer(t, { dataDirectory: first.dataDirectory, log });
    const client = await server.connect();
    t.is((await getKey(client, await createKey(client))).length, 32);
    await server.api('status', {});
    await server.api('client.list', {});
    const [shown] = await server.api('root.list', {});
    t.like(shown, { instance, name, subjects: [listed] });
    const said = log.alarms.filter(({ event }) => event === 'a root vouches for nobody');
    t.is(said.length, 1);
    t.like(said[0]?.fields, { instance, client: name });
    const allow = server.api('root.allow', { instance, name, subjects: ['CN=vc02'] });
    t.regex(await refusal(t, allow), /certificates of root 'vcenter' cannot be read/);
    const elsewhere = server.api('root.trust', { instance: 'default', ...trusted });
    // Whose key is not known is not held against others.
    if (column === 'certificate') t.is((await elsewhere).instance, 'default');
    else await t.throwsAsync(elsewhere, { instanceOf: EdgeError, message: /is on the list of root 'vcenter'/ });
    await server.api('root.remove', { instance, name });
    t.false((await server.api('root.list', {})).some((one) => one.instance === instance));
    t.is((await server.api('root.trust', { instance, ...trusted, name: 'anew', subjects: ['CN=vc03'] })).name, 'anew');
  });
}

test('a client whose stored certificate was damaged is served by its fingerprint, and nobody else notices', async (t) => {
  const first = await startServer(t);
  const uid = await createKey(await first.connect());
  await first.close();
  withDatabase(first.dataDirectory, (database) => database.prepare('UPDATE client SET certificate = ?').run(form));
  const server = await startServer(t, { dataDirectory: first.dataDirectory });
  t.is((await getKey(await server.connect(), uid)).length, 32);
  t.deepEqual((await server.api('status', {})).endings, []);
  t.is((await server.api('client.list', {})).length, 1);
});
