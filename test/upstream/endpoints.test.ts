// What a user may type for an endpoint, an instance and a key, and what it becomes.

import test from 'ava';
import { EdgeError } from '../../src/errors.ts';
import {
  baseUrl,
  endpointOf,
  instanceIdOf,
  keyIdOf,
  keyRingOf,
  regions,
} from '../../src/upstream/key-protect/endpoints.ts';

const publicIam = 'https://iam.cloud.ibm.com';
const privateIam = 'https://private.iam.cloud.ibm.com';
const hpcs = '7d1c2a11-aaaa-bbbb-cccc-000000000000.api.private.us-east.hs-crypto.appdomain.cloud';

const endpoints: readonly (readonly [string, string, string])[] = [
  ['us-south', 'https://us-south.kms.cloud.ibm.com', publicIam],
  [' EU-DE ', 'https://eu-de.kms.cloud.ibm.com', publicIam],
  ['private.us-south', 'https://private.us-south.kms.cloud.ibm.com', privateIam],
  ['us-south.kms.cloud.ibm.com', 'https://us-south.kms.cloud.ibm.com', publicIam],
  ['https://private.eu-gb.kms.cloud.ibm.com:15008/', 'https://private.eu-gb.kms.cloud.ibm.com:15008', privateIam],
  ['https://us-south.kms.cloud.ibm.com/api/v2/keys', 'https://us-south.kms.cloud.ibm.com', publicIam],
  ['gateway.example.com/kms//', 'https://gateway.example.com/kms', publicIam],
  ['localhost:8443', 'https://localhost:8443', publicIam],
  ['https://127.0.0.1:1234', 'https://127.0.0.1:1234', publicIam],
  [hpcs, `https://${hpcs}`, privateIam],
];

for (const [typed, url, iamUrl] of endpoints) {
  test(`"${typed}" is ${url}`, (t) => {
    t.deepEqual(endpointOf(typed), { url, iamUrl });
  });
}

test('every region has a public and a private endpoint', (t) => {
  for (const region of Object.keys(regions)) {
    t.is(endpointOf(region).url, `https://${region}.kms.cloud.ibm.com`);
    t.is(endpointOf(`private.${region}`).iamUrl, privateIam);
  }
});

const refused: readonly (readonly [string, RegExp])[] = [
  ['us-nowhere', /regions: us-south, us-east/],
  ['http://us-south.kms.cloud.ibm.com', /only https/],
  ['ftp://host', /only https/],
  ['https://user:pw@host.example', /user name/],
  ['https://host.example/?a=b', /query/],
  ['https://host.example/#x', /query/],
  ['https://', /host name/],
  ['', /host name/],
];

for (const [typed, hint] of refused) {
  test(`"${typed}" is refused as an endpoint, with advice`, (t) => {
    const error = t.throws(() => endpointOf(typed), { instanceOf: EdgeError });
    t.is(error?.kind, 'invalid-field');
    t.regex(error?.hint ?? '', hint);
    t.notRegex(error?.message ?? '', /pw/);
  });
}

test('an iam url keeps its path and loses its slash', (t) => {
  t.is(baseUrl('the iam url', 'iam.example.com/x/'), 'https://iam.example.com/x');
});

test('ids may be given as CRNs', (t) => {
  const crn = 'crn:v1:bluemix:public:kms:us-south:a/f047:12e8c9c2-a162-472d-b7d6-8b9a86b815a6';
  t.is(instanceIdOf(`${crn}::`), '12e8c9c2-a162-472d-b7d6-8b9a86b815a6');
  t.is(keyIdOf(`${crn}:key:02fd6835-6001-4482-a892-13bd2085f75d`), '02fd6835-6001-4482-a892-13bd2085f75d');
  t.is(keyIdOf(' my-alias '), 'my-alias');
  t.is(keyRingOf('ring-1'), 'ring-1');
});

test('ids that would leave their place in a path or a header are refused', (t) => {
  for (const bad of ['', '..', '../x', 'a/b', 'a b', 'a\r\nx: y', 'crn:v1:x', 'a?b']) {
    t.throws(() => keyIdOf(bad), { instanceOf: EdgeError });
    t.throws(() => keyRingOf(bad), { instanceOf: EdgeError });
    t.throws(() => instanceIdOf(bad), { instanceOf: EdgeError });
  }
});
