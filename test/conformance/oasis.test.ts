// The OASIS profile test cases against the running server: every one passes but those listed here, each with its reason.

import test from 'ava';
import { sharedServer } from '../kit/shared-server.ts';
import { haveCases, readCases } from './cases.ts';
import { runCase } from './runner.ts';
import { askServer } from './server.ts';

/** Cases that cannot pass, by name without the version. */
const impossible: Readonly<Record<string, string>> = {
  'CS-BC-M-6':
    'its Encrypt answer is not what AES-128-ECB gives for its own key and data (CS-BC-M-4 shows the right one)',
  'CS-RNG-O-1': 'it shows a server that uses all of a seed; this one uses none, as CS-RNG-O-3 shows',
  'CS-RNG-O-2': 'it shows a server that uses half of a seed; this one uses none, as CS-RNG-O-3 shows',
  'CS-RNG-O-4': 'it shows a server that refuses a seed; this one uses nothing of it, as CS-RNG-O-3 shows',
};

const server = sharedServer();

if (!haveCases) {
  test('the OASIS cases are not here: none is run', (t) => {
    t.log('no ../shared/data/oasis-kmip');
    t.pass();
  });
}

for (const one of haveCases ? readCases() : []) {
  const reason = impossible[one.name.replace(/-\d\d$/, '')];
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
