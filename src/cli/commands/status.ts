// `kmip-edge status`: how everything is.

import type { Command } from 'commander';
import type { AlarmView } from '../../admin/api/alarms.ts';
import type { StatusView } from '../../admin/api/status.ts';
import { formatEndpoint } from '../../config/endpoint.ts';
import { counted } from '../../counted.ts';
import { askServer, type CommonOptions, type Context, withCommonOptions } from '../command.ts';
import { list, validityMark } from '../output.ts';
import { endingText } from './certificate.ts';
import { showInstance } from './instance.ts';

/** Adds the command to `program`. */
export const addStatusCommands = (program: Command, context: Context): void => {
  withCommonOptions(program.command('status'))
    .description('show whether keys are being served, and how the upstreams are')
    .action((options: CommonOptions) => askServer(context, options, 'status', {}, showStatus));
};

const showStatus = (status: StatusView): string =>
  [
    list([
      ['kmip-edge', `${status.version}, ${status.ready ? 'ready' : 'NOT READY'} since ${status.startedAt}`],
      ['KMIP', `${status.kmip.host} port ${status.kmip.port}, ${status.kmip.connections} connections`],
      ['page and API', showHttps(status.https)],
      [
        'certificate',
        `${status.certificate.subject}, valid until ${status.certificate.notAfter}${validityMark(status.certificate)}`,
      ],
      ['  SHA-1', status.certificate.sha1],
      ['  SHA-256', status.certificate.sha256],
      ['storage key', `opens by ${status.seal.join(', ')}`],
      ['in memory', counted(status.keysInMemory, 'key')],
      ['last backup', `${status.backup.last ?? 'none'}, next ${status.backup.next ?? 'when it is asked for'}`],
      ...status.endings.map((ending) => [`ends: ${ending.kind}`, endingText(ending)] as const),
    ]),
    ...status.instances.map(showInstance),
    ...(status.alarms.length === 0 ? [] : [status.alarms.map(showAlarm).join('\n')]),
  ].join('\n\n');

const showHttps = ({ state, host, port, problem, passwordSet }: StatusView['https']): string => {
  const password = passwordSet ? '' : "; no password has been set: 'kmip-edge password set'";
  if (state === 'on') return `https://${formatEndpoint({ host, port })}/${password}`;
  return state === 'off' ? 'off' : `NOT IN REACH: ${problem}`;
};
/** One line for what is wrong, and one for what to do. */
const showAlarm = ({ severity, what, todo, command }: AlarmView): string =>
  `${severity.toUpperCase()}: ${what}\n  ${todo}${command === undefined ? '' : ` (${command})`}`;
