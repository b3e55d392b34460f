// From an HTTPS request to who asks: a token, a session's cookie, or nobody. Of what a browser sends without being told
// to, nothing counts that another site could have caused.

import { isIP } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { EdgeError } from '../../errors.ts';
import { peerAddress } from '../../peer-address.ts';
import { type Actor, nobody, userActor } from '../actor.ts';
import { type Role, roles } from '../api/schema.ts';
import type { LockOut } from './lock-out.ts';
import { isSame, type Sessions } from './sessions.ts';
import type { Tokens } from './tokens.ts';

export interface AdmissionParts {
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  /** Of tokens that are none. */
  readonly lockOut: LockOut;
  readonly sessionIdOf: (request: FastifyRequest) => string | undefined;
}

/** The page asks by itself with this header: that is no sign of life of whoever sits before it. */
const backgroundHeader = 'x-background';
const csrfHeader = 'x-csrf-token';

/** Who asks for a route that `needed` may ask. Throws `not-authenticated`, `permission-denied` or `too-many-attempts`. */
export const admit = (request: FastifyRequest, needed: Role, parts: AdmissionParts): Actor => {
  requireSameSite(request);
  const address = peerAddress(request.socket);
  const { authorization } = request.headers;
  if (authorization !== undefined) return tokenActor(authorization, address, parts);
  const id = parts.sessionIdOf(request);
  const session = id === undefined ? undefined : parts.sessions.find(id);
  if (id === undefined || !session) return nobody(address);
  if (request.method !== 'GET' && !isSame(headerOf(request, csrfHeader), session.csrf)) {
    if (needed === 'anyone') return nobody(address);
    throw new EdgeError('permission-denied', `a change needs the session's token in the header ${csrfHeader}`, {
      hint: 'GET /v1/session tells it',
    });
  }
  if (headerOf(request, backgroundHeader) === '') parts.sessions.find(id, true);
  return userActor(address);
};

const tokenActor = (authorization: string, address: string, { tokens, lockOut }: AdmissionParts): Actor => {
  const [, text = ''] = /^bearer +(\S+)$/i.exec(authorization) ?? [];
  const token = tokens.use(text);
  if (token === 'ended') {
    throw new EdgeError('not-authenticated', 'the token has ended', {
      hint: "make another with 'kmip-edge token create'",
    });
  }
  const role = token && roles.find((one) => one === token.role);
  if (!token || !role) {
    // After the look: what is right is let in whoever else guesses at the same address, for it cannot be guessed.
    lockOut.check(address);
    lockOut.failed(address);
    throw new EdgeError('not-authenticated', 'the token is not one of this appliance, or was revoked', {
      hint: 'send it as: Authorization: Bearer kme_…',
    });
  }
  return { kind: 'token', name: token.name, role, address };
};

/** Fetch metadata and Origin, where the browser sends them: what comes from another site is refused, whatever it carries. */
const requireSameSite = (request: FastifyRequest): void => {
  const site = headerOf(request, 'sec-fetch-site');
  const { origin } = request.headers;
  const isForeign = !['', 'same-origin', 'none'].includes(site);
  if (!isForeign && (origin === undefined || isOrigin(origin, request.headers.host ?? ''))) return;
  throw new EdgeError('permission-denied', 'the request comes from another site', {
    hint: 'use the page of this appliance, or a token from a program',
  });
};

const isOrigin = (origin: string, host: string): boolean =>
  URL.canParse(origin) &&
  URL.canParse(`https://${host}`) &&
  new URL(origin).origin === new URL(`https://${host}`).origin;

const headerOf = (request: FastifyRequest, name: string): string => {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
};

/**
 * Refuses a host name that is not ours: another site whose name was made to lead here has its own. Addresses are nobody's
 * name. `isOurs` tells whether the certificate or the settings have the name.
 */
export const requireOwnHost = (host: string | undefined, isOurs: (name: string) => boolean): void => {
  const name = URL.canParse(`https://${host}`) ? new URL(`https://${host}`).hostname.toLowerCase() : '';
  const bare = name.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 || bare === 'localhost' || (bare !== '' && isOurs(bare))) return;
  throw new EdgeError('permission-denied', `'${bare.slice(0, 100)}' is not a name of this appliance`, {
    hint: 'use its address, or add the name to the setting server.names',
  });
};
