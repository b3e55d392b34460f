// The administrator of a machine, over its HTTPS port: signs in with the password of the deployment and asks the
// management API.

import { request } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import type { Input, Output, RouteName } from '../../src/admin/api/table.ts';
import { routes } from '../../src/admin/api/table.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly cookie: string | undefined;
}

/** Milliseconds from the first KMIP answer to the end of the set-up. */
const setUpTime = 400_000;

export class Administrator {
  readonly #port: number;
  #cookie = '';
  #csrf = '';

  constructor(port: number) {
    this.#port = port;
  }

  async signIn(password: string): Promise<void> {
    const { status, body, cookie } = await this.#send('POST', '/v1/session', { password });
    if (status !== 200 || cookie === undefined) throw new Error(`sign-in: ${status} ${body}`);
    this.#cookie = cookie;
    this.#csrf = (JSON.parse(body) as { readonly csrf: string }).csrf;
  }

  /** Waits: the page comes after KMIP, and the password of the deployment after the page. */
  async signInWhenReady(password: string, patience = setUpTime): Promise<void> {
    const until = performance.now() + patience;
    for (;;) {
      try {
        await this.signIn(password);
        return;
      } catch (error) {
        if (performance.now() > until) throw error;
        await setTimeout(5000);
      }
    }
  }

  async ask<R extends RouteName>(route: R, input: Input[R]): Promise<Output[R]> {
    const { method, path } = routes[route];
    const { status, body } = await this.#send(method, path, method === 'GET' ? undefined : input);
    if (status !== 200) throw new Error(`${route}: ${status} ${body}`);
    return JSON.parse(body) as Output[R];
  }

  #send(method: string, path: string, input: unknown): Promise<Answer> {
    const headers = {
      'content-type': 'application/json',
      'x-csrf-token': this.#csrf,
      cookie: this.#cookie,
    };
    return new Promise((resolve, reject) => {
      // Whose certificate it is was not agreed on yet: the machine is a minute old and on loopback.
      const peer = { host: '127.0.0.1', port: this.#port, rejectUnauthorized: false };
      // Each on a connection of its own: one that is kept may have been ended by the machine a moment ago.
      const options = { ...peer, method, path, headers, agent: false };
      const failed = (error: Error): void => reject(new Error(`${method} ${path}: ${error.message}`, { cause: error }));
      const call = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('error', failed);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const cookie = response.headers['set-cookie']?.[0]?.split(';')[0];
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), cookie });
        });
      });
      call.on('error', failed);
      call.end(input === undefined ? undefined : JSON.stringify(input));
    });
  }
}
