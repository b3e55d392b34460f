// The console program itself in a real terminal of 80 columns and 25 rows without colour, beside a real server and a Key
// Protect simulator: from the first screen to a key that a client gets, with Ctrl-C, Ctrl-Z and Ctrl-\ pressed on each.

import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { runInTerminal } from '../kit/pty.ts';
import { startServer } from '../kit/server.ts';
import { Hand } from './hand.ts';
import { startNewAppliance } from './new-appliance.ts';
import { setUpByHand } from './set-up-by-hand.ts';

const program = join(import.meta.dirname, '../../src/console/kmip-edge-console.js');
/** What ECMA-48 calls a control sequence. */
const sequence = new RegExp(`${String.fromCharCode(27)}\\[[0-?]*[@-~]`, 'g');
const titleOf = (screen: string): string => screen.split('\n')[0] ?? '';
const password = 'correct horse battery';

test('from the first screen to a working key server, and no key of the terminal stops it', async (t) => {
  const { server, upstream, clientCertificate, newKey } = await startNewAppliance(t);
  const terminal = runInTerminal(t, [process.execPath, program], {
    KMIP_EDGE_DATA: server.dataDirectory,
    NO_COLOR: '1',
    TERM: 'linux',
  });
  const seen = new Set<string>();
  const hand = new Hand({
    screen: () => terminal.screen.text,
    send: terminal.send,
    onSeen: async (screen) => {
      seen.add(titleOf(screen));
      terminal.send('\u0003\u001a\u001c');
      await setTimeout(30);
      t.is(titleOf(terminal.screen.text), titleOf(screen));
    },
  });
  const shown = await setUpByHand(hand, { password, upstream, clientCertificate });
  t.is(shown.sha1, (await server.api('status', {})).certificate.sha1);
  t.true(seen.size > 15, [...seen].join('\n'));
  t.truthy(await newKey());
  const secrets = [password, upstream.apiKey];
  t.deepEqual(
    secrets.filter((secret) => terminal.written().includes(secret)),
    [],
  );
  const [plain, sequences] = [terminal.written().split(sequence), terminal.written().match(sequence) ?? []];
  t.true(plain.every((text) => /^[\r\n -~]*$/.test(text)));
  t.deepEqual(
    sequences.filter((one) => one.endsWith('m') && !one.endsWith('[0m')),
    [],
  );
});

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('when the line is cut the program ends, so that nobody stays signed in on it', async (t) => {
  const server = await startServer(t);
  const terminal = runInTerminal(t, [process.execPath, program], { KMIP_EDGE_DATA: server.dataDirectory });
  const hand = new Hand({ screen: () => terminal.screen.text, send: terminal.send });
  await hand.see(/Service instances/);
  const pid = terminal.hangUp();
  t.true(pid > 1);
  for (let tries = 0; isAlive(pid) && tries < 500; tries += 1) await setTimeout(20);
  t.false(isAlive(pid));
});
