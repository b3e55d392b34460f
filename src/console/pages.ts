// The pages of the console, in the order of its menu.

import type { PageRow } from './page.ts';

const machine = async () => (await import('../system/machine.ts')).thisMachine();

export const pages: readonly PageRow[] = [
  {
    label: 'Set-up',
    help: 'Step by step until vCenter encrypts with keys from here. It can be run again at any time.',
    load: async () => (await import('./set-up/wizard.ts')).setUpPage,
    access: 'signed-in',
    isFirst: true,
  },
  {
    label: 'Certificates and clients',
    help: 'Shows and renews the server certificate; lists, admits and removes clients.',
    load: async () => (await import('./pages/certificates.ts')).certificatesPage,
    access: 'signed-in',
  },
  {
    label: 'Storage key',
    help: 'What opens the stored keys, the recovery passphrase, and the data of another machine.',
    load: async () => (await import('./pages/seal.ts')).sealPage,
    access: 'signed-in',
  },
  {
    label: 'Update',
    help: 'Installs a signed update from a disc, a disk or an address, by itself if you like, or goes back to the system before.',
    load: async () => (await import('./pages/update.ts')).updatePage(await machine()),
    access: 'without-server',
  },
  {
    label: "Administrator's password",
    help: 'Sets another password for this console and the web page; whoever is signed in there is signed out.',
    load: async () => (await import('./pages/password.ts')).passwordPage,
    access: 'signed-in',
  },
  {
    label: 'Network',
    help: 'Addresses, name servers and host name: another network is tried, and taken back by itself unless it works.',
    load: async () => (await import('./pages/network.ts')).networkPage(await machine()),
    access: 'signed-in',
  },
  {
    label: 'Time',
    help: 'Time servers, time zone, and how far off the clock is.',
    load: async () => (await import('./pages/time.ts')).timePage(await machine()),
    access: 'signed-in',
  },
  {
    label: 'Diagnostics',
    help: 'The doctor, ping, a TLS test, the log, and the bundle for a supporter.',
    load: async () => (await import('./pages/diagnostics.ts')).diagnosticsPage(await machine()),
    access: 'without-server',
  },
  {
    label: 'SSH and root shell',
    help: 'Whether somebody may come in past this menu; both are off until they are turned on.',
    load: async () => (await import('./pages/ways-in.ts')).waysInPage(await machine()),
    access: 'signed-in',
  },
  {
    label: 'Restart or shut down',
    help: 'The server alone, or the appliance.',
    load: async () => (await import('./pages/power.ts')).powerPage(await machine()),
    access: 'without-server',
    hotKey: 'f12',
  },
  {
    label: 'Factory reset',
    help: 'Settings as the deployment gave them, and no password; keys stay unless they are to be destroyed too.',
    load: async () => (await import('./pages/reset.ts')).resetPage(await machine()),
    access: 'signed-in',
  },
];
