// Updates that the appliance takes by itself: where it looks for them and when, and what came of the last look.

import type { Machine } from '../../system/machine.ts';
import { setUpdates } from '../../system/machine-changes.ts';
import { currentSettings } from '../../system/settings.ts';
import { usualUpdateTime } from '../../system/update-files.ts';
import { shownAddress } from '../../system/upload.ts';
import type { Look } from '../../update/look-record.ts';
import type { PageContext } from '../page.ts';
import { recordIfAnswered } from '../record.ts';

/** What the page says of it. */
export const unattendedText = (machine: Machine, look: Look | undefined): readonly string[] => {
  const { 'update-address': address, 'update-time': time = usualUpdateTime } = currentSettings(machine);
  if (address === undefined) return ['It does not look for updates by itself.'];
  return [
    `Each day after ${time} it looks at ${shownAddress(new URL(address))}.`,
    look ? `Last look ${look.at}: ${lookText(look)}.` : 'It has not looked yet.',
  ];
};

const lookText = ({ found, version = '', problem = 'no reason is known' }: Look): string =>
  ({
    nothing: `nothing newer than ${version}`,
    'given-up': `${version}, which was given up before`,
    taken: `${version} was taken`,
    'not-now': `not done, ${problem}`,
    failed: `it failed, ${problem}`,
  })[found];

/** Asks for address and time, and has them count. */
export const changeUnattended = async (machine: Machine, { ui, call }: PageContext): Promise<void> => {
  const title = 'Updates by itself';
  const { 'update-address': address = '', 'update-time': time = '' } = currentSettings(machine);
  const changed = await ui.submit(
    {
      title,
      text: [
        'Once a day it is looked whether a newer system lies at an address. If so, and if it is signed, it is installed and the appliance restarts: clients are without answer for a minute or two.',
      ],
      fields: [
        { name: 'address', label: 'Address', optional: true, value: address, help: 'https://… Empty: never.' },
        {
          name: 'time',
          label: 'Time',
          optional: true,
          value: time,
          help: `HH:MM; it looks within the hour after it. Empty: ${usualUpdateTime}.`,
        },
      ],
    },
    'Changing it',
    async (values) => {
      await setUpdates(machine, values.address, values.time);
      await recordIfAnswered(call, 'updates', recorded(values.address.trim(), values.time.trim()));
      return { isOn: values.address.trim() !== '' };
    },
  );
  if (!changed) return;
  const text = changed.isOn ? 'It looks for updates by itself.' : 'It does not look for updates by itself any more.';
  await ui.message({ title, text: [text], tone: 'good' });
};

const longestRecorded = 256;

const recorded = (address: string, time: string): string =>
  address === '' ? 'off' : `${time || usualUpdateTime} ${shownAddress(new URL(address))}`.slice(0, longestRecorded);
