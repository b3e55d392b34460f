// Plain HTTP over the management socket, for what a typed client would hide: headers, media types, statuses.

import { request } from 'node:http';
import { join } from 'node:path';
import { socketName } from '../../src/admin/api/table.ts';

export interface SocketAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** GETs `path` from the server of a data directory. */
export const askSocket = (
  dataDirectory: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<SocketAnswer> =>
  new Promise((resolve, reject) => {
    const options = { socketPath: join(dataDirectory, socketName), path, headers, agent: false } as const;
    const asking = request(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      const type = response.headers['content-type'] ?? '';
      response.on('end', () => resolve({ status: response.statusCode ?? 0, type, body }));
    });
    asking.on('error', reject);
    asking.end();
  });
