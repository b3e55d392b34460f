// The ways past this menu: SSH for whoever holds a key, and a root shell on the console. Both are off until somebody turns
// them on, and what is turned on, off or opened is in the audit trail before it is so.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, placeOf, places } from '../../system/machine.ts';
import { hasRootShell, setRootShell, setSsh } from '../../system/machine-changes.ts';
import { currentSettings } from '../../system/settings.ts';
import type { Page, PageContext } from '../page.ts';
import { recordAct } from '../record.ts';

const title = 'SSH and root shell';

/** Seconds without a key until a root shell ends by itself, as whoever is signed in here is signed out. */
const shellIdle = '300';

/** The page for a machine. */
export const waysInPage =
  (machine: Machine): Page =>
  async (context) => {
    const { ui } = context;
    for (;;) {
      const key = currentSettings(machine)['ssh-key'];
      const act = await ui.menu({
        title,
        text: [...sshText(machine, key), '', `Root shell  ${hasRootShell(machine) ? 'allowed' : 'not allowed'}`],
        choices: choicesOf(machine, context, key),
      });
      if (!act) return;
      await act(machine, context).catch((error: unknown) => ui.problem(title, error));
    }
  };

type Act = (machine: Machine, context: PageContext) => Promise<void>;

const sshText = (machine: Machine, key: string | undefined): readonly string[] => {
  if (key === undefined) return ['SSH         off'];
  const [, , ...comment] = key.split(' ');
  const own = join(placeOf(machine, places.ssh), 'ssh_host_ed25519_key.pub');
  return [
    `SSH         on, as root, for the key ${comment.join(' ')}`.trimEnd(),
    `            ${keyFingerprint(key)}`,
    ...(existsSync(own) ? ['This host   ED25519', `            ${keyFingerprint(readFileSync(own, 'utf8'))}`] : []),
  ];
};

/** The fingerprint of a public key as OpenSSH shows it. */
export const keyFingerprint = (publicKey: string): string => {
  const [, body = ''] = publicKey.trim().split(' ');
  return `SHA256:${createHash('sha256').update(Buffer.from(body, 'base64')).digest('base64').replace(/=+$/, '')}`;
};

const choicesOf = (machine: Machine, { handOver }: PageContext, key: string | undefined) => {
  const isAllowed = hasRootShell(machine);
  const all: readonly (readonly [isThere: boolean, label: string, help: string, value: Act])[] = [
    [key === undefined, 'Turn SSH on', 'For whoever holds a private key; there are no passwords.', letIn],
    [key !== undefined, 'Change the key for SSH', 'The key before is not let in any more.', letIn],
    [key !== undefined, 'Turn SSH off', 'Nobody is let in any more; who is in stays until they leave.', keepOut],
    [!isAllowed, 'Allow the root shell', 'For whoever is signed in on this console.', allowShell],
    [isAllowed && handOver !== undefined, 'Open a root shell', 'exit brings back this menu.', openShell],
    [isAllowed, 'Do not allow the root shell', 'A shell that is open stays until it is left.', forbidShell],
  ];
  return all.flatMap(([isThere, label, help, value]) => (isThere ? [{ label, help, value }] : []));
};

const letIn: Act = async (machine, { ui, call }) => {
  const done = await ui.submit(
    {
      title: 'SSH',
      text: ['Whoever holds the private key to this public key is root on the appliance, over the network.'],
      fields: [
        {
          name: 'key',
          label: 'Public key',
          help: 'One line, such as that of id_ed25519.pub: ssh-ed25519 AAAA… name',
          check: wrongKey,
        },
      ],
    },
    'Turning it on',
    async ({ key }) => {
      await recordAct(call, 'ssh-on', keyFingerprint(key));
      await setSsh(machine, key.trim());
      return true;
    },
  );
  if (done) await ui.message({ title: 'SSH', text: ['SSH is on.'], tone: 'good' });
};

const wrongKey = (text: string): string | undefined =>
  /^[a-z0-9@.-]+ [A-Za-z0-9+/=]{16,}/.test(text.trim()) ? undefined : 'this is not a public key of OpenSSH';

const keepOut: Act = async (machine, { ui, call }) => {
  await recordAct(call, 'ssh-off');
  await ui.progress('Turning it off', () => setSsh(machine, undefined));
  await ui.message({ title: 'SSH', text: ['SSH is off.'], tone: 'good' });
};

const allowShell: Act = async (machine, { ui, call }) => {
  const text = [
    'Whoever is signed in on this console can then do everything to the appliance, its keys included.',
    'It is written into the audit trail, as is each shell that is opened.',
  ];
  if (!(await ui.confirm({ title: 'Allow the root shell?', text, word: 'root shell' }))) return;
  await recordAct(call, 'root-shell-on');
  setRootShell(machine, true);
};

const forbidShell: Act = async (machine, { call }) => {
  await recordAct(call, 'root-shell-off');
  setRootShell(machine, false);
};

const openShell: Act = async (_, { ui, call, handOver }) => {
  await recordAct(call, 'root-shell-opened');
  await ui.progress('A root shell is open', async () => handOver?.(rootShell(process.env)));
};

const rootShell = ({ TERM = 'linux', KMIP_EDGE_DATA = places.server }: NodeJS.ProcessEnv) => ({
  program: '/bin/bash',
  args: ['--login'],
  environment: {
    HOME: '/root',
    USER: 'root',
    SHELL: '/bin/bash',
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HISTFILE: '',
    TMOUT: shellIdle,
    TERM,
    KMIP_EDGE_DATA,
  },
});
