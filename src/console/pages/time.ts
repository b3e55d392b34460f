// The clock: how far off it is and who says so, time servers and zone.

import { messageOf } from '../../errors.ts';
import { type ClockState, clockState, largestOffset, stepClock, timeSources } from '../../system/clock-state.ts';
import type { Machine } from '../../system/machine.ts';
import { setTime } from '../../system/machine-changes.ts';
import { currentSettings } from '../../system/settings.ts';
import type { Page, PageContext } from '../page.ts';
import { recordIfAnswered } from '../record.ts';

const title = 'Time';

/** The page for a machine. */
export const timePage =
  (machine: Machine): Page =>
  async (context) => {
    const { ui } = context;
    for (;;) {
      const act = await ui.menu({
        title,
        text: await shown(machine),
        choices: [
          { label: 'Change time servers and zone', value: change },
          { label: 'Set the clock now', help: 'By what the time servers say, in one step.', value: setNow },
        ],
      });
      if (!act) return;
      await act(machine, context).catch((error: unknown) => ui.problem(title, error));
    }
  };

const shown = async (machine: Machine): Promise<readonly string[]> => {
  const { 'time-zone': zone = 'UTC', ntp } = currentSettings(machine);
  const rows = [`Now           ${new Date().toISOString()}`, `Time zone     ${zone}`];
  try {
    const [state, sources] = await Promise.all([clockState(machine), timeSources(machine)]);
    return [...rows, ...clockText(state), 'Time servers', ...sources.map((source) => `  ${source}`)];
  } catch (error) {
    return [
      ...rows,
      `Time servers  ${ntp ?? 'those of the system'}`,
      `The clock cannot be judged: ${messageOf(error)}`,
    ];
  }
};

/** What is said of a clock. */
export const clockText = ({ source, offset }: ClockState): readonly string[] => {
  if (source === undefined) {
    return ['No time server has answered: whether the clock is right is not known.', advice];
  }
  const seconds = Math.abs(offset);
  const text = `${seconds < 1 ? `${(seconds * 1000).toFixed(1)} ms` : `${seconds.toFixed(1)} s`} ${offset < 0 ? 'ahead of' : 'behind'} ${source}`;
  return seconds > largestOffset ? [`The clock is ${text}: set it now.`, advice] : [`The clock is  ${text}`];
};

const advice = 'Leases and certificates are judged by it.';

type Act = (machine: Machine, context: PageContext) => Promise<void>;

const change: Act = async (machine, { ui, call }) => {
  const { ntp = '', 'time-zone': zone = '' } = currentSettings(machine);
  const changed = await ui.submit(
    {
      title,
      fields: [
        {
          name: 'servers',
          label: 'Time servers',
          optional: true,
          value: ntp,
          help: 'Names or addresses, separated by spaces or commas. Empty: those of the system.',
        },
        { name: 'zone', label: 'Time zone', optional: true, value: zone, help: 'Such as Europe/Berlin. Empty: UTC.' },
      ],
    },
    'Changing it',
    async ({ servers, zone: wanted }) => {
      await setTime(machine, servers, wanted);
      await recordIfAnswered(call, 'time', `${servers} ${wanted}`.trim() || 'as the system has it');
      return true;
    },
  );
  if (changed) await ui.message({ title, text: ['It is changed. The clock follows within a minute.'], tone: 'good' });
};

const setNow: Act = async (machine, { ui, call }) => {
  await recordIfAnswered(call, 'time', 'set by the time servers');
  await ui.progress('Asking the time servers', () => stepClock(machine));
};
