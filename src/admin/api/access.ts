// Who may ask: signing in, the administrator's password, tokens for automation, and the description of the API itself.

import { list, moment, name, named, nothing, type Of, object, oneOf, type Routes, settings, string } from './schema.ts';

const sessionView = object(
  {
    kind: oneOf('box', 'user', 'token'),
    name: string,
    role: oneOf('read-only', 'operator', 'administrator'),
    /** Goes with every change that a session asks for, in the header `x-csrf-token`. */
    csrf: string,
    /** When the session ends if nothing happens. */
    expiresAt: moment,
  },
  ['csrf', 'expiresAt'],
);
export type SessionView = Of<typeof sessionView>;

const password = { type: 'string', minLength: 12, maxLength: 1024 } as const;
/** No more is told of a wrong one than that it is wrong. */
const typedPassword = { type: 'string', minLength: 1, maxLength: 1024 } as const;

const tokenFields = {
  name: string,
  role: string,
  createdAt: moment,
  createdBy: string,
  expiresAt: moment,
  lastUsedAt: moment,
  state: oneOf('valid', 'ended'),
} as const;
const tokenView = object(tokenFields, ['lastUsedAt']);
export type TokenView = Of<typeof tokenView>;

/** Five years, in milliseconds. */
const longestLifetime = 5 * 365 * 24 * 60 * 60_000;

export const accessRoutes = {
  'session.begin': {
    method: 'POST',
    path: '/v1/session',
    role: 'anyone',
    summary: "Signs in with the administrator's password; the session is a cookie.",
    input: object({ password: typedPassword }),
    output: sessionView,
  },
  'session.show': {
    method: 'GET',
    path: '/v1/session',
    role: 'read-only',
    summary: 'Who asks, and what they may do.',
    input: nothing,
    output: sessionView,
  },
  'session.end': {
    method: 'POST',
    path: '/v1/session/end',
    role: 'read-only',
    summary: 'Signs out.',
    input: nothing,
    output: object({ ended: { const: true } }),
  },
  'password.set': {
    method: 'POST',
    path: '/v1/password',
    role: 'administrator',
    summary: "Sets the administrator's password and ends every session; who is signed in also gives the current one.",
    input: object({ password, current: typedPassword }, ['current']),
    output: object({ setAt: moment }),
  },
  'password.check': {
    method: 'POST',
    path: '/v1/password/check',
    role: 'administrator',
    summary: "Whether a password is the administrator's; who guesses waits, as at signing in.",
    input: object({ password: typedPassword }),
    output: object({ right: { const: true } }),
  },
  'token.list': {
    method: 'GET',
    path: '/v1/tokens',
    role: 'administrator',
    summary: 'The tokens of the API and when each was last used; never the tokens themselves.',
    input: nothing,
    output: list(tokenView),
  },
  'token.create': {
    method: 'POST',
    path: '/v1/tokens',
    role: 'administrator',
    summary: 'Makes a token, which is shown once.',
    input: object({
      name,
      role: oneOf('read-only', 'operator', 'administrator'),
      /** In milliseconds. */
      lifetime: { type: 'integer', minimum: 60_000, maximum: longestLifetime },
    }),
    output: object({ ...tokenFields, token: string }, ['lastUsedAt']),
  },
  'token.revoke': {
    method: 'POST',
    path: '/v1/tokens/revoke',
    role: 'administrator',
    summary: 'Takes a token away at once.',
    input: named,
    output: tokenView,
  },
  openapi: {
    method: 'GET',
    path: '/v1/openapi.json',
    role: 'read-only',
    summary: 'This API, as OpenAPI 3.1 describes it.',
    input: nothing,
    output: settings,
  },
} as const satisfies Routes;
