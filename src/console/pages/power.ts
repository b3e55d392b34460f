// Restart and shut-down. Clients are told nothing: they find the server gone, and hosts that have their keys go on.

import type { Machine } from '../../system/machine.ts';
import { restart, restartServer, shutDown } from '../../system/power.ts';
import type { Page } from '../page.ts';
import { recordIfAnswered } from '../record.ts';

const title = 'Restart or shut down';

const acts = {
  server: {
    label: 'Restart the server alone',
    help: 'Clients are without answer for some seconds.',
    word: 'restart',
    recorded: 'server-restart',
    act: restartServer,
    done: 'The server starts again.',
  },
  restart: {
    label: 'Restart the appliance',
    help: 'Clients are without answer for a minute or two.',
    word: 'restart',
    recorded: 'restart',
    act: restart,
    done: 'The appliance restarts now.',
  },
  down: {
    label: 'Shut the appliance down',
    help: 'Until it is powered on again a host that restarts cannot unlock what is encrypted with keys from here.',
    word: 'shut down',
    recorded: 'shut-down',
    act: shutDown,
    done: 'The appliance shuts down now.',
  },
} as const;

/** The page for a machine. */
export const powerPage =
  (machine: Machine): Page =>
  async ({ ui, call }) => {
    const choices = Object.values(acts).map((value) => ({ label: value.label, help: value.help, value }));
    const chosen = await ui.menu({ title, choices });
    if (!chosen) return;
    const { label, help, word, recorded, act, done } = chosen;
    if (!(await ui.confirm({ title: `${label}?`, text: [help], word }))) return;
    await recordIfAnswered(call, recorded);
    await act(machine);
    await ui.message({ title, text: [done] });
  };
