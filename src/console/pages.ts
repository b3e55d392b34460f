// The pages of the console, in the order of its menu.

import type { PageRow } from './page.ts';

export const pages: readonly PageRow[] = [
  {
    label: "Administrator's password",
    help: 'Sets another password for this console and the web page; whoever is signed in there is signed out.',
    load: async () => (await import('./pages/password.ts')).passwordPage,
    access: 'signed-in',
  },
];
