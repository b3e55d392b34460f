// The page begins here: whoever is signed in sees the frame, everybody else the sign-in.

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Frame } from './frame.ts';
import { html, type Node, put } from './html.ts';
import { SessionContext } from './parts/button.ts';
import { loading } from './parts/tile.ts';
import { usePlace } from './router.ts';
import { signOut, useSession } from './session.ts';
import { SignIn } from './sign-in.ts';

const App = (): Node => {
  const [session, setSession] = useSession();
  const [wasSignedIn, setWasSignedIn] = useState(false);
  const place = usePlace();
  useEffect(() => {
    if (session) setWasSignedIn(true);
  }, [session]);
  if (session === undefined) return loading('the page');
  if (session === null) {
    return put(SignIn, { onSignedIn: setSession, ended: wasSignedIn });
  }
  const onSignOut = async (): Promise<void> => {
    await signOut().catch(() => undefined);
    setWasSignedIn(false);
    setSession(null);
  };
  return html`<${SessionContext.Provider} value=${session}>${put(Frame, { session, place, onSignOut })}<//>`;
};

const root = document.getElementById('page');
if (root) {
  root.replaceChildren();
  render(put(App, {}), root);
}
