// The recovery passphrase: made here so that nobody has to think of one, shown once, and asked back before it counts, so
// that it has been written down.

import { randomInt } from 'node:crypto';
import type { PageContext } from '../page.ts';
import type { Task } from './step.ts';

/** None of them is taken for another on paper. */
const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
const [groups, groupLength] = [6, 5] as const;

/** 30 letters out of 31: 148 bits. */
export const newPassphrase = (): string =>
  Array.from({ length: groups }, () =>
    Array.from({ length: groupLength }, () => letters[randomInt(letters.length)]).join(''),
  ).join('-');

/** Makes one or takes one, and sets it. */
export const setRecoveryPassphrase: Task = async (context) => {
  const way = await context.ui.menu({
    title: 'Recovery passphrase',
    text: ['Keep it on paper or in a safe place elsewhere: it is not stored here, and not shown again.'],
    choices: [
      {
        label: 'Make one for me',
        value: 'made',
        help: 'It is shown once. Where this line is recorded, choose the other.',
      },
      { label: 'I have one', value: 'own', help: 'At least 12 characters.' },
    ],
  });
  if (way === undefined) return false;
  const done = way === 'made' ? await makeOne(context) : await takeOne(context);
  if (done) {
    const text = ['The recovery passphrase has been set. The one before, if there was one, opens nothing any more.'];
    await context.ui.message({ title: 'Recovery passphrase', text, tone: 'good' });
  }
  return done;
};

const makeOne = async ({ ui, call }: PageContext): Promise<boolean> => {
  const passphrase = newPassphrase();
  await ui.message({ title: 'Recovery passphrase', text: ['Write it down now:', '', `    ${passphrase}`, ''] });
  const set = await ui.submit(
    {
      title: 'Recovery passphrase',
      text: ['Type it once more from what you wrote down. Until then nothing is changed; Esc begins anew.'],
      fields: [
        {
          name: 'again',
          label: 'Recovery passphrase',
          check: (text) => (text.trim() === passphrase ? undefined : 'it is another one'),
        },
      ],
    },
    'Setting the passphrase',
    () => call('seal.passphrase', { passphrase }),
  );
  return set !== undefined;
};

const takeOne = async ({ ui, call }: PageContext): Promise<boolean> => {
  const set = await ui.submit(
    {
      title: 'Recovery passphrase',
      fields: [
        {
          name: 'passphrase',
          label: 'Recovery passphrase',
          kind: 'hidden',
          check: (text) => ([...text].length < 12 ? 'at least 12 characters' : undefined),
        },
        { name: 'again', label: 'The same again', kind: 'hidden' },
      ],
      check: ({ passphrase, again }) => (passphrase === again ? undefined : 'the two are not the same'),
    },
    'Setting the passphrase',
    ({ passphrase }) => call('seal.passphrase', { passphrase }),
  );
  return set !== undefined;
};
