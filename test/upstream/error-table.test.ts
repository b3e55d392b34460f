// Every answer that is not a success, and every way to get none: the kind of error it becomes, whether it is a verdict
// on the root key, and what the text says. The bodies are the fixtures of the documentation, served verbatim.

import { createSecretKey, randomBytes } from 'node:crypto';
import test from 'ava';
import { EdgeError, type ErrorKind } from '../../src/errors.ts';
import { type RootKey, type RootKeyState, RootKeyUnusable } from '../../src/keys/root-key-ports.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import type { Fault } from '../peers/key-protect/faults.ts';
import { errorBody, fixtures } from './fixtures.ts';
import { setUp } from './kit.ts';

const tls = makeTlsMaterial();

interface Row {
  readonly name: string;
  readonly on: 'wrap' | 'unwrap' | 'metadata';
  readonly fault: Fault;
  readonly kind: ErrorKind;
  /** For a verdict: the state it tells, null where it tells none. */
  readonly verdict?: RootKeyState | null;
  readonly text: RegExp;
  readonly hint: RegExp;
}

const answer = (status: number, body: unknown): Fault => ({ kind: 'answer', status, body });
const row = (name: string, on: Row['on'], fault: Fault, kind: ErrorKind, text: RegExp, hint: RegExp): Row => ({
  name,
  on,
  fault,
  kind,
  text,
  hint,
});
const unreachable = (name: string, fault: Fault, text: RegExp, hint: RegExp = /./): Row =>
  row(name, 'unwrap', fault, 'upstream-unreachable', text, hint);
const verdict = (name: string, on: Row['on'], fault: Fault, state: RootKeyState | null, text: RegExp): Row => ({
  ...row(name, on, fault, 'root-key-unusable', text, /./),
  verdict: state,
});

