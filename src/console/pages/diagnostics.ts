// What is wrong: the doctor, whether somebody else can be reached, and the log as it is written.

import { callForStream } from '../../admin/api/client.ts';
import type { CheckResultView } from '../../admin/api/doctor.ts';
import { type Follow, follow, type JournalPart } from '../../system/journal.ts';
import type { Machine } from '../../system/machine.ts';
import { lookByTls, ping, type TlsFinding, wrongHost, wrongPort } from '../../system/reach.ts';
import { logLine } from '../log-line.ts';
import type { Page, PageContext } from '../page.ts';
import { type Line, line } from '../screen.ts';
import { LogView } from '../widgets/log.ts';
import { type OpenBundle, sendSupportFile } from './support.ts';

const title = 'Diagnostics';

/** What the page needs beside programs that are run. */
export interface DiagnosticTools {
  readonly follow: Follow;
  readonly openBundle: OpenBundle;
}

const applianceTools: DiagnosticTools = {
  follow,
  openBundle: () => callForStream(process.env['KMIP_EDGE_DATA'] ?? 'data', 'support.bundle', {}),
};

/** The page for a machine. */
export const diagnosticsPage =
  (machine: Machine, tools: DiagnosticTools = applianceTools): Page =>
  async (context) => {
    const { ui } = context;
    const choices: readonly { readonly label: string; readonly help: string; readonly value: () => Promise<void> }[] = [
      {
        label: 'Doctor',
        help: 'Looks at everything that may be wrong, and says what mends it.',
        value: () => consult(context),
      },
      {
        label: 'Ping',
        help: 'Whether a machine on the network answers.',
        value: () => pingSomebody(machine, context),
      },
      {
        label: 'TLS test',
        help: 'Whether an address answers with TLS, and with which certificate.',
        value: () => testTls(context),
      },
      { label: 'Log', help: 'As it is written.', value: () => readLog(context, tools.follow) },
      {
        label: 'Support bundle',
        help: 'What a supporter needs to know, without any secret: to a disk or to an address.',
        value: () => sendSupportFile(machine, context, tools.openBundle),
      },
    ];
    for (let selected = 0; ; ) {
      const act = await ui.menu({ title, choices, selected });
      if (!act) return;
      selected = choices.findIndex(({ value }) => value === act);
      await act().catch((error: unknown) => ui.problem(title, error));
    }
  };

const consult = async ({ ui, call }: PageContext): Promise<void> => {
  const { results } = await ui.progress('The doctor is looking', () => call('doctor.run', {}));
  // What is not well comes first.
  const sorted = [...results].sort((one, other) => severity(one) - severity(other));
  await ui.message({ title: 'Doctor', text: sorted.flatMap(resultLines) });
};

const severities: readonly CheckResultView['state'][] = ['problem', 'warning', 'well', 'not-checked'];
const severity = ({ state }: CheckResultView): number => severities.indexOf(state);

const marks: Readonly<Record<CheckResultView['state'], Line>> = {
  problem: line('PROBLEM', 'bad'),
  warning: line('WARNING', 'bad'),
  well: line('well'),
  'not-checked': line('not looked at', 'faint'),
};

const resultLines = ({ state, check, what, todo, command }: CheckResultView): readonly Line[] => {
  const { text, tone } = marks[state];
  const isWrong = state === 'problem' || state === 'warning';
  const more = isWrong ? [todo, command].filter((one) => one !== undefined) : [];
  return [line(`${text}  ${check}: ${what}`, tone), ...more.map((one) => line(`   ${one}`))];
};

const pingSomebody = async (machine: Machine, { ui }: PageContext): Promise<void> => {
  const rows = await ui.submit(
    { title: 'Ping', fields: [{ name: 'host', label: 'Name or address', check: wrongHost }] },
    'Asking four times',
    ({ host }) => ping(machine, host),
  );
  if (rows) await ui.message({ title: 'Ping', text: rows });
};

const testTls = async ({ ui }: PageContext): Promise<void> => {
  const finding = await ui.submit(
    {
      title: 'TLS test',
      text: ['It goes there directly, also where a proxy is set.'],
      fields: [
        { name: 'host', label: 'Name or address', check: wrongHost },
        { name: 'port', label: 'Port', value: '443', check: wrongPort },
      ],
    },
    'Shaking hands',
    ({ host, port }) => lookByTls(host, Number(port)),
  );
  if (finding) await ui.message({ title: 'TLS test', text: findingLines(finding) });
};

/** What was found of a peer. */
export const findingLines = ({ address, protocol, cipher, doubt, certificates }: TlsFinding): readonly Line[] => [
  line(`${address} answers: ${protocol}, ${cipher}`, 'good'),
  doubt === undefined
    ? line('A well-known authority vouches for its certificate.', 'good')
    : line(`No well-known authority vouches for its certificate: ${doubt}.`, 'bad'),
  ...certificates.flatMap(({ subject, issuer, names, notBefore, notAfter, sha256 }) => [
    line(''),
    line(`Subject  ${subject}`),
    line(`Issuer   ${issuer}`),
    ...(names === '' ? [] : [line(`Names    ${names}`)]),
    line(`Valid    ${notBefore.slice(0, 10)} to ${notAfter.slice(0, 10)}`),
    line(`SHA-256  ${sha256}`),
  ]),
];

const logs: readonly { readonly label: string; readonly help: string; readonly value: JournalPart }[] = [
  { label: 'The server', help: 'What clients ask for, the upstream, and what goes wrong.', value: 'server' },
  { label: 'The appliance', help: 'Start, settings, updates and the console.', value: 'appliance' },
  { label: 'Warnings and errors', help: 'Of every part.', value: 'problems' },
  { label: 'The kernel', help: 'Disks, network cards, and what it started with.', value: 'kernel' },
  { label: 'Everything', help: 'All of the journal.', value: 'all' },
];

const readLog = async ({ ui }: PageContext, followed: Follow): Promise<void> => {
  for (let selected = 0; ; ) {
    const part = await ui.menu({ title: 'Log', choices: logs, selected });
    if (!part) return;
    selected = logs.findIndex(({ value }) => value === part);
    const view = new LogView(`Log: ${logs[selected]?.label ?? part}`);
    const stop = followed(part, (text) => {
      view.add(logLine(text));
      ui.changed();
    });
    try {
      await ui.show(view);
    } finally {
      stop();
    }
  }
};
