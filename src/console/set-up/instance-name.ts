// The field for the name of a service instance, with a name that is free.

import type { TextField } from '../widgets/field.ts';

const pattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** What is wrong with a name that we give, as the management API takes them. */
export const nameProblem = (text: string): string | undefined =>
  pattern.test(text) ? undefined : 'letters, digits, dot, dash and underscore, at most 64';

/** The field; `taken` are the names that there are. */
export const instanceNameField = (taken: readonly string[]): TextField<'name'> => ({
  name: 'name',
  label: 'Name of the service instance',
  value: freeName('main', taken),
  check: (text) => (taken.includes(text) ? 'there is one of this name' : nameProblem(text)),
  help: 'How it is called here.',
});

/** `wanted`, or the first number behind it that nobody has. */
export const freeName = (wanted: string, taken: readonly string[]): string => {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}${number}`;
    if (!taken.includes(name)) return name;
  }
};
