// What a deployment says of the server's own settings, written into its settings file before its first start. From then on
// the file is the administrator's.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Properties, partsOf, pemOf } from '../system/properties.ts';
import { writeWhole } from '../whole-file.ts';

const fileName = 'kmip-edge.yaml';
const authorityName = 'syslog-authority.pem';

export interface ServerFile {
  readonly name: string;
  readonly content: string;
}

/** The files for checked `values`, to lie in `directory`; none where the deployment says nothing of the server. */
export const serverFiles = (directory: string, values: Properties): readonly ServerFile[] => {
  const { proxy, syslog } = values;
  const authority = values['syslog-authority'];
  const except = partsOf(values['no-proxy'] ?? '');
  const settings = {
    ...(proxy === undefined ? {} : { upstream: { proxy, ...(except.length === 0 ? {} : { noProxy: except }) } }),
    ...(syslog === undefined
      ? {}
      : {
          audit: {
            syslogAddress: syslog,
            ...(authority === undefined ? {} : { syslogCaFile: join(directory, authorityName) }),
          },
        }),
  };
  if (Object.keys(settings).length === 0) return [];
  const files = [{ name: fileName, content: stringify(settings) }];
  return authority === undefined ? files : [{ name: authorityName, content: pemOf(authority) }, ...files];
};

/** Writes them for the user of the server, unless it has settings already. */
export const writeServerSettings = (directory: string, values: Properties): void => {
  if (existsSync(join(directory, fileName))) return;
  for (const { name, content } of serverFiles(directory, values)) {
    writeWhole(join(directory, name), content, 0o600);
    execFileSync('chown', ['kmip-edge:kmip-edge', join(directory, name)]);
  }
};
