// What an answer of Key Protect that is not a success means, as a table: read from the top, the first row that fits
// decides. The owner's kill switch (suspended, gone) is believed only from a well-formed error envelope of Key Protect;
// everything that a proxy, a policy, a lost role or an overloaded service could also cause counts as unreachable.
// Rules: key-protect docs error-messages.md and key-states.md, and the behaviour of IBM's Go client.

import type { ErrorKind } from '../../errors.ts';
import type { RootKeyState } from '../../keys/root-key-ports.ts';

/** The calls that we make. */
export const actions = [
  'wrap',
  'unwrap',
  'rewrap',
  'metadata',
  'list',
  'list-adapters',
  'create-adapter',
  'list-certificates',
  'read-certificate',
  'add-certificate',
  'delete-certificate',
] as const;
export type Action = (typeof actions)[number];

/** What a failure means; each class is one kind of {@link EdgeError}. */
export const failureClasses = {
  unreachable: 'upstream-unreachable',
  auth: 'upstream-unreachable',
  suspended: 'root-key-unusable',
  gone: 'root-key-unusable',
  refused: 'upstream-refused',
  denied: 'permission-denied',
  taken: 'already-exists',
  corrupt: 'wrapped-key-refused',
} as const satisfies Record<string, ErrorKind>;
export type FailureClass = keyof typeof failureClasses;

/** A bad answer after a first look: `envelope` is true for a well-formed error of Key Protect. */
export interface Seen {
  readonly status: number;
  readonly action: Action;
  readonly envelope: boolean;
  readonly code: string | undefined;
  readonly text: string;
  readonly target: string | undefined;
}

export interface Row {
  readonly fits: (seen: Seen) => boolean;
  readonly class: FailureClass;
  readonly state?: RootKeyState;
  readonly retry?: true;
  readonly staleToken?: true;
  readonly hint: string;
}

const kmipAccessHint =
  'the API key needs the role Manager or KmipAdapterManager (Writer and Reader have no access to KMIP)';
const keyActions: readonly Action[] = ['wrap', 'unwrap', 'rewrap', 'metadata'];
const openingActions: readonly Action[] = ['unwrap', 'rewrap'];
const accessHint =
  'check that url and instance id belong together (region), that the service id has the Reader role, and that no allowed-ip or network policy blocks this machine';

const kmipActions: readonly Action[] = [
  'list-adapters',
  'create-adapter',
  'list-certificates',
  'read-certificate',
  'add-certificate',
  'delete-certificate',
];
const aboutKmip = (seen: Seen): boolean => seen.envelope && kmipActions.includes(seen.action);

/**
 * What may go wrong with KMIP adapters. Roles: manage-access.md. The codes are those that the acceptance tests of IBM's
 * Terraform provider wait for; no document prints their status, so that the code alone decides. Nothing here is a
 * verdict on the root key.
 */
const kmipRows: readonly Row[] = [
  {
    fits: (seen) => aboutKmip(seen) && seen.status === 401,
    class: 'denied',
    staleToken: true,
    hint: kmipAccessHint,
  },
  { fits: (seen) => aboutKmip(seen) && seen.status === 403, class: 'denied', hint: kmipAccessHint },
  {
    fits: (seen) => aboutKmip(seen) && seen.code === 'KMIP_CERT_DUPLICATE_ERR',
    class: 'taken',
    hint: 'a certificate serves one adapter of a region: take it off the other adapter, or use another certificate',
  },
  {
    fits: (seen) => aboutKmip(seen) && /^KMIP_\w+_DUPLICATE_NAME_ERR$/.test(seen.code ?? ''),
    class: 'taken',
    hint: 'the name is in use: choose another name, or delete what has it in key protect',
  },
  {
    fits: (seen) => aboutKmip(seen) && seen.code === 'NATIVE_CRK_ID_NOT_FOUND_ERR',
    class: 'refused',
    hint: 'no such root key in this instance: check the id of the root key and the instance',
  },
  {
    fits: (seen) => aboutKmip(seen) && seen.code === 'NATIVE_INVALID_CRK_ERR',
    class: 'refused',
    hint: 'a KMIP adapter needs an active root key: name another one, or enable this one',
  },
  {
    fits: (seen) => aboutKmip(seen) && /LIMIT|QUOTA/.test(seen.code ?? ''),
    class: 'refused',
    hint: 'an instance holds 200 KMIP adapters, and an adapter 200 certificates: delete in key protect what is not used',
  },
  {
    fits: (seen) => aboutKmip(seen) && seen.status === 409,
    class: 'taken',
    hint: 'look at the KMIP adapters of the instance in key protect',
  },
  {
    fits: (seen) => aboutKmip(seen) && seen.status === 404,
    class: 'refused',
    hint: 'the KMIP adapter or its certificate was deleted meanwhile: try again',
  },
];

