// Why a KMIP adapter cannot be made: the kind of error, and advice that helps.

import test from 'ava';
import type { ErrorKind } from '../../src/errors.ts';
import { Secret } from '../../src/secret.ts';
import { makeAdapter, type WantedAdapter } from '../../src/upstream/key-protect/adapter.ts';
import { refusalOf } from '../kit/refusal.ts';
import { type AdapterSetup, certificatePem, otherPem, parts, startAdapter } from './adapter-kit.ts';
import { errorBody } from './fixtures.ts';

interface Row {
  readonly name: string;
  readonly arrange: (setup: AdapterSetup) => Partial<WantedAdapter>;
  readonly kind: ErrorKind;
  readonly text: RegExp;
  readonly hint: RegExp;
}

const role = /^the API key needs the role Manager or KmipAdapterManager \(Writer and Reader have no access to KMIP\)$/;

const rows: readonly Row[] = [
  ...(['none', 'Reader', 'ReaderPlus', 'Writer'] as const).map((name) => ({
    name: `an API key with the role ${name}`,
    arrange: ({ simulator }: AdapterSetup) => ({ apiKey: new Secret(simulator.addApiKey(name)) }),
    kind: 'permission-denied' as const,
    text: /403 to list-adapters/,
    hint: role,
  })),
  {
    name: 'a 401 that stays',
    arrange: ({ simulator }) => {
      simulator.fault({ kind: 'answer', status: 401, body: errorBody('Unauthorized') }, { on: 'create-adapter' });
      return {};
    },
    kind: 'permission-denied',
    text: /401 to create-adapter/,
    hint: role,
  },
  {
    name: 'an alias that the API key may not look up',
    arrange: () => ({ crk: 'edge-alias' }),
    kind: 'permission-denied',
    text: /401 to metadata/,
    hint: /give the id of the root key in place of its alias edge-alias/,
  },
  {
    name: 'an alias of nothing',
    arrange: ({ simulator }) => ({ crk: 'no-alias', apiKey: new Secret(simulator.addApiKey('Manager')) }),
    kind: 'upstream-refused',
    text: /there is no root key no-alias/,
    hint: /check the alias/,
  },
  {
    name: 'a root key that is not there',
    arrange: () => ({ crk: '00000000-0000-4000-8000-000000000000' }),
    kind: 'upstream-refused',
    text: /NATIVE_CRK_ID_NOT_FOUND_ERR/,
    hint: /no such root key/,
  },
  {
    name: 'a standard key',
    arrange: ({ simulator }) => ({ crk: simulator.createStandardKey() }),
    kind: 'upstream-refused',
    text: /NATIVE_INVALID_CRK_ERR/,
    hint: /active root key/,
  },
  {
    name: 'the name with another root key',
    arrange: ({ simulator }) => {
      simulator.addAdapter('edge-1', simulator.createRootKey());
      return {};
    },
    kind: 'already-exists',
    text: /the KMIP adapter edge-1 exists with root key [0-9a-f-]{36}, not root key/,
    hint: /another name/,
  },
  {
    name: 'a certificate of another adapter',
    arrange: ({ simulator }) => {
      simulator.addAdapter('elsewhere');
      const certificate = { id: 'x', name: 'x', pem: certificatePem, createdAt: 0 };
      simulator.adapters()[0]?.certificates.set('x', certificate);
      return {};
    },
    kind: 'already-exists',
    text: /409 KMIP_CERT_DUPLICATE_ERR to add-certificate/,
    hint: /one adapter of a region/,
  },
  {
    name: 'an instance that is full',
    arrange: ({ simulator }) => {
      for (let index = 0; index < 200; index++) simulator.addAdapter(`other-${index}`);
      return {};
    },
    kind: 'upstream-refused',
    text: /the instance has 200 KMIP adapters/,
    hint: /delete/,
  },
  {
    name: 'an adapter that is full',
    arrange: ({ simulator }) => {
      simulator.addAdapter('edge-1');
      for (let index = 0; index < 200; index++) {
        const certificate = { id: `c${index}`, name: `c${index}`, pem: otherPem, createdAt: 0 };
        simulator.adapters()[0]?.certificates.set(certificate.id, certificate);
      }
      return {};
    },
    kind: 'upstream-refused',
    text: /the KMIP adapter edge-1 has 200 certificates/,
    hint: /delete/,
  },
  {
    name: 'a limit that the service tells',
    arrange: ({ simulator }) => {
      const body = errorBody('Conflict', [{ code: 'KMIP_ADAPTER_LIMIT_ERR' }]);
      simulator.fault({ kind: 'answer', status: 409, body }, { on: 'create-adapter' });
      return {};
    },
    kind: 'upstream-refused',
    text: /KMIP_ADAPTER_LIMIT_ERR/,
    hint: /200 KMIP adapters/,
  },
  {
    name: 'no certificate',
    arrange: () => ({ certificatePem: 'no pem' }),
    kind: 'invalid-field',
    text: /client certificate/,
    hint: /PEM/,
  },
  { name: 'no name', arrange: () => ({ name: ' ' }), kind: 'invalid-field', text: /name/, hint: /./ },
  { name: 'plain http', arrange: () => ({ url: 'http://x' }), kind: 'invalid-field', text: /url/, hint: /https/ },
];

for (const { name, arrange, kind, text, hint } of rows) {
  test.serial(`${name}: ${kind}`, async (t) => {
    const setup = await startAdapter(t);
    const error = await refusalOf(t, makeAdapter({ ...setup.wanted, ...arrange(setup) }, parts), kind);
    t.regex(error.message, text);
    t.regex(error.hint ?? '', hint);
  });
}
