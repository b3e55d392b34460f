// The routes of signing in, of the password and of tokens.

import type { Clock } from '../clock.ts';
import { EdgeError } from '../errors.ts';
import type { ApiToken } from '../keys/token-ports.ts';
import { Secret } from '../secret.ts';
import type { LockOut } from './access/lock-out.ts';
import type { AdministratorPassword } from './access/password.ts';
import type { Session, Sessions } from './access/sessions.ts';
import type { Tokens } from './access/tokens.ts';
import { type Actor, userActor } from './actor.ts';
import type { accessRoutes, SessionView, TokenView } from './api/access.ts';
import type { Handlers } from './routes.ts';

export interface AccessParts {
  readonly password: AdministratorPassword;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  /** Of wrong passwords. */
  readonly lockOut: LockOut;
  readonly clock: Clock;
}

const iso = (ms: number): string => new Date(ms).toISOString();

/** The handlers over running parts. */
export const accessHandlers = (parts: AccessParts): Pick<Handlers, Exclude<keyof typeof accessRoutes, 'openapi'>> => {
  const { sessions, tokens, clock } = parts;
  const tokenView = (token: ApiToken): TokenView => viewOf(token, clock.now());
  return {
    'session.begin': async ({ password }, { address }, visit) => {
      if (!visit) throw noSession('the management socket');
      await requirePassword(parts, new Secret(password), address);
      if (visit.sessionId !== undefined) sessions.end(visit.sessionId);
      const { id, session } = sessions.begin();
      const actor = userActor(address);
      visit.actor = actor;
      visit.keep(id);
      return sessionView(actor, session);
    },
    'session.show': (_input, actor, visit) => {
      const id = actor.kind === 'user' ? visit?.sessionId : undefined;
      return sessionView(actor, id === undefined ? undefined : sessions.find(id));
    },
    'session.end': (_input, { kind, name }, visit) => {
      if (!visit || kind !== 'user') throw noSession(`${kind} '${name}'`);
      if (visit.sessionId !== undefined) sessions.end(visit.sessionId);
      visit.keep(undefined);
      return { ended: true };
    },
    'password.set': async ({ password, current }, actor, visit) => {
      await requireMaySet(parts, current, actor);
      const setAt = await parts.password.set(new Secret(password));
      sessions.endAll();
      visit?.keep(undefined);
      return { setAt: iso(setAt) };
    },
    'password.check': async ({ password }, { address }) => {
      await requirePassword(parts, new Secret(password), address);
      return { right: true };
    },
    'token.list': () => tokens.list().map(tokenView),
    'token.create': async ({ name, role, lifetime }, actor) => {
      const createdBy = `${actor.kind} ${actor.name}`;
      const { text, token } = await tokens.create({ name, role, lifetime, createdBy });
      return { ...tokenView(token), token: text.reveal() };
    },
    'token.revoke': async ({ name }) => tokenView(await tokens.revoke(name)),
  };
};

const viewOf = ({ name, role, createdAt, createdBy, expiresAt, lastUsedAt }: ApiToken, now: number): TokenView => ({
  name,
  role,
  createdAt: iso(createdAt),
  createdBy,
  expiresAt: iso(expiresAt),
  ...(lastUsedAt === undefined ? {} : { lastUsedAt: iso(lastUsedAt) }),
  state: expiresAt > now ? 'valid' : 'ended',
});

const sessionView = ({ kind, name, role }: Actor, session: Session | undefined): SessionView => {
  if (kind === 'nobody' || role === 'anyone') throw new EdgeError('not-authenticated', 'nobody is signed in');
  const { csrf, expiresAt } = session ?? {};
  return {
    kind,
    name,
    role,
    ...(csrf === undefined ? {} : { csrf }),
    ...(expiresAt === undefined ? {} : { expiresAt: iso(expiresAt) }),
  };
};

const noSession = (who: string): EdgeError =>
  new EdgeError('operation-not-supported', `${who} has no session`, { hint: 'sessions are for browsers, over HTTPS' });

/** Throws `not-authenticated` for a wrong password, `too-many-attempts` for who has to wait, `not-ready` where none is set. */
const requirePassword = async ({ password, lockOut }: AccessParts, typed: Secret, address: string): Promise<void> => {
  password.requireSet();
  lockOut.check(address);
  lockOut.failed(address);
  const isRight = await password.isRight(typed).catch((error: unknown) => {
    lockOut.notTried(address);
    throw error;
  });
  if (!isRight) {
    throw new EdgeError('not-authenticated', 'the password is wrong', {
      hint: "a new one is set on the appliance with 'kmip-edge password set'",
    });
  }
  lockOut.succeeded(address);
};

/** The box may always; who signed in proves it again, so that an open browser is not enough; a token may not. */
const requireMaySet = async (parts: AccessParts, current: string | undefined, actor: Actor): Promise<void> => {
  if (actor.kind === 'box') return;
  if (actor.kind !== 'user') {
    throw new EdgeError('permission-denied', "a token may not set the administrator's password", {
      hint: 'sign in, or use the command line on the appliance',
    });
  }
  if (current === undefined) {
    throw new EdgeError('missing-data', 'the current password is needed to set another');
  }
  await requirePassword(parts, new Secret(current), actor.address);
};
