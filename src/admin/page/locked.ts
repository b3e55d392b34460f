// The page of a server that nothing opens: it takes the recovery passphrase, and nothing else can be done.

import { useEffect, useState } from 'preact/hooks';
import { call } from './api.ts';
import { html, type Node } from './html.ts';
import { textField } from './parts/field.ts';
import { form } from './parts/form.ts';
import { notification } from './parts/notification.ts';
import { problemOf } from './problem.ts';

/** Whether the server is locked; false until that is known. */
export const useLocked = (): boolean => {
  const [locked, setLocked] = useState(false);
  useEffect(() => {
    void call('health.ready', {}).catch((error: unknown) => setLocked(problemOf(error).kind === 'storage-locked'));
  }, []);
  return locked;
};

export const Locked = (): Node => {
  const [opened, setOpened] = useState(false);
  return html`<main class="sign-in">
    <div class="sign-in-box">
      <p class="sign-in-name">kmip-edge</p>
      <h1>The stored keys are locked</h1>
      ${
        opened
          ? notification({
              kind: 'success',
              title: 'The stored keys are open',
              text: 'They are served in a few seconds. Then load this page again: the server shows its own certificate from then on.',
            })
          : html`<p>Nothing on this machine opens them, so no key is served. The recovery passphrase opens them, and this machine from then on. Compare the address with that on the console before you give it: the server shows a certificate made for the moment.</p>
            ${form(
              {
                submit: 'Open',
                onSubmit: async (values) => {
                  await call('seal.unlock', { passphrase: values.raw('passphrase') });
                  setOpened(true);
                },
              },
              textField({
                name: 'passphrase',
                label: 'Recovery passphrase',
                type: 'password',
                autocomplete: 'off',
                focus: true,
                maxLength: 1024,
              }),
            )}`
      }
    </div>
  </main>`;
};
