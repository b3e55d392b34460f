// The update of the appliance from its own console: from a disc or a disk, from an address, by itself, or back to the system
// before. It does not ask the server, which may be what does not work: the part of the appliance that installs is run from here.

import { execFile } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { EdgeError, messageOf } from '../../errors.ts';
import type { Machine } from '../../system/machine.ts';
import { type Look, readLook } from '../../update/look-record.ts';
import type { FoundBundle } from '../../update/media.ts';
import { places } from '../../update/places.ts';
import { readProgress, type UpdateProgress } from '../../update/progress.ts';
import { otherSlot } from '../../update/slots.ts';
import { type UpdateRecord, UpdateState } from '../../update/state.ts';
import { version } from '../../version.ts';
import type { Page, PageContext } from '../page.ts';
import { changeUnattended, unattendedText } from './unattended.ts';

/** What the page needs of the machine. */
export interface UpdateTools {
  /** Runs `kmip-edge-update` to its end and gives what it printed. Throws what it said instead. */
  run(args: readonly string[]): Promise<string>;
  progress(): UpdateProgress | undefined;
  record(): UpdateRecord;
  /** How the last look ended that nobody asked for. */
  look(): Look | undefined;
  readonly machine: Machine;
}

const title = 'Update';
const pollPause = 1000;

/** The page for a machine. */
export const updatePage = (machine: Machine): Page => updatePageWith(machineTools(machine));

/** The page with other tools. */
export const updatePageWith =
  (tools: UpdateTools): Page =>
  async (context) => {
    const { ui } = context;
    for (;;) {
      const { running, slots, last } = tools.record();
      const other = running && slots[otherSlot(running)];
      const act = await ui.menu<Act>({
        title,
        text: [
          `kmip-edge ${version} runs.`,
          ...(last ? [lastText(last)] : []),
          ...unattendedText(tools.machine, tools.look()),
        ],
        choices: [
          { label: 'Install from a disc or a disk', help: 'Looks at what is attached.', value: fromMedium },
          { label: 'Install from an address', help: 'https:// or http://', value: fromAddress },
          ...(other
            ? [{ label: `Go back to kmip-edge ${other.version}`, help: 'Keys stay as they are.', value: goBack }]
            : []),
          {
            label: 'Install by itself',
            help: 'Looks at an address once a day, or not at all.',
            value: (shown) => changeUnattended(tools.machine, shown),
          },
        ],
      });
      if (!act) return;
      await act(context, tools).catch((error: unknown) => ui.problem(title, error));
    }
  };

type Act = (context: PageContext, tools: UpdateTools) => Promise<void>;

const lastText = ({ kind, version: to, from, outcome, at, problem }: NonNullable<UpdateRecord['last']>): string =>
  outcome === 'confirmed'
    ? `The ${kind} from ${from} to ${to} was confirmed ${at}.`
    : `The ${kind} from ${from} to ${to} was given up ${at}: ${problem ?? 'no reason is known'}.`;

const fromMedium: Act = async (context, tools) => {
  const { ui } = context;
  const found = await ui.progress('Looking at what is attached', async () => readFound(await tools.run(['find'])));
  if (found.length === 0) {
    return ui.message({
      title,
      text: [
        'There is no file that ends in .update on what is attached. Attach an ISO image or a disk that holds one.',
      ],
    });
  }
  const chosen = await ui.menu({
    title,
    choices: found.map((bundle) => ({
      label: bundle.name,
      help: `${bundle.device}, ${Math.round(bundle.bytes / 1e6)} MB`,
      value: bundle,
    })),
  });
  if (chosen) await install(context, tools, chosen.name, ['apply-from', chosen.device, chosen.name]);
};

const readFound = (text: string): readonly FoundBundle[] => JSON.parse(text) as readonly FoundBundle[];

const fromAddress: Act = async (context, tools) => {
  const values = await context.ui.form({
    title,
    fields: [{ name: 'address', label: 'Address', help: 'Of the file kmip-edge-VERSION.update', check: wrongAddress }],
  });
  if (values) await install(context, tools, values.address, ['fetch', values.address]);
};

const wrongAddress = (text: string): string | undefined =>
  /^https?:\/\/\S+$/.test(text) ? undefined : 'it begins with https:// or http://';

const goBack: Act = (context, tools) => install(context, tools, 'the system from before the last update', ['return']);

const install = async (
  { ui }: PageContext,
  tools: UpdateTools,
  what: string,
  args: readonly string[],
): Promise<void> => {
  const text = [
    `The appliance restarts into ${what}. Clients are without answer for a minute or two.`,
    'Where that system is not well, this one starts again by itself, with every key.',
  ];
  if (!(await ui.confirm({ title, text, word: 'update' }))) return;
  await ui.progress('Installing', async ({ report }) => {
    const ended = tools.run(args).then(
      () => undefined,
      (error: unknown) => ({ error }),
    );
    let isOver = false;
    void ended.then(() => {
      isOver = true;
    });
    for (let shown = ''; !isOver; ) {
      const now = progressText(tools.progress());
      if (now !== shown) report(now);
      shown = now;
      await Promise.race([ended, setTimeout(pollPause)]);
    }
    const failure = await ended;
    if (failure) throw failure.error;
  });
  await ui.message({ title, text: ['The new system is in place. The appliance restarts into it now.'], tone: 'good' });
};

const stageTexts: Readonly<Record<UpdateProgress['stage'], string>> = {
  idle: 'it begins',
  fetching: 'fetching it',
  checking: 'looking who signed it',
  writing: 'writing it beside the system that runs',
  verifying: 'reading back what was written',
  restarting: 'it is in place',
  trying: 'it is being tried',
  failed: 'it failed',
};

/** In tenths, so that the list of lines does not grow without end. */
const progressText = (progress: UpdateProgress | undefined): string => {
  const { stage = 'idle', done = 0, total = 0 } = progress ?? {};
  const tenths = total > 0 ? Math.floor((10 * done) / total) * 10 : 0;
  return tenths > 0 ? `${stageTexts[stage]}: ${tenths} %` : stageTexts[stage];
};

const started = promisify(execFile);

const machineTools = (machine: Machine): UpdateTools => {
  const state = new UpdateState(places.state);
  return {
    progress: () => readProgress(places.progress),
    record: () => state.record(),
    look: () => readLook(places.state),
    machine,
    run: async (args) => {
      try {
        return (await started('kmip-edge-update', [...args], { maxBuffer: 1024 * 1024 })).stdout;
      } catch (error) {
        const { stderr = '' } = error as { readonly stderr?: string };
        const [said = '', hint = ''] = stderr.trim().split('\nhint: ');
        throw new EdgeError('not-ready', said || messageOf(error), hint === '' ? {} : { hint });
      }
    },
  };
};
