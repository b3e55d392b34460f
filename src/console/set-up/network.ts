// The step of the network: what the machine has.

import type { Task } from './step.ts';

/** Shows name and addresses. */
export const showNetwork: Task = async ({ ui, hostFacts }) => {
  const { name, addresses } = hostFacts();
  const text = [
    `Name       ${name}`,
    ...addresses.map((address, index) => `${index === 0 ? 'Addresses' : '         '}  ${address}`),
    '',
    'They come from the properties of the deployment, or from DHCP where none were given.',
  ];
  await ui.message({ title: 'Network', text });
  return true;
};