const rows: readonly Row[] = [
  // verdicts
  verdict(
    'C7: 409 on unwrap',
    'unwrap',
    answer(409, fixtures.C7),
    'suspended',
    /409 KEY_ACTION_INVALID_STATE_ERR to unwrap/,
  ),
  verdict('C6: 409 on unwrap, other words', 'unwrap', answer(409, fixtures.C6), 'suspended', /not in active state/),
  verdict('C6: 409 on wrap', 'wrap', answer(409, fixtures.C6), null, /409 KEY_ACTION_INVALID_STATE_ERR to wrap/),
  verdict('C8: 410', 'unwrap', answer(410, fixtures.C8), 'destroyed', /410 KEY_DELETED_ERR/),
  verdict('C8b: 410 without reasons', 'unwrap', answer(410, fixtures.C8b), 'destroyed', /410 to unwrap: "Gone/),
  verdict('C8b: 410 on wrap', 'wrap', answer(410, fixtures.C8b), 'destroyed', /410 to wrap/),
  verdict('C5: 404', 'unwrap', answer(404, fixtures.C5), 'destroyed', /404 KEY_NOT_FOUND_ERR/),
  // access
  unreachable('C1: 401', answer(401, fixtures.C1), /401 to unwrap: "Unauthorized/, /region.*Reader.*allowed-ip/),
  unreachable('C2: 401', answer(401, fixtures.C2), /region is incorrectly set/, /Reader/),
  unreachable('401 in plain text', answer(401, 'Unauthorized'), /401/, /Reader/),
  unreachable('403', answer(403, errorBody('Forbidden')), /403/, /Reader/),
  unreachable('400 for an ended token', answer(400, 'Bad Request: Token is expired'), /Token is expired/, /clock/),
  unreachable('X3: 409 without a code', answer(409, fixtures.X3), /409 to unwrap/, /look at its state/),
  // one wrapped key
  row(
    'C9: 422',
    'unwrap',
    answer(422, fixtures.C9),
    'wrapped-key-refused',
    /422 UNPROCESSABLE_CIPHERTEXT_ERR/,
    /damaged/,
  ),
  row(
    '422 in plain text',
    'unwrap',
    answer(422, 'Unprocessable Entity: Invalid ciphertext'),
    'wrapped-key-refused',
    /422/,
    /damaged/,
  ),
  row(
    'C4: 400 about the ciphertext',
    'unwrap',
    answer(400, fixtures.C4),
    'wrapped-key-refused',
    /INVALID_FIELD_ERR/,
    /backup/,
  ),
  // the request itself
  row(
    'C3: 400 about the plaintext',
    'wrap',
    answer(400, fixtures.C3),
    'upstream-refused',
    /400 INVALID_FIELD_ERR/,
    /correlation/,
  ),
  row('C3 on unwrap', 'unwrap', answer(400, fixtures.C3), 'upstream-refused', /400 INVALID_FIELD_ERR/, /correlation/),
  row('422 on wrap', 'wrap', answer(422, fixtures.C9), 'upstream-refused', /422/, /./),
  row('C15: 400', 'wrap', answer(400, fixtures.C15), 'upstream-refused', /INVALID_QUERY_PARAM_ERR/, /./),
  row('C18: 400', 'wrap', answer(400, fixtures.C18), 'upstream-refused', /KEY_ROOT_REQ_ERR/, /standard key/),
  row('C19: 400', 'wrap', answer(400, fixtures.C19), 'upstream-refused', /BAD_BODY_ERR/, /./),
  row(
    '400 about additional data',
    'wrap',
    answer(400, errorBody('Bad Request', [{ code: 'INVALID_FIELD_ERR', target: { type: 'field', name: 'aad' } }])),
    'upstream-refused',
    /400/,
    /aad to false/,
  ),
  // conflicts that say nothing about the state
  unreachable('C10: 409', answer(409, fixtures.C10), /KEY_ROTATION_NOT_PERMITTED/),
  unreachable('C11: 409', answer(409, fixtures.C11), /REQ_TOO_EARLY_ERR/),
  unreachable('C13: 409', answer(409, fixtures.C13), /PROTECTED_RESOURCE_ERR/),
  unreachable('C14: 409', answer(409, fixtures.C14), /PREV_KEY_DEL_ERR/),
  // verdicts that are not well formed
  unreachable('410 in plain text', answer(410, 'Gone'), /410 to unwrap: "Gone"/),
  unreachable('404 in plain text', answer(404, '404 page not found'), /404/, /url and its path/),
  unreachable('404 with another code', answer(404, errorBody('Not Found', [{ code: 'OTHER_ERR' }])), /404 OTHER_ERR/),
  unreachable('410 as a web page', { kind: 'html', status: 410 }, /410 to unwrap: a web page/),
  unreachable('409 with a bare code', answer(409, { code: 'KEY_ACTION_INVALID_STATE_ERR' }), /409/),
  unreachable(
    'C7 with another status inside',
    answer(409, errorBody('Conflict', [{ code: 'KEY_ACTION_INVALID_STATE_ERR', status: 500 }])),
    /409/,
  ),
  unreachable('C7 with status 200', answer(200, fixtures.C7), /200 to unwrap, but the body is not/),
  unreachable(
    'C8b of another collection type',
    answer(410, { ...fixtures.C8b, metadata: { collectionType: 'x' } }),
    /410/,
  ),
  unreachable('C5 on a status of the proxy', answer(502, fixtures.C5), /502/),
  // the service or the way to it
  unreachable('429', answer(429, 'slow down'), /429/, /rate/),
  unreachable(
    '500',
    answer(500, errorBody('Internal', [{ code: 'INCOMPLETE_METADATA_ERR' }])),
    /500 INCOMPLETE_METADATA_ERR/,
    /status page/,
  ),
  unreachable('501', answer(501, ''), /501 to unwrap: an empty body/),
  unreachable(
    '503 of a dedicated instance',
    answer(503, 'no healthy upstream: no crypto units are in kms-initialized state'),
    /503/,
    /crypto units/,
  ),
  unreachable(
    '302',
    { kind: 'answer', status: 302, body: '', headers: { location: 'https://portal.example/' } },
    /302/,
    /captive portal/,
  ),
  unreachable('407', answer(407, 'proxy'), /407/, /proxy/),
  unreachable('a web page with 200', { kind: 'html' }, /200 to unwrap, but the body is not/, /proxy/),
  unreachable('random bytes', { kind: 'garbage' }, /200 to unwrap/),
  unreachable('random bytes with 410', { kind: 'garbage', status: 410 }, /410 to unwrap/),
  unreachable('X1: an enveloped wrap', answer(200, fixtures.X1), /200 to unwrap/),
  unreachable('X2: an enveloped unwrap', answer(200, fixtures.X2), /200 to unwrap/),
  unreachable('a plaintext that is not base64', answer(200, { plaintext: 'not base64!' }), /200 to unwrap/),
  unreachable('an empty plaintext', answer(200, { plaintext: '' }), /200 to unwrap/),
  unreachable('no answer', { kind: 'hang' }, /no answer in time/, /firewall/),
  unreachable('a cut before the answer', { kind: 'cut-before' }, /connection was cut/),
  unreachable('a cut in the body', { kind: 'cut-body' }, /connection was cut/),
  unreachable('too large an answer', { kind: 'oversized', bytes: 300_000 }, /too large/),
  // metadata
  row('metadata: 409', 'metadata', answer(409, fixtures.C6), 'upstream-unreachable', /409/, /./),
  row('metadata: 401', 'metadata', answer(401, fixtures.C1), 'upstream-unreachable', /401 to metadata/, /Reader/),
  row(
    'metadata: no such state',
    'metadata',
    answer(200, { metadata: {}, resources: [{ state: 4 }] }),
    'upstream-unreachable',
    /200/,
    /./,
  ),
];

const calls: Readonly<Record<Row['on'], (rootKey: RootKey) => Promise<unknown>>> = {
  wrap: (rootKey) => rootKey.wrap(createSecretKey(randomBytes(32)), 'uid'),
  unwrap: (rootKey) => rootKey.unwrap({ text: 'd3JhcHBlZA==' }, 'uid'),
  metadata: (rootKey) => rootKey.status(),
};

for (const { name, on, fault, kind, verdict: state, text, hint } of rows) {
  test.serial(`${name}: ${kind}`, async (t) => {
    const attemptMs = fault.kind === 'hang' ? 1000 : 8000;
    const { simulator, rootKey } = await setUp(
      t,
      { timings: { attemptMs, totalMs: 12_000, retries: 1, backoffMs: 1 } },
      { tls },
    );
    simulator.fault(fault, { on });
    const error = await t.throwsAsync(calls[on](rootKey), { instanceOf: EdgeError });
    t.is(error.kind, kind, error.message);
    t.regex(error.message, text);
    t.regex(error.hint ?? '', hint);
    t.is(error instanceof RootKeyUnusable ? (error.state ?? null) : undefined, state);
    const correlation = /correlation id ([0-9a-f-]{36})/.exec(error.message)?.[1];
    const sent = simulator.recent(on).map(({ headers }) => headers['correlation-id']);
    t.true(sent.includes(correlation), `not the id of a request: ${error.message}`);
    t.is(error.message[0], error.message[0]?.toLowerCase());
  });
}

const gone: readonly (readonly [string, Fault])[] = [
  ['C5: 404', answer(404, fixtures.C5)],
  ['C8b: 410', answer(410, fixtures.C8b)],
];

for (const [name, fault] of gone) {
  test.serial(`metadata answered with ${name} is the state destroyed`, async (t) => {
    const { simulator, rootKey } = await setUp(t, {}, { tls });
    simulator.fault(fault, { on: 'metadata' });
    t.deepEqual(await rootKey.status(), { state: 'destroyed' });
  });
}

test.serial('a cut link is named', async (t) => {
  const { simulator, rootKey } = await setUp(t, {}, { tls });
  await rootKey.status();
  await simulator.cutLink('key-protect');
  const cut = await t.throwsAsync(rootKey.status(), { instanceOf: EdgeError });
  t.regex(cut?.message ?? '', /connection was refused \(ECONNREFUSED/);
});
