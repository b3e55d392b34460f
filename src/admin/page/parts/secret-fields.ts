// A new password or passphrase, typed twice: nobody sees what they type.

import { html, type Node } from '../html.ts';
import { ProblemError } from '../problem.ts';
import { textField } from './field.ts';
import type { FormValues } from './form.ts';

/** Two fields; `least` characters. */
export const newSecretFields = (label: string, least = 1): Node => {
  const common = { type: 'password', autocomplete: 'new-password', minLength: least, maxLength: 1024 } as const;
  return html`${textField({ ...common, name: 'secret', label })}${textField({ ...common, name: 'again', label: 'The same again' })}`;
};

/** What was typed into them. Throws a ProblemError where the two differ. */
export const readNewSecret = (values: FormValues): string => {
  const secret = values.raw('secret');
  if (secret === values.raw('again')) return secret;
  throw new ProblemError(
    { kind: 'invalid-field', message: 'the two are not the same', hint: 'type the same text twice' },
    0,
  );
};
