// The unit under which a new system's server is tried: the very unit of the server, with all that confines it and with the
// credential that opens the data, but in a network of its own where nobody reaches it, and on a copy of the data in the
// place of the data.

/** The directory that the server takes for its data. */
export const dataDirectory = '/data/kmip-edge';

/** Settings of [Service] that a trial has otherwise or not at all. */
const replaced = ['Sockets', 'Restart', 'RestartSec', 'PrivateNetwork', 'BindPaths', 'FailureAction'];

/**
 * The text of the trial's unit, from the text of the server's and what was added to it (as `systemctl cat` prints them).
 * `copy` is the directory with the copied data.
 */
export const trialUnit = (serverUnit: string, copy: string): string => {
  const kept: string[] = [];
  let section = '';
  for (const line of serverUnit.split('\n')) {
    section = /^\[(\w+)\]/.exec(line)?.[1] ?? section;
    const [, name = ''] = /^(\w+)=/.exec(line) ?? [];
    if (section === 'Service' && !line.startsWith('[') && !replaced.includes(name)) kept.push(line);
  }
  return [
    '[Unit]',
    'Description=Trial of the KMIP key management server on a copy of its data',
    `RequiresMountsFor=${copy}`,
    '',
    '[Service]',
    ...kept,
    'Restart=no',
    'PrivateNetwork=yes',
    // What both have there stays when the trial has ended.
    'RuntimeDirectoryPreserve=yes',
    `BindPaths=${copy}:${dataDirectory}`,
    '',
  ].join('\n');
};
