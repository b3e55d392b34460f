// The way to an upstream, one step after the other: name, connection, TLS, and how far the two clocks are apart. The first
// step that fails says where the trouble is.

import { hash } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { Agent, request } from 'node:https';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { type Answer, type Check, problem, warning, well } from './result.ts';
import { openTunnel } from './tunnel.ts';

interface Hop {
  readonly host: string;
  readonly port: number;
}

/** Whom a service instance talks to. */
export interface Target {
  /** What it is, for a person: `Key Protect of 'prod'`. */
  readonly what: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: 'https' | 'kmip' | 'syslog';
  /** The HTTP proxy on the way there: it resolves the name, and opens a tunnel. */
  readonly proxy?: Hop | undefined;
  /** PEM certificates to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** Certificates that are trusted whoever signed them: hexadecimal fingerprints, lower case. The CA counts no more. */
  readonly pins?: readonly { readonly hash: 'sha256' | 'sha1'; readonly fingerprint: string }[] | undefined;
}

/** More are not asked in one run. */
const mostTargets = 64;
/** Milliseconds for each step. */
const patience = 5000;
const second = 1000;
/** Differences between clocks that are worth a word, and that break things, milliseconds. */
const drift = { noted: 30 * second, wrong: 5 * 60 * second } as const;

/** One check for each target; those that several instances share are looked at once. */
export const networkChecks = (targets: readonly Target[], now: () => number): readonly Check[] => {
  const distinct = new Map(targets.map((target) => [JSON.stringify({ ...target, what: '' }), target]));
  return [...distinct.values()]
    .slice(0, mostTargets)
    .map((target) => ({ name: 'upstream-path', run: () => examineTarget(target, now) }));
};

/** The steps of one way, up to the first that fails. `now` is milliseconds since 1970. */
export const examineTarget = async (target: Target, now: () => number): Promise<readonly Answer[]> => {
  const { what, host, port } = target;
  const peer = `${what} (${host} port ${port})`;
  const failure = await firstFailure(target, peer);
  if (failure) return [failure];
  const reached = well(`${peer}: name, connection and TLS are well`);
  return target.protocol === 'https' ? [reached, await compareClocks(target, peer, now)] : [reached];
};

const firstFailure = async (target: Target, peer: string): Promise<Answer | undefined> => {
  const hop = target.proxy;
  const failure = await hopFailure(hop ?? target, hop ? `the proxy ${hop.host} port ${hop.port} to ${peer}` : peer);
  if (failure) return failure;
  try {
    const tunnel = hop && (await within(openTunnel(hop, target), 'the proxy'));
    return await tlsFailure(target, peer, tunnel);
  } catch (error) {
    return problem(`${peer}: the proxy opens no tunnel: ${textOf(error)}`, {
      todo: 'See whether the proxy allows this host, or name it in the setting upstream.noProxy.',
      command: `curl -v -x http://${hop?.host}:${hop?.port} https://${target.host}:${target.port}/`,
    });
  }
};

const hopFailure = async ({ host, port }: Hop, peer: string): Promise<Answer | undefined> => {
  try {
    await within(lookup(host), 'the name service');
  } catch (error) {
    return problem(`${peer}: the name cannot be resolved: ${textOf(error)}`, {
      todo: 'Check the name servers of this machine, and the name.',
      command: `getent ahosts ${host}; cat /etc/resolv.conf`,
    });
  }
  try {
    await within(connected(connect({ host, port })), 'the connection');
  } catch (error) {
    return problem(`${peer}: no connection: ${textOf(error)}`, {
      todo: 'Check the route and the firewalls on the way.',
      command: `ip route get "$(getent ahosts ${host} | awk 'NR==1{print $1}')"; nc -vz ${host} ${port}`,
    });
  }
  return undefined;
};

const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.setTimeout(patience, () => socket.destroy(new Error(`no answer in ${patience / second} s`)));
    socket.on('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });

/** Trust is judged here as the upstream's own adapter does: by the pins where there are any, else by the CA. */
const tlsFailure = async (
  { host, port, ca, pins }: Target,
  peer: string,
  tunnel: Socket | undefined,
): Promise<Answer | undefined> => {
  const command = `openssl s_client -connect ${host}:${port} -servername ${host} -showcerts </dev/null`;
  const socket = connectTls({
    ...(tunnel ? { socket: tunnel } : { host, port }),
    servername: /[a-z]/i.test(host) && !host.includes(':') ? host : '',
    rejectUnauthorized: pins === undefined,
    ...(ca === undefined ? {} : { ca }),
  });
  try {
    const presented = await within(handshake(socket), 'the TLS handshake');
    if (!pins || pins.some((pin) => hash(pin.hash, presented, 'hex') === pin.fingerprint)) return undefined;
    const shown = hash('sha256', presented, 'hex');
    return problem(`${peer}: it presents another certificate than the pinned one: SHA-256 ${shown}`, {
      todo: 'Find out why before trusting it; if it was renewed, pin the new one.',
      command: `${command} | openssl x509 -noout -fingerprint -sha256`,
    });
  } catch (error) {
    return problem(`${peer}: TLS fails: ${textOf(error)}`, {
      todo: 'See who answers there: a proxy that opens TLS needs its CA given with --ca-file.',
      command,
    });
  } finally {
    socket.destroy();
  }
};

/** What was presented. That it wants a certificate of ours comes later, and is no failure. */
const handshake = (socket: TLSSocket): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('secureConnect', () => resolve(socket.getPeerX509Certificate()?.raw ?? Buffer.alloc(0)));
  });

const proxyUrl = ({ host, port }: Hop): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

const compareClocks = async (target: Target, peer: string, now: () => number): Promise<Answer> => {
  const date = await within(dateOf(target), 'an answer over HTTPS').catch(() => undefined);
  if (date === undefined || Number.isNaN(date)) return well(`${peer}: it does not tell its time`);
  const off = now() - date;
  const what = `the clock here is ${Math.round(Math.abs(off) / second)} s ${off < 0 ? 'behind' : 'ahead of'} ${peer}`;
  const remedy = {
    todo: 'Set the clock by a time server.',
    command: 'timedatectl timesync-status; timedatectl set-ntp true',
  };
  if (Math.abs(off) >= drift.wrong) return problem(what, remedy);
  return Math.abs(off) >= drift.noted ? warning(what, remedy) : well(what);
};

/** The Date header of whatever is answered: it needs no sign-in. */
const dateOf = ({ host, port, ca, proxy }: Target): Promise<number> =>
  new Promise((resolve, reject) => {
    const agent = proxy ? new Agent({ proxyEnv: { HTTPS_PROXY: proxyUrl(proxy) } }) : false;
    const options = { host, port, method: 'HEAD', path: '/', timeout: patience, agent, ...(ca ? { ca } : {}) };
    const asking = request(options, (answer) => {
      resolve(Date.parse(answer.headers.date ?? ''));
      answer.destroy();
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end();
  });

const within = async <T>(work: Promise<T>, what: string): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took longer than ${patience / second} s`)), patience);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};

const textOf = (error: unknown): string => {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = typeof message === 'string' && message !== '' ? message : String(error);
  return typeof code === 'string' && !text.includes(code) ? `${text} (${code})` : text;
};
