// Whatever is pressed at the console, signed in or not, it stays a console: every screen is whole, nothing that was thrown
// gets out, and the status screen can be reached again.

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import fc from 'fast-check';
import type { PageRow } from '../../src/console/page.ts';
import { pages } from '../../src/console/pages.ts';
import { line } from '../../src/console/screen.ts';
import { Session } from '../../src/console/session.ts';
import { steps } from '../../src/console/set-up/steps.ts';
import { goThrough } from '../../src/console/set-up/wizard.ts';
import { sharedServer } from '../kit/shared-server.ts';
import { Player } from './player.ts';

const shared = sharedServer();
const password = 'correct horse battery';
const keys = [
  '\r',
  '\r',
  '\u001b',
  '\t',
  '\u001b[A',
  '\u001b[B',
  '\u001b[C',
  '\u001b[D',
  '\u001b[[B',
  '\u001bOS',
  '\u001b[24~',
  '\u0003',
  '\u001b[6~',
  '\u007f',
  '\u0015',
  '\u001b[200~-----BEGIN X-----\nabc\u001b[201~',
  'text',
  ...'123456789 ',
] as const;

/** What asks the server alone: a page that acts on the machine would act on this one. */
const harmless = {
  pages: ['Certificates and clients', "Administrator's password"],
  steps: [
    "Administrator's password",
    'Upstream',
    'Server certificate',
    'Trust vCenter',
    'Recovery passphrase',
    'In vCenter',
  ],
};
const harmlessSteps = steps.filter(({ label }) => harmless.steps.includes(label));
const rows: readonly PageRow[] = [
  {
    label: 'Set-up',
    help: '',
    access: 'signed-in',
    load: async () => (context) => goThrough(context, harmlessSteps),
  },
  ...pages.filter(({ label }) => harmless.pages.includes(label)),
];

test('there is something to press keys at', (t) => {
  t.is(rows.length, 1 + harmless.pages.length);
  t.is(harmlessSteps.length, harmless.steps.length);
});

test('any keys leave a console that works', async (t) => {
  const { api } = shared();
  await api('password.set', { password });
  const visits = fc.array(fc.constantFrom(...keys), { minLength: 20, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(visits, async (pressed) => {
      const player = new Player();
      const session = new Session({
        ui: player.ui,
        // Asking costs no time, and what changes anything is refused: the screens are the subject.
        call: async (route, input) => {
          if (!/(list|show|status|check)$/.test(route)) throw new Error(`refused: ${route}`);
          return api(route, input);
        },
        hostFacts: () => ({ name: 'edge1', addresses: [] }),
        pages: rows,
        look: async () => () => [line('how it is')],
        pause: () => setTimeout(1000, undefined, { ref: false }),
      });
      const ended = session.run().catch((error: unknown) => `it ended: ${String(error)}`);
      player.press('f2');
      await player.see(/Sign in/);
      player.type(`${password}\n`);
      await player.see(/Certificates and clients/);
      for (const key of pressed) {
        player.type(key);
        await setTimeout(1);
        for (const height of [10, 24]) {
          const lines = player.ui.lines({ columns: 80, rows: height });
          t.true(player.ui.print !== undefined || lines.length === height);
        }
      }
      for (let tries = 0; !/how it is/.test(player.screen) && tries < 100; tries += 1) {
        player.press('escape');
        await setTimeout(10);
      }
      t.regex(player.screen, /how it is/);
      t.is(await Promise.race([ended, setTimeout(0, 'it goes on')]), 'it goes on');
    }),
    { numRuns: 15 },
  );
});
