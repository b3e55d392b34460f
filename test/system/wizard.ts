// A machine that was deployed with nothing filled in is set up at its serial console until a client gets a key that a Key
// Protect simulator on this host protects. Then somebody signs in on its screen, and every screen is kept as a picture.

import { appendFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { steps } from '../../src/console/set-up/steps.ts';
import { Hand } from '../console/hand.ts';
import { setUpByHand } from '../console/set-up-by-hand.ts';
import { ScreenModel } from '../kit/screen.ts';
import { newKeyAsVcenter } from '../kit/vcenter.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import { type KeyProtectSimulator, startKeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { makeClient } from '../peers/regional-kmip/certificates.ts';
import { Administrator } from './administrator.ts';
import { hostAddress, type Machine } from './machine.ts';
import type { Part, Trial } from './trial.ts';

const password = 'correct horse battery';
/** Milliseconds: a password is hashed slowly where the processor is emulated. */
const patience = 120_000;
const drawingTime = 2500;

/** A hand at the serial line; each screen that is seen goes into a file, and gets the keys that must not do anything. */
export const handAtSerialLine = async (trial: Trial, machine: Machine): Promise<Hand> => {
  const line = await machine.serialLine();
  const screen = new ScreenModel(80, 24);
  line.on('data', (chunk: Buffer) => screen.take(chunk.toString('latin1')));
  const file = trial.artifact('screens.txt');
  // Whatever was there before we looked is written again.
  line.write('\u000c');
  return new Hand({
    screen: () => screen.text,
    send: (text) => void line.write(text),
    patience,
    onSeen: async (seen) => {
      appendFileSync(file, `${seen}\n${'='.repeat(80)}\n`);
      line.write('\u0003\u001a\u001c');
      await setTimeout(200);
      const [before, after] = [seen, screen.text].map((text) => text.split('\n')[0] ?? '');
      if (before !== after) throw new Error(`Ctrl-C, Ctrl-Z or Ctrl-\\ did something on '${before}':\n${screen.text}`);
    },
  });
};

const typed: Readonly<Record<string, string>> = { ' ': 'spc', '-': 'minus', '.': 'dot' };

/** The same screens on the machine's own, as pictures. */
const walkOnScreen = async (trial: Trial, machine: Machine): Promise<void> => {
  const step = async (name: string, ...keys: readonly string[]): Promise<void> => {
    await machine.press(...keys);
    await setTimeout(drawingTime);
    await trial.picture(machine, name);
  };
  await step('tty1-1-status');
  await step('tty1-2-sign-in', 'f2');
  await machine.press(...[...password].map((one) => typed[one] ?? one), 'ret');
  await setTimeout(15_000);
  await step('tty1-3-menu');
  await step('tty1-4-set-up', '1');
  for (let number = 2; number <= steps.length; number += 1) await step(`tty1-4-set-up-step-${number}`, '2');
  await step('tty1-5-in-vcenter', '1');
  await step('tty1-6-menu', 'ret');
  await step('tty1-7-certificates', '2');
  await step('tty1-8-status', 'esc', 'esc');
};

const setUp = async (trial: Trial, machine: Machine, simulator: KeyProtectSimulator): Promise<void> => {
  const hand = await handAtSerialLine(trial, machine);
  const vcenter = makeClient();
  const began = performance.now();
  const [url, iamUrl] = [simulator.url, simulator.iamUrl].map((one) => one.replace('127.0.0.1', hostAddress));
  const upstream = { ...simulator, url: url ?? '', iamUrl: iamUrl ?? '' };
  const seen = await setUpByHand(hand, { password, upstream, clientCertificate: vcenter.certificatePem });
  trial.fact('set-up at the serial console, all steps', `${((performance.now() - began) / 1000).toFixed(0)} s`);
  const administrator = new Administrator(machine.httpsPort);
  await administrator.signInWhenReady(password);
  const { current, authority } = await administrator.ask('certificate.show', {});
  trial.require('the fingerprint on the console is that of the server certificate', seen.sha1 === current.sha1);
  const client = { certificate: vcenter.certificatePem, privateKey: vcenter.privateKeyPem };
  const uid = await newKeyAsVcenter({
    host: '127.0.0.1',
    port: machine.kmipPort,
    ...client,
    authority: authority.certificatePem,
  });
  trial.require('vCenter gets a key as it asks for one', uid !== '');
  const instances = await administrator.ask('instance.list', {});
  const main = instances.find(({ name }) => name === 'main');
  trial.require('the key is one of Key Protect', main?.upstream === 'key-protect' && main.keys === 1);
  const secrets = [password, simulator.apiKey].filter((secret) => machine.serial().includes(secret));
  trial.require('neither the password nor the API key was shown on the line', secrets.length === 0);
};

const run = async (trial: Trial): Promise<void> => {
  const machine = trial.machine('wizard', {});
  const simulator = await startKeyProtectSimulator({ tls: makeTlsMaterial([hostAddress]) });
  try {
    await machine.start();
    await trial.picture(machine, 'tty1-0-new');
    await setUp(trial, machine, simulator);
    await walkOnScreen(trial, machine);
  } finally {
    await simulator.close();
  }
};

export const wizard: Part = {
  name: 'wizard',
  holds: 'a blank deployment is set up at its serial console until a client gets a key of Key Protect',
  always: true,
  run,
};
