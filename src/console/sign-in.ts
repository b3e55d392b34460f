// Who may use the menu: whoever knows the administrator's password. Where none has been set, it is set first, as on every
// new machine; where the server does not answer nobody can be asked.

import { isKind } from '../errors.ts';
import type { PageContext } from './page.ts';
import { askForPassword } from './pages/password.ts';
import { unlock } from './unlock.ts';

/**
 * `new`: they set the first password. `without-server`: nobody could be asked, because the server does not answer.
 */
export type SignedIn = 'signed-in' | 'new' | 'without-server' | 'no';

/** Asks until it is right or Esc. */
export const signIn = async (context: PageContext): Promise<SignedIn> => {
  const { ui, call } = context;
  let isSet: boolean;
  try {
    isSet = (await ui.progress('Asking the server', () => call('status', {}))).https.passwordSet;
  } catch (error) {
    if (isKind(error, 'server-not-running', 'not-ready')) return 'without-server';
    if (isKind(error, 'storage-locked')) return signInLocked(context);
    await ui.problem('The server cannot be asked', error);
    return 'no';
  }
  if (!isSet) {
    const text =
      "No administrator's password has been set. Choose one, of at least 12 characters: it opens this console and the web page.";
    return (await askForPassword(context, 'Welcome to kmip-edge', text)) ? 'new' : 'no';
  }
  const right = await ui.submit(
    { title: 'Sign in', fields: [{ name: 'password', label: "Administrator's password", kind: 'hidden' }] },
    'Checking the password',
    ({ password }) => call('password.check', { password }),
  );
  return right ? 'signed-in' : 'no';
};

/** Nobody's password is known while the stored keys are locked: the recovery passphrase comes first. */
const signInLocked = async (context: PageContext): Promise<SignedIn> => {
  const outcome = await unlock(context);
  if (outcome === 'opened') return signIn(context);
  return outcome === 'without' ? 'without-server' : 'no';
};
