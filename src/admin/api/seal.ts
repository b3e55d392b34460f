// What opens the storage key: its slots, the way in when none opens by itself, and whose machine the data belongs to.

import {
  boolean,
  count,
  list,
  moment,
  name,
  nothing,
  type Of,
  object,
  oneOf,
  type Routes,
  string,
  text,
} from './schema.ts';

const passphrase = { type: 'string', minLength: 1, maxLength: 1024 } as const;

const slotView = object({
  id: string,
  kind: oneOf('credential', 'key-protect', 'passphrase', 'unknown'),
  /** What it is, in words: `the TPM of this machine`. */
  what: string,
  createdAt: moment,
  /** Whether it opens at each start without anybody. */
  byItself: boolean,
  /** Whether it is the one that opened the storage key this time. */
  opened: boolean,
});
export type SlotView = Of<typeof slotView>;

const dataView = object(
  {
    instances: count,
    keys: count,
    /** When a server last ran on the data, before this one. */
    lastUsed: moment,
    /** `other`: another machine had it, and nobody has said yet that this one takes it over. */
    machine: oneOf('own', 'other', 'unknown'),
    /** Since when it belongs to its machine. */
    since: moment,
  },
  ['lastUsed', 'since'],
);
export type SealedDataView = Of<typeof dataView>;

const sealView = object(
  {
    /** `locked`: no key is served until somebody opens it. */
    state: oneOf('open', 'locked'),
    problem: string,
    hint: string,
    slots: list(slotView),
    data: dataView,
  },
  ['problem', 'hint'],
);
export type SealView = Of<typeof sealView>;

export const sealRoutes = {
  'seal.show': {
    method: 'GET',
    path: '/v1/seal',
    role: 'read-only',
    summary: 'What opens the stored keys, and whether they are open.',
    input: nothing,
    output: sealView,
  },
  'seal.passphrase': {
    method: 'POST',
    path: '/v1/seal/passphrase',
    role: 'administrator',
    summary: 'Sets the recovery passphrase, which opens the data when all else is lost.',
    input: object({ passphrase }),
    output: object({ slots: list(string) }),
  },
  'seal.unlock': {
    method: 'POST',
    path: '/v1/seal/unlock',
    role: 'anyone',
    summary:
      'Opens the stored keys of a locked server with the recovery passphrase; this machine opens them from then on.',
    input: object({ passphrase }),
    output: object({ opened: boolean }),
  },
  'seal.add-key-protect': {
    method: 'POST',
    path: '/v1/seal/key-protect',
    role: 'administrator',
    summary: 'Lets the root key of a service instance in Key Protect open the stored keys too.',
    input: object({ instance: name, apiKey: { type: 'string', minLength: 1, maxLength: 1024 } }, ['apiKey']),
    output: sealView,
  },
  'seal.remove': {
    method: 'POST',
    path: '/v1/seal/remove',
    role: 'administrator',
    summary: 'Takes a way to open the stored keys away.',
    input: object(
      {
        id: text,
        /** Needed where nothing opens the stored keys by itself any more. */
        lastByItself: boolean,
      },
      ['lastByItself'],
    ),
    output: sealView,
  },
  'seal.adopt': {
    method: 'POST',
    path: '/v1/seal/adopt',
    role: 'administrator',
    summary: 'Says that the data of another machine belongs to this one from now on.',
    input: nothing,
    output: sealView,
  },
} as const satisfies Routes;
