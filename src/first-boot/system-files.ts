// What the settings of a deployment mean to the system: the files that its services read, all of them made anew at each
// start, because the system itself is read-only.

import { type Properties, partsOf } from './properties.ts';

export interface SystemFile {
  readonly path: string;
  readonly content: string;
  readonly mode: number;
}

/** The files for checked `values`. */
export const systemFiles = (values: Properties): readonly SystemFile[] => [
  { path: '/run/systemd/network/10-settings.network', content: networkFile(values), mode: 0o644 },
  ...(values['ntp'] === undefined
    ? []
    : [{ path: '/run/chrony-settings/settings.sources', content: timeSources(values['ntp']), mode: 0o644 }]),
  ...(values['ssh-key'] === undefined
    ? []
    : [
        { path: '/data/ssh/authorized_keys', content: `${values['ssh-key']}\n`, mode: 0o600 },
        { path: '/run/kmip-edge/ssh.nft', content: 'add rule inet filter optional tcp dport 22 accept\n', mode: 0o644 },
      ]),
];

const networkFile = (values: Properties): string => {
  const { address, gateway, dns, domain } = values;
  const network = [
    ...(address === undefined ? ['DHCP=yes'] : ['DHCP=no', `Address=${address}`, `Gateway=${gateway}`]),
    'IPv6AcceptRA=yes',
    ...partsOf(dns ?? '').map((server) => `DNS=${server}`),
    ...(domain === undefined ? [] : [`Domains=${partsOf(domain).join(' ')}`]),
  ];
  const dhcp = ['[DHCPv4]', 'ClientIdentifier=mac', 'UseDomains=yes', ...(dns === undefined ? [] : ['UseDNS=no'])];
  return ['[Match]', 'Type=ether', '', '[Network]', ...network, '', ...(address === undefined ? dhcp : []), ''].join(
    '\n',
  );
};

const timeSources = (servers: string): string =>
  partsOf(servers)
    .map((server) => `server ${server} iburst\n`)
    .join('');
