// The set-up as somebody does it at the console, from the status screen of a new appliance to the end: the same keys on a
// screen in memory, a real terminal, and the serial port of a machine.

import type { Hand } from './hand.ts';

export interface SetUpFacts {
  readonly password: string;
  /** Key Protect, with the certificate that it is known by. */
  readonly upstream: {
    readonly url: string;
    readonly iamUrl: string;
    readonly instanceId: string;
    readonly apiKey: string;
    readonly caPem: string;
  };
  /** PEM of what vCenter shows. */
  readonly clientCertificate: string;
}

export interface SetUpSeen {
  /** The recovery passphrase that was shown. */
  readonly passphrase: string;
  /** The fingerprint of the server certificate that was shown. */
  readonly sha1: string;
}

/** Goes through all of it. Throws where a screen is not as expected. */
export const setUpByHand = async (hand: Hand, facts: SetUpFacts): Promise<SetUpSeen> => {
  await hand.see(/Service instances[\s\S]*<F2> or Enter: set up and maintain/);
  hand.press('f2');
  await hand.see(/Welcome to kmip-edge/);
  hand.type(`${facts.password}\n${facts.password}\n`);
  await atStep(hand, 'Network');
  await pastOthers(hand, 'Upstream');
  await makeInstance(hand, facts.upstream);
  await atStep(hand, 'Server certificate');
  hand.type('1');
  const shown = await hand.see(/it shows one of these[\s\S]*SHA-256/);
  const sha1 = /SHA-1\n +(\S+)/.exec(shown)?.[1] ?? '';
  hand.press('enter');
  await atStep(hand, 'Trust vCenter');
  await admit(hand, facts.clientCertificate);
  await atStep(hand, 'Recovery passphrase');
  const passphrase = await keepPassphrase(hand);
  await atStep(hand, 'In vCenter');
  hand.type('1');
  await hand.see(/Add Standard Key Provider/);
  hand.press('enter');
  await hand.see(/1 {2}Set-up/);
  hand.press('escape');
  await hand.see(/<F2> or Enter: set up and maintain/);
  return { passphrase, sha1 };
};

const atStep = (hand: Hand, label: string): Promise<string> =>
  hand.see(new RegExp(`Set-up, step \\d+ of \\d+: ${label}`));

/** Leaves every step as it is until the one of this label. */
const pastOthers = async (hand: Hand, label: string): Promise<void> => {
  for (let left = 0; left < 6; left += 1) {
    const [, step = '', at = ''] = /step (\d+) of \d+: (.*)/.exec(await hand.see(/Set-up, step/)) ?? [];
    if (at === label) return;
    hand.type('2');
    await hand.see(new RegExp(`step ${Number(step) + 1} of`));
  }
};

const makeInstance = async (hand: Hand, upstream: SetUpFacts['upstream']): Promise<void> => {
  hand.type('1');
  await hand.see(/What protects the keys\?/);
  hand.type('2');
  await hand.see(/> Name of the service instance +main_/);
  hand.press('enter');
  for (const text of [upstream.url, upstream.instanceId]) hand.type(`${text}\n`);
  // Wrong at first: it is said, and the rest is still there.
  hand.type('not-the-api-key\n\n');
  hand.type(`${upstream.iamUrl}\n\n\t`);
  hand.type(upstream.caPem);
  await hand.see(/lines, the last: -*END CERTIFICATE-----_/);
  hand.press('tab');
  await hand.see(/API key.*(refused|not found|could not)|BXNIM/i);
  hand.press('tab', 'tab', 'tab');
  await hand.see(/> API key +\*+_/);
  hand.type(`\u0015${upstream.apiKey}`);
  hand.press('f2');
  await hand.see(/Which root key protects/);
  hand.type('1');
  await hand.see(/Offline lease/);
  hand.press('enter');
  await hand.see(/The service instance main has been made/);
  hand.press('enter');
};

const admit = async (hand: Hand, certificate: string): Promise<void> => {
  hand.type('1');
  await hand.see(/Whose keys may it use\?[\s\S]*1 {2}main/);
  hand.type('1');
  await hand.see(/Trust a client of main/);
  hand.type('1');
  await hand.see(/Paste the certificate/);
  hand.press('enter');
  hand.type(certificate);
  await hand.see(/lines, the last: -*END CERTIFICATE-----_/);
  hand.press('tab');
  await hand.see(/vcenter of main is admitted/);
  hand.press('enter');
};

const shownPassphrase = /Write it down now[\s\S]*? ((?:[a-z2-9]{5}-){5}[a-z2-9]{5})/;

const keepPassphrase = async (hand: Hand): Promise<string> => {
  hand.type('1');
  await hand.see(/Make one for me/);
  hand.type('1');
  // A slow line draws row by row.
  const [, passphrase = ''] = shownPassphrase.exec(await hand.see(shownPassphrase)) ?? [];
  hand.press('enter');
  await hand.see(/Type it once more/);
  hand.type('something else\n');
  await hand.see(/it is another one/);
  hand.type(`\u0015${passphrase}\n`);
  await hand.see(/passphrase has been set/);
  hand.press('enter');
  return passphrase;
};
