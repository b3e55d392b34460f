// The network: how it is, and another one, which is tried before it counts and taken back by itself after a minute.

import { EdgeError, isKind } from '../../errors.ts';
import type { Machine } from '../../system/machine.ts';
import { addressesOf, checkNetwork, type Finding, nameServersOf } from '../../system/network-check.ts';
import { beginTrial, endTrial, keepTrial, trialTime } from '../../system/network-trial.ts';
import type { Properties } from '../../system/properties.ts';
import { type Changes, currentSettings } from '../../system/settings.ts';
import type { Call, Page, PageContext } from '../page.ts';
import { recordIfAnswered } from '../record.ts';
import { type Line, line } from '../screen.ts';
import type { Work } from '../ui.ts';
import type { Field } from '../widgets/field.ts';

const title = 'Network';
/** Milliseconds of the minute that the checks may take. */
const patience = { network: 20_000, upstream: 12_000 };

export interface NetworkTools {
  /** Looks at the network; default: as the machine has it. */
  readonly check?: (machine: Machine, patience: number) => Promise<readonly Finding[]>;
}

/** The page for a machine. */
export const networkPage =
  (machine: Machine, { check = checkNetwork }: NetworkTools = {}): Page =>
  async (context) => {
    const { ui } = context;
    for (;;) {
      const act = await ui.menu({
        title,
        text: await shown(machine, context),
        choices: [
          {
            label: 'Change it',
            help: 'Addresses, name servers and host name; tried before it counts.',
            value: 'change',
          },
          { label: 'Check it', help: 'Gateway, name servers and upstreams.', value: 'check' },
        ],
      });
      if (act === undefined) return;
      const work = act === 'change' ? change(machine, context, check) : checkNow(machine, context, check);
      await work.catch((error: unknown) => ui.problem(title, error));
    }
  };

type Check = NonNullable<NetworkTools['check']>;

const shown = async (machine: Machine, { hostFacts }: PageContext): Promise<readonly string[]> => {
  const [addresses, servers] = await Promise.all([
    addressesOf(machine).catch(() => hostFacts().addresses),
    nameServersOf(machine).catch(() => []),
  ]);
  const settings = currentSettings(machine);
  return [
    `Name          ${settings['hostname'] ?? hostFacts().name}`,
    `Addresses     ${addresses.join(', ') || 'none'}${settings['address'] === undefined ? ' (IPv4 by DHCP)' : ''}`,
    `Name servers  ${servers.join(', ') || 'none'}`,
  ];
};

type Name = 'hostname' | 'ipv4' | 'address' | 'gateway' | 'dns' | 'domain' | 'ipv6' | 'address6' | 'gateway6';
type Values = Readonly<Record<Name, string>>;

const fieldsOf = (settings: Properties): readonly Field<Name>[] => {
  const field = (name: Name, label: string, help: string): Field<Name> => ({
    name,
    label,
    help,
    optional: true,
    value: settings[name] ?? '',
  });
  const isFixed = settings['address'] !== undefined;
  return [
    field('hostname', 'Host name', 'Short or full name. Empty: kmip-edge.'),
    {
      name: 'ipv4',
      label: 'IPv4',
      kind: 'choice',
      value: isFixed ? 'fixed' : 'dhcp',
      choices: [
        ['dhcp', 'DHCP'],
        ['fixed', 'a fixed address'],
      ],
    },
    field('address', 'Address', 'With its prefix length, such as 192.0.2.10/24; where it is fixed.'),
    field('gateway', 'Gateway', 'Where the address is fixed.'),
    field('dns', 'Name servers', 'Separated by spaces or commas. Empty: those of DHCP.'),
    field('domain', 'Search domains', 'Separated by spaces or commas.'),
    {
      name: 'ipv6',
      label: 'IPv6',
      kind: 'choice',
      value: settings['ipv6'] ?? 'automatic',
      choices: [
        ['automatic', 'automatic'],
        ['off', 'off'],
      ],
    },
    field('address6', 'IPv6 address', 'A fixed one beside the automatic ones, with its prefix length.'),
    field('gateway6', 'IPv6 gateway', 'Empty: what routers announce.'),
  ];
};

