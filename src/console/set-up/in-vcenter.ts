// What is left to do in the vSphere Client, with the exact values that are typed there.

import { kmipAddress } from '../status-screen.ts';
import { certificateLines } from './server-certificate.ts';
import type { Task } from './step.ts';

/** Shows it. */
export const showVcenterSteps: Task = async ({ ui, call, hostFacts }) => {
  const status = await call('status', {});
  const { current } = await call('certificate.show', {});
  const text = [
    '1. The vCenter, Configure, Key Providers, Add, Add Standard Key Provider:',
    '     Name      any name, such as kmip-edge',
    `     Address   ${kmipAddress(status, hostFacts())}`,
    `     Port      ${status.kmip.port}`,
    '     Proxy, user name and password stay empty.',
    '2. vCenter shows a certificate. Trust it only if its fingerprint is this one:',
    ...certificateLines(current)
      .slice(0, 5)
      .map((row) => `     ${row}`),
    '3. Select the key server, Establish Trust, Make KMS trust vCenter: the same way as in the step Trust vCenter here.',
    '4. Choose the provider, Set as Default, and encrypt a virtual machine or switch on vSAN encryption. vCenter asks for its first key at once.',
  ];
  await ui.message({ title: 'In vCenter', text });
  return true;
};
