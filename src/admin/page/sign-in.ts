// The first thing that anybody sees: one password, and what to do where none has been set yet.

import { html, type Node, put } from './html.ts';
import { Locked, useLocked } from './locked.ts';
import { textField } from './parts/field.ts';
import { form } from './parts/form.ts';
import { notification } from './parts/notification.ts';
import { type Session, signIn } from './session.ts';

export interface SignInProps {
  readonly onSignedIn: (session: Session) => void;
  /** Whether a session of this page has just ended by itself. */
  readonly ended: boolean;
}

export const SignIn = (props: SignInProps): Node => (useLocked() ? put(Locked, {}) : signInForm(props));

const signInForm = ({ onSignedIn, ended }: SignInProps): Node => html`<main class="sign-in">
  <div class="sign-in-box">
    <p class="sign-in-name">kmip-edge</p>
    <h1>Sign in</h1>
    ${ended && notification({ kind: 'info', title: 'The session has ended', text: 'Sign in again to go on.' })}
    ${form(
      {
        submit: 'Sign in',
        onSubmit: async (values) => onSignedIn(await signIn(values.raw('password'))),
      },
      // Password managers file a password under a name.
      html`<input type="text" name="username" autocomplete="username" value="administrator" hidden />`,
      textField({
        name: 'password',
        label: 'Administrator password',
        type: 'password',
        autocomplete: 'current-password',
        focus: true,
        maxLength: 1024,
        help: html`Set or changed on the appliance itself: <code>kmip-edge password set</code>`,
      }),
    )}
  </div>
</main>`;
