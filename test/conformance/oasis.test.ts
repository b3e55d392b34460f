// The OASIS profile test cases against the running server: every one passes but those listed here, each with its reason.

import test from 'ava';
import { sharedServer } from '../kit/shared-server.ts';
import { haveCases, readCases } from './cases.ts';
import { whyImpossible } from './impossible.ts';
import { laterEditions } from './later-editions.ts';
import { runCase } from './runner.ts';
import { askServer } from './server.ts';

const server = sharedServer();

if (!haveCases) {
  test('the OASIS cases are not here: none is run', (t) => {
    t.log('no ../shared/data/oasis-kmip');
    t.pass();
  });
}

const published = haveCases ? readCases() : [];
for (const one of [...published, ...laterEditions(published)]) {
  const reason = whyImpossible(one.name);
  const title = reason === undefined ? 'passes' : `does not pass: ${reason}`;
  // In their order: some begin with what the one before has left.
  test.serial(`${one.name} ${title}`, async (t) => {
    const endings: (() => unknown)[] = [];
    const ask = askServer({ teardown: (end) => void endings.push(end) }, server());
    const { problems } = await runCase(one, ask);
    for (const end of endings) await end();
    if (reason === undefined) t.deepEqual([...problems], []);
    else t.not(problems.length, 0);
  });
}
