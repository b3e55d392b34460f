// The same cases as text over HTTPS: whatever encoding a message comes in, it means the same.

import test from 'ava';
import { sharedServer } from '../kit/shared-server.ts';
import { haveCases, readCases } from './cases.ts';
import { whyImpossible } from './impossible.ts';
import { laterEditions } from './later-editions.ts';
import { runCase } from './runner.ts';
import { askServer } from './server.ts';

const server = sharedServer();
const published = haveCases ? readCases().filter(({ version }) => version === '1.3') : [];
const later = laterEditions(published).filter(({ version }) => version.startsWith('2.1'));

for (const [profile, edition, cases] of [
  ['MSGENC-JSON', '1.3', published],
  ['MSGENC-XML', '2.1', later],
] as const) {
  test.serial(`each case of ${edition} passes in the encoding of ${profile} too`, async (t) => {
    if (!haveCases) t.log('no ../shared/data/oasis-kmip');
    t.is(cases.length > 0, haveCases);
    const ask = askServer(t, server());
    for (const one of cases) {
      if (whyImpossible(one.name) !== undefined) continue;
      const { problems } = await runCase(one, (item) => ask(item, profile));
      t.deepEqual([...problems], [], one.name);
    }
  });
}
