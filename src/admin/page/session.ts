// Who is signed in. The session itself is the server's: here are its name, its role and the token for changes, and a watch
// that ends it when nobody has touched the page for as long as the server allows.

import { useEffect, useState } from 'preact/hooks';
import { type Role, roles } from '../api/schema.ts';
import { type RouteName, routes } from '../api/table.ts';
import { get, onSessionEnd, post, setToken } from './api.ts';

export interface Session {
  readonly name: string;
  readonly role: Role;
  readonly csrf: string;
  /** When it ends if nothing happens. */
  readonly expiresAt: string;
}

/** `undefined`: not yet known. `null`: nobody. */
export type SessionState = Session | null | undefined;

/** Whether this browser signed in: the cookie is out of this page's sight, and a question by nobody is a refused one. */
const mark = 'kmip-edge.signed-in';

const keep = (session: Session | null): Session | null => {
  setToken(session?.csrf ?? '');
  if (session) localStorage.setItem(mark, 'yes');
  else localStorage.removeItem(mark);
  return session;
};

/** Throws a ProblemError: a wrong password, too many attempts, or none set yet. */
export const signIn = async (password: string): Promise<Session> => {
  const session = (await (await post('/v1/session', { password })).json()) as Session;
  keep(session);
  return session;
};

export const signOut = async (): Promise<void> => {
  await post('/v1/session/end', {});
  keep(null);
};

const whoAmI = async (): Promise<Session | null> => {
  if (localStorage.getItem(mark) === null) return null;
  try {
    return keep((await (await get('/v1/session')).json()) as Session);
  } catch {
    return keep(null);
  }
};

/** Whether this session may ask a route. */
export const may = (session: Session, route: RouteName): boolean => hasRole(session, routes[route].role);

export const hasRole = (session: Session, role: string): boolean =>
  (roles as readonly string[]).indexOf(session.role) >= (roles as readonly string[]).indexOf(role);

/** The session and how to change it; it becomes nobody's when the server says so or nobody is there any more. */
export const useSession = (): readonly [SessionState, (session: Session | null) => void] => {
  const [session, setSession] = useState<SessionState>(undefined);
  useEffect(() => {
    onSessionEnd(() => setSession(keep(null)));
    void whoAmI().then(setSession);
  }, []);
  useEffect(
    () =>
      session
        ? watchIdle(
            session,
            () =>
              void signOut()
                .catch(() => undefined)
                .then(() => setSession(null)),
          )
        : undefined,
    [session],
  );
  return [session, setSession];
};

/** The page asks for values by itself, which the server cannot tell from a person: so the page looks for the person. */
const watchIdle = (session: Session, end: () => void): (() => void) => {
  const allowed = Math.max(60_000, new Date(session.expiresAt).getTime() - Date.now());
  const signs = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
  let last = Date.now();
  const alive = (): void => {
    last = Date.now();
  };
  const timer = setInterval(() => {
    if (Date.now() - last >= allowed) end();
  }, 5000);
  for (const sign of signs) addEventListener(sign, alive, { passive: true });
  return () => {
    clearInterval(timer);
    for (const sign of signs) removeEventListener(sign, alive);
  };
};
