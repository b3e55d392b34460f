// Factory reset, in two steps: first that settings and passwords go, and then, only where that is wanted, the keys too.

import { counted } from '../../counted.ts';
import type { Machine } from '../../system/machine.ts';
import { restart } from '../../system/power.ts';
import { askForReset, type Keys } from '../../system/reset.ts';
import type { Page, PageContext } from '../page.ts';
import { recordAct } from '../record.ts';

const title = 'Factory reset';

/** The page for a machine. */
export const resetPage =
  (machine: Machine): Page =>
  async (context) => {
    const { ui, hostFacts } = context;
    const { name } = hostFacts();
    const isMeant = await ui.confirm({
      title: 'Factory reset?',
      text: [
        'Network, time, SSH and the settings of the server become as the deployment gave them. No password is set then and no token is left: whoever comes to this console first sets the password. Service instances, clients and keys stay, unless you say otherwise in the next step.',
        `The appliance is ${name}.`,
      ],
      word: name,
    });
    if (!isMeant) return;
    const keys = await askForKeys(context, name);
    if (!keys) return;
    await recordAct(context.call, 'reset', keys === 'keep' ? 'keys are kept' : 'keys are destroyed');
    askForReset(machine, keys);
    await restart(machine);
    await ui.message({ title, text: ['The appliance restarts now, and is reset before anything else starts.'] });
  };

const askForKeys = async ({ ui, call }: PageContext, name: string): Promise<Keys | undefined> => {
  const keys = await ui.menu<Keys>({
    title,
    text: ['What is to become of the keys?'],
    choices: [
      { label: 'Keep the keys', help: 'The database and what opens it stay as they are.', value: 'keep' },
      { label: 'Destroy the keys', help: 'Asks once more.', value: 'destroy' },
    ],
  });
  if (keys !== 'destroy') return keys;
  const { instances } = await call('status', {});
  const count = instances.reduce((sum, instance) => sum + instance.keys, 0);
  const word = `destroy ${name}`;
  const text = [
    `Destroyed are ${counted(count, 'key')} of ${counted(instances.length, 'service instance')}, with everything that could open them, the recovery passphrase included.`,
    'What is encrypted with them is lost for ever, unless another appliance or a backup has them.',
    'The deployment is then carried out anew, with its password where it still gives one.',
  ];
  return (await ui.confirm({ title: 'Destroy all keys?', text, word })) ? 'destroy' : undefined;
};
