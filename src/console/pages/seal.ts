// What opens the stored keys, and whose they are: the slots, the recovery passphrase, and the adoption of the data of
// another machine.

import type { SealView } from '../../admin/api/seal.ts';
import { dataText } from '../data-text.ts';
import type { Page, PageContext } from '../page.ts';
import { setRecoveryPassphrase } from '../set-up/recovery.ts';

const title = 'Storage key';

/** The page. */
export const sealPage: Page = async (context) => {
  const { ui, call } = context;
  for (;;) {
    const seal = await call('seal.show', {});
    const act = await ui.menu({ title, text: sealText(seal), choices: choicesOf(seal) });
    if (!act) return;
    await act(context).catch((error: unknown) => ui.problem(title, error));
  }
};

type Act = (context: PageContext) => Promise<void>;

const choicesOf = ({ data }: SealView): readonly { label: string; help: string; value: Act }[] => [
  ...(data.machine === 'other'
    ? [{ label: 'Adopt the data', help: 'This machine replaces the one that had it.', value: adopt }]
    : []),
  {
    label: 'Set the recovery passphrase',
    help: 'It opens the stored keys when this machine is lost.',
    value: async (context) => void (await setRecoveryPassphrase(context)),
  },
];

const sealText = (seal: SealView): readonly string[] => [
  'These open the stored keys:',
  ...seal.slots.map(
    ({ what, byItself, opened }) =>
      `${opened ? '>' : ' '} ${what}${byItself ? ', by itself at each start' : ''}${opened ? ', opened them this time' : ''}`,
  ),
  dataText(seal),
  ...(seal.data.machine === 'other' ? ['It was the data of another machine.'] : []),
];

const adopt: Act = async ({ ui, call }) => {
  const sure = await ui.confirm({
    title: 'Adopt the data of another machine?',
    text: [
      'From now on it belongs to this machine.',
      'If the other one still runs, switch one of the two off now: what one of them changes the other never learns.',
    ],
    word: 'adopt',
  });
  if (sure) await call('seal.adopt', {});
};
