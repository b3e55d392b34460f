// What the settings of a deployment mean to the system: the files that its services read, all of them made anew at each
// start, because the system itself is read-only. A file that the settings do not ask for is taken away.

import { lstatSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeWhole } from '../whole-file.ts';
import { type Machine, placeOf } from './machine.ts';
import { type Properties, partsOf } from './properties.ts';
import type { SystemFile } from './system-file.ts';
import { updateFiles } from './update-files.ts';

const zones = '/usr/share/zoneinfo';
const localTime = '/run/kmip-edge/localtime';

/** The files for checked `values`. */
export const systemFiles = (values: Properties): readonly SystemFile[] => {
  const key = values['ssh-key'];
  const ntp = values['ntp'];
  const open = 'add rule inet filter optional tcp dport 22 accept\n';
  return [
    { path: '/run/systemd/network/10-settings.network', content: networkFile(values), mode: 0o644 },
    { path: '/run/chrony-settings/settings.sources', content: ntp && timeSources(ntp), mode: 0o644 },
    { path: '/data/ssh/authorized_keys', content: key && `${key}\n`, mode: 0o600 },
    { path: '/run/kmip-edge/ssh.nft', content: key && open, mode: 0o644 },
    ...updateFiles(values, zones),
  ];
};

/** Writes them, and the link that says which time zone it is. */
export const writeSystemFiles = (machine: Pick<Machine, 'root'>, values: Properties): void => {
  for (const { path, content, mode } of systemFiles(values)) {
    const place = placeOf(machine, path);
    if (content === undefined) rmSync(place, { force: true });
    else writeWhole(place, content, mode);
  }
  link(placeOf(machine, localTime), `${zones}/${values['time-zone'] ?? 'Etc/UTC'}`);
};

const link = (path: string, target: string): void => {
  mkdirSync(dirname(path), { recursive: true });
  const draft = `${path}.new`;
  if (lstatSync(draft, { throwIfNoEntry: false })) rmSync(draft);
  symlinkSync(target, draft);
  renameSync(draft, path);
};

const networkFile = (values: Properties): string => {
  const { address, gateway, dns, domain, address6, gateway6 } = values;
  const hasFixed4 = address !== undefined;
  const noIpv6 = values['ipv6'] === 'off';
  const network = [
    ...(hasFixed4 ? ['DHCP=no', `Address=${address}`, `Gateway=${gateway}`] : [noIpv6 ? 'DHCP=ipv4' : 'DHCP=yes']),
    ...(noIpv6 ? ['IPv6AcceptRA=no', 'LinkLocalAddressing=no'] : ['IPv6AcceptRA=yes']),
    ...(address6 === undefined ? [] : [`Address=${address6}`]),
    ...(gateway6 === undefined ? [] : [`Gateway=${gateway6}`]),
    ...partsOf(dns ?? '').map((server) => `DNS=${server}`),
    ...(domain === undefined ? [] : [`Domains=${partsOf(domain).join(' ')}`]),
  ];
  const dhcp = ['[DHCPv4]', 'ClientIdentifier=mac', 'UseDomains=yes', ...(dns === undefined ? [] : ['UseDNS=no'])];
  return ['[Match]', 'Type=ether', '', '[Network]', ...network, '', ...(hasFixed4 ? [] : dhcp), ''].join('\n');
};

const timeSources = (servers: string): string =>
  partsOf(servers)
    .map((server) => `server ${server} iburst\n`)
    .join('');
