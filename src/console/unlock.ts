// A server whose stored keys nothing opens by itself waits here for the recovery passphrase, from whoever has it: a new
// machine with the data disk of another one, or one that has lost its TPM.

import { setTimeout } from 'node:timers/promises';
import { isKind } from '../errors.ts';
import { dataText } from './data-text.ts';
import type { Call, PageContext } from './page.ts';

/** Milliseconds until the server is there after it was opened. */
const patience = 120_000;
const pause = 500;

/** Asks for the passphrase; `opened` once the server serves, `without` for what can be done while it is locked. */
export const unlock = async ({ ui, call }: PageContext): Promise<'opened' | 'without' | 'no'> => {
  const seal = await call('seal.show', {});
  const way = await ui.menu<'give' | 'without'>({
    title: 'The stored keys are locked',
    text: [
      seal.problem ?? 'Nothing opens them by itself.',
      ...(seal.hint === undefined ? [] : [seal.hint]),
      '',
      dataText(seal),
    ],
    choices: [
      {
        label: 'Give the recovery passphrase',
        value: 'give',
        help: 'It opens them now, and this machine opens them by itself from then on.',
      },
      { label: 'What can be done while they are locked', value: 'without' },
    ],
  });
  if (way !== 'give') return way ?? 'no';
  const opened = await ui.submit(
    {
      title: 'The stored keys are locked',
      text: [dataText(seal)],
      fields: [{ name: 'passphrase', label: 'Recovery passphrase', kind: 'hidden', isKept: true }],
    },
    'Opening the stored keys',
    async ({ passphrase }, { report }) => {
      await call('seal.unlock', { passphrase: passphrase.trim() });
      report('They are open. The server starts.');
      await untilServed(call);
      return true;
    },
  );
  return opened ? 'opened' : 'no';
};

/** The server that waited ends, and the one that serves begins. */
const untilServed = async (call: Call): Promise<void> => {
  for (const end = performance.now() + patience; ; ) {
    try {
      await call('status', {});
      return;
    } catch (error) {
      const isEarly = isKind(error, 'server-not-running', 'not-ready', 'storage-locked');
      if (!isEarly || performance.now() > end) throw error;
      await setTimeout(pause);
    }
  }
};