const invalidState = (seen: Seen): boolean =>
  seen.envelope && seen.status === 409 && seen.code === 'KEY_ACTION_INVALID_STATE_ERR';

const aboutCiphertext = (seen: Seen): boolean =>
  seen.target === undefined ? /ciphertext/i.test(seen.text) : seen.target === 'ciphertext';

export const answerRows: readonly Row[] = [
  ...kmipRows,
  {
    fits: (seen) => invalidState(seen) && seen.action === 'unwrap', // so is pre-active, but then nothing was wrapped yet
    class: 'suspended',
    state: 'suspended',
    hint: 'the root key is disabled: enable it in key protect',
  },
  {
    fits: (seen) => invalidState(seen) && (seen.action === 'wrap' || seen.action === 'rewrap'),
    class: 'suspended', // or deactivated, or not yet active: metadata tells
    hint: 'the root key is disabled, expired or not yet active: look at its state in key protect',
  },
  {
    fits: (seen) => seen.envelope && seen.status === 410 && keyActions.includes(seen.action),
    class: 'gone',
    state: 'destroyed',
    hint: 'the root key was deleted: it can be restored in key protect for 30 days',
  },
  {
    fits: (seen) =>
      seen.envelope && seen.status === 404 && seen.code === 'KEY_NOT_FOUND_ERR' && keyActions.includes(seen.action),
    class: 'gone',
    state: 'destroyed',
    hint: 'no such root key in this instance: it was purged, or the id or the key ring is wrong',
  },
  { fits: (seen) => seen.status === 401, class: 'auth', staleToken: true, hint: accessHint },
  {
    fits: (seen) =>
      seen.status === 400 && (/token is expired/i.test(seen.text) || seen.code === 'BEARER_SUB_EXTRACTION_ERR'),
    class: 'auth',
    staleToken: true,
    hint: 'the iam token was refused as expired: check the clock of this machine, and the token lifetime set in iam',
  },
  { fits: (seen) => seen.status === 403, class: 'auth', hint: accessHint },
  {
    fits: (seen) =>
      seen.status === 422 &&
      openingActions.includes(seen.action) &&
      (seen.envelope || /invalid ciphertext/i.test(seen.text)),
    class: 'corrupt',
    hint: 'it was wrapped by another root key, for another object, or is damaged',
  },
  {
    fits: (seen) =>
      seen.envelope &&
      seen.status === 400 &&
      seen.code === 'INVALID_FIELD_ERR' &&
      openingActions.includes(seen.action) &&
      aboutCiphertext(seen),
    class: 'corrupt',
    hint: 'the wrapped key is damaged: restore it from a backup',
  },
  {
    fits: (seen) => seen.envelope && seen.status === 400 && seen.code === 'KEY_ROOT_REQ_ERR',
    class: 'refused',
    hint: 'this is a standard key: name a root key',
  },
  {
    fits: (seen) => seen.envelope && seen.status === 400 && seen.target === 'aad',
    class: 'refused',
    hint: 'this endpoint takes no additional data: set aad to false for it',
  },
  {
    fits: (seen) => seen.status === 429,
    class: 'unreachable',
    retry: true,
    hint: 'key protect limits the rate of requests: try later',
  },
  {
    fits: (seen) => seen.status === 503 && /no healthy upstream/i.test(seen.text),
    class: 'unreachable',
    retry: true,
    hint: 'the dedicated instance has no initialised crypto units: initialise them, or wait some minutes',
  },
  {
    fits: (seen) => seen.status === 408 || (seen.status >= 500 && seen.status !== 501),
    class: 'unreachable',
    retry: true,
    hint: 'the service or a proxy in front of it is failing: see the status page of the region',
  },
  {
    fits: (seen) => seen.status === 404,
    class: 'unreachable',
    hint: 'nothing is known at this address: check the url and its path',
  },
  {
    fits: (seen) => seen.status === 407 || (seen.status >= 300 && seen.status < 400),
    class: 'unreachable',
    hint: 'a proxy or captive portal answers in place of key protect: let this machine reach it directly',
  },
  {
    fits: (seen) => seen.status === 409 || seen.status === 410,
    class: 'unreachable',
    hint: 'the answer does not say what is wrong with the root key: look at its state in key protect',
  },
  {
    fits: (seen) => seen.envelope && seen.status >= 400 && seen.status < 500,
    class: 'refused',
    hint: 'key protect does not accept the request as it is: report this with the correlation id',
  },
];

/** An answer that no row fits. */
export const lastRow: Row = {
  fits: () => true,
  class: 'unreachable',
  hint: 'this is not an answer of key protect: check the url, and any proxy on the way',
};
