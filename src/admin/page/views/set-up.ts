// The steps of a set-up in their order, each with whether it is done, told from the live state.

import type { Output } from '../../api/table.ts';
import { html, type Node } from '../html.ts';
import { useLive } from '../live.ts';
import { copyable } from '../parts/copy.ts';
import { problemNotice } from '../parts/notification.ts';
import { type Step, steps } from '../parts/progress.ts';
import { facts, heading, loading } from '../parts/tile.ts';

type Status = Output['status'];

export const SetUp = (): Node => {
  const { data, problem } = useLive('status', {});
  return html`${heading({ title: 'Set-up', text: 'What to do until vCenter encrypts with keys from here, in this order.' })}
    ${problemNotice(problem)} ${data ? steps(stepsOf(data)) : !problem && loading()}`;
};

const stepsOf = (status: Status): readonly Step[] => {
  const own = status.instances.filter(({ upstream }) => upstream !== 'local');
  return [
    {
      title: 'Set a recovery passphrase',
      done: status.seal.includes('passphrase'),
      content: html`<p>It opens the stored keys when the machine that they lie on is lost. Keep it where the appliance is not.</p>`,
    },
    {
      title: 'Make a service instance',
      done: own.length > 0,
      content: html`<p>A service instance has one upstream, such as a root key in IBM Key Protect, and every key made through it.</p>`,
    },
    {
      title: 'Add the key provider in vCenter',
      done: status.instances.some(({ clients }) => clients > 0),
      content: html`<p>In vCenter: Configure, Key Providers, Add, Standard Key Provider. When vCenter asks whether to trust, compare:</p>
        ${facts([
          ['Port', String(status.kmip.port)],
          ['SHA-1', copyable({ text: status.certificate.sha1, label: 'SHA-1 fingerprint' })],
          ['SHA-256', copyable({ text: status.certificate.sha256, label: 'SHA-256 fingerprint' })],
        ])}`,
    },
    {
      title: 'See the first key',
      done: status.instances.some(({ keys }) => keys > 0),
      content: html`<p>Encrypt a virtual machine: its key appears here.</p>`,
    },
  ];
};