const changesOf = ({ ipv4, ipv6, address, gateway, ...values }: Values): Changes => {
  if (ipv4 === 'fixed' && address.trim() === '') {
    throw new EdgeError('invalid-field', 'Address: is needed where it is fixed');
  }
  const fixed = ipv4 === 'fixed' ? { address, gateway } : { address: undefined, gateway: undefined };
  return { ...values, ...fixed, ipv6: ipv6 === 'off' ? 'off' : undefined };
};

const change = async (machine: Machine, context: PageContext, check: Check): Promise<void> => {
  const { ui } = context;
  const text = `It is applied at once, and taken back after ${trialTime} seconds unless you say here that it stays. A restart takes it back too.`;
  const findings = await ui.submit(
    { title, text: [text], fields: fieldsOf(currentSettings(machine)) },
    'Trying the new network',
    async (values, work) => {
      await beginTrial(machine, changesOf(values));
      return lookAtAll(machine, context.call, check, work).catch(async (error: unknown) => {
        await endTrial(machine);
        throw error;
      });
    },
  );
  if (!findings) return;
  const isWell = findings.every((finding) => finding.isWell);
  const answer = await ui.menu({
    title: isWell ? 'The new network works' : 'The new network does not work',
    text: findings.map(({ text: found, isWell: well }) => `${well ? 'well' : 'NOT WELL'}: ${found}`),
    choices: [
      { label: 'Back to the old network', value: 'back' },
      { label: 'Keep the new network', value: 'keep' },
    ],
    selected: isWell ? 1 : 0,
  });
  if (answer === 'keep') await keep(machine, context);
  else {
    await endTrial(machine);
    await ui.message({ title, text: ['The old network is back.'] });
  }
};

const keep = async (machine: Machine, { ui, call }: PageContext): Promise<void> => {
  const { hostname = 'kmip-edge', address = 'DHCP' } = await keepTrial(machine);
  await recordIfAnswered(call, 'network', `${hostname} ${address}`);
  const text = [
    'It stays.',
    'The server certificate has the names that it had: where vCenter is to reach it by another one, renew it.',
  ];
  await ui.message({ title, text, tone: 'good' });
};

const lookAtAll = async (machine: Machine, call: Call, check: Check, { report }: Work): Promise<readonly Finding[]> => {
  report('Waiting for addresses, gateway and name servers');
  const findings = await check(machine, patience.network);
  report('Asking for the upstreams');
  return [...findings, ...(await upstreamFindings(call))];
};

/** What the doctor says of the ways to the upstreams; nothing where there is no server to ask. */
const upstreamFindings = async (call: Call): Promise<readonly Finding[]> => {
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), patience.upstream).unref();
  });
  try {
    const view = await Promise.race([call('doctor.run', {}), late]);
    if (!view) return [{ isWell: false, text: `the upstreams did not answer in ${patience.upstream / 1000} s` }];
    return view.results
      .filter(({ check, state }) => check === 'upstream-path' && state !== 'not-checked')
      .map(({ state, what }) => ({ isWell: state !== 'problem', text: what }));
  } catch (error) {
    if (isKind(error, 'server-not-running', 'not-ready')) return [];
    throw error;
  }
};

const checkNow = async (machine: Machine, { ui, call }: PageContext, check: Check): Promise<void> => {
  const findings = await ui.progress('Checking the network', async ({ report }) => {
    const found = await check(machine, 0);
    report('Asking for the upstreams');
    return [...found, ...(await upstreamFindings(call))];
  });
  await ui.message({ title, text: findings.map(findingLine) });
};

const findingLine = ({ isWell, text }: Finding): Line => line(text, isWell ? 'good' : 'bad');
