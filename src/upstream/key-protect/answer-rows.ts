// What an answer of Key Protect that is not a success means, as a table: read from the top, the first row that fits
// decides. The owner's kill switch (suspended, gone) is believed only from a well-formed error envelope of Key Protect;
// everything that a proxy, a policy, a lost role or an overloaded service could also cause counts as unreachable.
// Rules: key-protect docs error-messages.md and key-states.md, and the behaviour of IBM's Go client.

import type { ErrorKind } from '../../errors.ts';
import type { RootKeyState } from '../../keys/ports.ts';

export const actions = ['wrap', 'unwrap', 'rewrap', 'metadata', 'list'] as const;
export type Action = (typeof actions)[number];

/** What a failure means; each class is one kind of {@link EdgeError}. */
export const failureClasses = {
  unreachable: 'upstream-unreachable',
  auth: 'upstream-unreachable',
  suspended: 'root-key-unusable',
  gone: 'root-key-unusable',
  refused: 'upstream-refused',
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

const keyActions: readonly Action[] = ['wrap', 'unwrap', 'rewrap', 'metadata'];
const openingActions: readonly Action[] = ['unwrap', 'rewrap'];
const accessHint =
  'check that url and instance id belong together (region), that the service id has the Reader role, and that no allowed-ip or network policy blocks this machine';

const invalidState = (seen: Seen): boolean =>
  seen.envelope && seen.status === 409 && seen.code === 'KEY_ACTION_INVALID_STATE_ERR';

const aboutCiphertext = (seen: Seen): boolean =>
  seen.target === undefined ? /ciphertext/i.test(seen.text) : seen.target === 'ciphertext';

export const answerRows: readonly Row[] = [
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
