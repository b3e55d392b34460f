// Who is signed in. The session itself is the server's: here are its name, its role and the token for changes, and a watch
// that ends it when nobody has touched the page for as long as the server allows.

import { useEffect, useState } from 'preact/hooks';
import { roles } from '../api/schema.ts';
import { type Output, type RouteName, routes } from '../api/table.ts';
import { call, onRefused, setToken } from './api.ts';
import { problemOf } from './problem.ts';

export type Session = Output['session.show'];

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
  const session = await call('session.begin', { password });
  keep(session);
  return session;
};

export const signOut = async (): Promise<void> => {
  await call('session.end', {});
  keep(null);
};

const whoAmI = async (): Promise<Session | null> => {
  if (localStorage.getItem(mark) === null) return null;
  try {
    return keep(await call('session.show', {}));
  } catch (error) {
    // Where the appliance does not answer the session may be there all the same.
    return problemOf(error).status === 401 ? keep(null) : null;
  }
};

let looking = false;

/** After a refusal: it may be that a password was wrong, or that the session has ended. */
const hasEnded = async (): Promise<boolean> => {
  if (looking) return false;
  looking = true;
  try {
    await call('session.show', {});
    return false;
  } catch (error) {
    return problemOf(error).status === 401;
  } finally {
    looking = false;
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
    onRefused(() => void hasEnded().then((ended) => ended && setSession(keep(null))));
    void whoAmI().then(setSession);
    // Another window has signed in or out.
    const changed = ({ key }: StorageEvent): void => {
      if (key === mark) void whoAmI().then(setSession);
    };
    addEventListener('storage', changed);
    return () => removeEventListener('storage', changed);
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

/** When somebody last did something in any window of this browser, for all of them. */
const lastSign = 'kmip-edge.last-sign';

/** The page asks for values by itself, which the server cannot tell from a person: so the page looks for the person. */
const watchIdle = (session: Session, end: () => void): (() => void) => {
  const allowed = Math.max(60_000, new Date(session.expiresAt ?? Date.now()).getTime() - Date.now());
  const signs = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
  let last = Date.now();
  const alive = (): void => {
    last = Date.now();
  };
  const look = (): void => {
    const elsewhere = Number(localStorage.getItem(lastSign) ?? 0);
    if (last > elsewhere) localStorage.setItem(lastSign, String(last));
    if (Date.now() - Math.max(last, elsewhere) >= allowed) end();
  };
  const timer = setInterval(look, 5000);
  for (const sign of signs) addEventListener(sign, alive, { passive: true });
  return () => {
    clearInterval(timer);
    for (const sign of signs) removeEventListener(sign, alive);
  };
};
