// The check of a set-up: it proves what works, and has advice for each thing that does not.

import test from 'ava';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { checkKeyProtect } from '../../src/upstream/key-protect/check.ts';
import type { KeyProtectOptions } from '../../src/upstream/key-protect/connect.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import type { KeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { errorBody } from './fixtures.ts';
import { optionsFor, startSimulator } from './kit.ts';

const tls = makeTlsMaterial();

test.serial('a set-up that works is told with the id of the root key, also when an alias was given', async (t) => {
  const simulator = await startSimulator(t, { tls });
  const id = simulator.createRootKey({ name: 'edge', aliases: ['edge-alias'] });
  const facts = await checkKeyProtect(optionsFor(simulator, { crk: 'edge-alias' }));
  t.is(facts.crkId, id);
  t.is(facts.crkName, 'edge');
  t.is(facts.imported, false);
  t.is(simulator.count('token'), 1);
});

test.serial('an endpoint without additional data works with aad false', async (t) => {
  const simulator = await startSimulator(t, { tls, aad: false });
  await t.notThrowsAsync(checkKeyProtect(optionsFor(simulator, { aad: false })));
});

interface Row {
  readonly name: string;
  readonly arrange: (
    simulator: KeyProtectSimulator,
  ) => Partial<KeyProtectOptions> | Promise<Partial<KeyProtectOptions>>;
  readonly kind: ErrorKind;
  readonly text: RegExp;
  readonly hint: RegExp;
  readonly aad?: false;
}

const nowhere = 'https://no-such-host.invalid';
const refused = 'upstream-refused';
const unreachable = 'upstream-unreachable';
const after = (act: (simulator: KeyProtectSimulator) => unknown) => async (simulator: KeyProtectSimulator) => {
  await act(simulator);
  return {};
};

const rows: readonly Row[] = [
  {
    name: 'a wrong API key',
    arrange: () => ({ apiKey: new Secret('wrong') }),
    kind: unreachable,
    text: /BXNIM0415E/,
    hint: /check the API key/,
  },
  {
    name: 'a wrong instance id',
    arrange: () => ({ instanceId: '00000000-0000-4000-8000-000000000000' }),
    kind: unreachable,
    text: /401/,
    hint: /instance id belong together \(region\).*Reader/,
  },
  {
    name: 'no role',
    arrange: (s) => ({ apiKey: new Secret(s.addApiKey('none')) }),
    kind: unreachable,
    text: /401/,
    hint: /Reader role/,
  },
  {
    name: 'an unknown key',
    arrange: () => ({ crk: 'unknown-key' }),
    kind: refused,
    text: /there is no root key unknown-key/,
    hint: /root keys of this instance: edge-root-key \([0-9a-f-]{36}, active\)/,
  },
  {
    name: 'an unknown key where there is none',
    arrange: (s) => {
      s.purge(s.crk);
      s.createStandardKey();
      return {};
    },
    kind: refused,
    text: /there is no root key/,
    hint: /no root key in this instance yet: create one, preferably from imported material that you keep a backup of/,
  },
  {
    name: 'a disabled key',
    arrange: after((s) => s.disable(s.crk)),
    kind: refused,
    text: /is suspended/,
    hint: /enable it/,
  },
  {
    name: 'an expired key',
    arrange: after((s) => s.expire(s.crk)),
    kind: refused,
    text: /is deactivated/,
    hint: /create another/,
  },
  {
    name: 'a deleted key',
    arrange: after((s) => s.delete(s.crk)),
    kind: refused,
    text: /is destroyed/,
    hint: /restore it/,
  },
  {
    name: 'a standard key',
    arrange: (s) => ({ crk: s.createStandardKey() }),
    kind: refused,
    text: /is a standard key/,
    hint: /name a root key/,
  },
  {
    name: 'a key in another ring',
    arrange: () => ({ keyRing: 'other' }),
    kind: refused,
    text: /there is no root key/,
    hint: /no root key|root keys of/,
  },
  {
    name: 'a foreign certificate',
    arrange: () => ({ caBundle: makeTlsMaterial().caPem }),
    kind: unreachable,
    text: /certificate is not trusted/,
    hint: /--ca-file/,
  },
  {
    name: 'a host that has no address',
    arrange: () => ({ url: nowhere }),
    kind: unreachable,
    text: /name could not be resolved/,
    hint: /DNS|host name/,
  },
  {
    name: 'an IAM host that has no address',
    arrange: () => ({ iamUrl: nowhere }),
    kind: unreachable,
    text: /iam at no-such-host\.invalid.*could not be resolved/,
    hint: /DNS|host name/,
  },
  {
    name: 'a cut link',
    arrange: after((s) => s.cutLink('key-protect')),
    kind: unreachable,
    text: /connection was refused/,
    hint: /firewall/,
  },
  {
    name: 'an endpoint that ignores additional data',
    arrange: () => ({}),
    kind: refused,
    text: /ignores additional data/,
    hint: /aad to false/,
    aad: false,
  },
  {
    name: 'an endpoint that refuses additional data',
    arrange: after((s) => {
      const body = errorBody('Bad Request', [{ code: 'INVALID_FIELD_ERR', target: { type: 'field', name: 'aad' } }]);
      s.fault({ kind: 'answer', status: 400, body }, { on: 'wrap' });
    }),
    kind: refused,
    text: /400 INVALID_FIELD_ERR/,
    hint: /aad to false/,
  },
  {
    name: 'an endpoint that gives back other bytes',
    arrange: after((s) => s.fault({ kind: 'answer', status: 200, body: { plaintext: 'AAAA' } }, { on: 'unwrap' })),
    kind: refused,
    text: /does not give back what it wrapped/,
    hint: /IBM support/,
  },
  {
    name: 'a bad url',
    arrange: () => ({ url: 'us-moon' }),
    kind: 'invalid-field',
    text: /"us-moon"/,
    hint: /us-south/,
  },
];

for (const { name, arrange, kind, text, hint, aad } of rows) {
  test.serial(`${name} is ${kind}, with advice`, async (t) => {
    const simulator = await startSimulator(t, { tls, aad: aad ?? true });
    const options = optionsFor(simulator, await arrange(simulator));
    const error = await t.throwsAsync(checkKeyProtect(options), { instanceOf: EdgeError });
    t.is(error.kind, kind, error.message);
    t.regex(error.message, text);
    t.regex(error.hint ?? '', hint);
    t.false(error.message.includes(options.apiKey.reveal()));
  });
}
