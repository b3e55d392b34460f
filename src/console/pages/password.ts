// Sets the administrator's password: the first one, or another.

import type { PageContext } from '../page.ts';

const shortest = 12;

/** Asks twice and sets it; false for Esc. */
export const askForPassword = async ({ ui, call }: PageContext, title: string, text: string): Promise<boolean> => {
  const set = await ui.submit(
    {
      title,
      text: [text],
      fields: [
        { name: 'password', label: 'New password', kind: 'hidden', check: tooShort },
        { name: 'again', label: 'The same again', kind: 'hidden' },
      ],
      check: ({ password, again }) => (password === again ? undefined : 'the two are not the same'),
    },
    'Setting the password',
    ({ password }) => call('password.set', { password }),
  );
  return set !== undefined;
};

const tooShort = (text: string): string | undefined =>
  [...text].length < shortest ? `at least ${shortest} characters` : undefined;

/** The page. */
export const passwordPage = async (context: PageContext): Promise<void> => {
  const text = `At least ${shortest} characters. It counts for this console and for the web page.`;
  if (await askForPassword(context, "Administrator's password", text)) {
    await context.ui.message({ title: "Administrator's password", text: ['It has been set.'], tone: 'good' });
  }
};
