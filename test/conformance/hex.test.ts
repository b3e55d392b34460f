// The test cases of the KMIP 1.1 test case document against the running server: every one passes but those listed here, each
// with its reason and the message at which it ends.

import test from 'ava';
import { sharedServer } from '../kit/shared-server.ts';
import { haveHexCases, readHexCases } from './hex-cases.ts';
import { runCase } from './runner.ts';
import { askServer } from './server.ts';

/** By the case's number. */
const ending: Readonly<Record<string, readonly [message: number, reason: string]>> = {
  '3.1.4': [10, 'it calls a destroyed object unknown, where the cases of the profiles and section 11.12 do not'],
  '3.2': [2, 'requests that ask to be answered later are refused'],
  '9.2': [4, 'it was recorded over hours, in which a date is reached'],
  '10.1': [4, 'requests that ask to be answered later are refused'],
  '11.1': [3, 'its second client is another user by a password; here certificates decide'],
  '11.2': [3, 'its second client is another user by a password; here certificates decide'],
  '12.1': [1, 'its refusal of the whole answer does not name the operation that was asked for'],
  '12.2': [1, 'it shows the extensions of its vendor'],
  '13.2': [6, 'it prints the names in a certificate in another form'],
  '13.3': [7, 'it numbers the links of a new key in another order'],
  '13.4': [4, 'Certify is not offered'],
  '14.1': [3, 'it wraps by a key that is not Active, which section 3.22 forbids'],
  '14.2': [3, 'it wraps by a key that is not Active, which section 3.22 forbids'],
  '15.1': [1, 'its server has made a group of fresh objects beforehand'],
  '15.2': [7, 'a Get without an identifier is Missing Data here, Invalid Field there'],
  '15.3': [3, 'its server takes turns among the members of a group'],
  '17.1': [2, 'it calls an attribute that is named twice an Invalid Field, section 11.13 an Invalid Message'],
};

const server = sharedServer();

if (!haveHexCases) {
  test('the KMIP 1.1 test case document is not here: none of its cases is run', (t) => {
    t.log('no ../shared/data/oasis-kmip/testcases-v1.1-ttlv');
    t.pass();
  });
}

for (const one of haveHexCases ? readHexCases() : []) {
  const [message, reason] = ending[one.name.split(' ')[0] ?? ''] ?? [];
  test.serial(`${one.name} ${reason === undefined ? 'passes' : `ends at message ${message}: ${reason}`}`, async (t) => {
    const endings: (() => unknown)[] = [];
    const ask = askServer({ teardown: (end) => void endings.push(end) }, server());
    const { problems } = await runCase(one, ask);
    for (const end of endings) await end();
    if (reason === undefined) t.deepEqual([...problems], []);
    else t.regex(problems[0] ?? '', new RegExp(`^message ${message} `));
  });
}
