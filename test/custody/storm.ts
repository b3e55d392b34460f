// Clients that make, change and destroy keys as fast as they can until the server is killed under them, a ledger of what
// they were told, and the reading back. What was acknowledged must be there; what was under way may be there or not.

import { randomBytes, randomInt } from 'node:crypto';
import { connectKmip, type KmipClient } from '../../src/cli/kmip-client.ts';
import { messageOf } from '../../src/errors.ts';
import { State } from '../../src/kmip/enums.ts';
import type { ClientFiles } from '../kit/server.ts';
import {
  activateKey,
  addText,
  createKey,
  describeKey,
  destroyKey,
  getKey,
  registerKey,
  revokeKey,
} from './requests.ts';

/** A server that can be killed: a process, or a machine whose plug is pulled. */
export interface Target {
  readonly port: number;
  readonly client: ClientFiles;
  end(signal: 'SIGKILL'): Promise<unknown>;
}

/** One key as its client was told that it is. */
interface Entry {
  readonly uid: string;
  /** Unknown where the server was killed before they were fetched. */
  bytes: Buffer | undefined;
  state: State;
  /** The state that an act under way would bring. */
  nextState: State | undefined;
  readonly texts: Map<string, string>;
  /** An attribute that was under way. */
  nextText: string | undefined;
}

/** What clients were told, and what was found to be otherwise. */
export interface Ledger {
  readonly entries: Map<string, Entry>;
  readonly losses: string[];
  acts: number;
  /** Keys that were touched since they were read back. */
  readonly touched: Set<string>;
}

export const newLedger = (): Ledger => ({ entries: new Map(), losses: [], acts: 0, touched: new Set() });

const connect = (target: Target): Promise<KmipClient> =>
  connectKmip({ host: '127.0.0.1', port: target.port, ...target.client });

/** Acts on keys of its own until the connection breaks. A refusal by the server is a loss too: none is deserved. */
const storm = async (client: KmipClient, ledger: Ledger): Promise<void> => {
  const own: Entry[] = [];
  try {
    for (;;) {
      const entry = own[randomInt(own.length + 1)];
      if (entry === undefined || own.length < 3) own.push(await make(client, ledger));
      else if (await change(client, ledger, entry)) own.splice(own.indexOf(entry), 1);
      ledger.acts += 1;
    }
  } catch (error) {
    const text = messageOf(error);
    if (/ failed: /.test(text)) ledger.losses.push(`an act was refused: ${text}`);
  }
};

const make = async (client: KmipClient, ledger: Ledger): Promise<Entry> => {
  const bytes = randomInt(2) === 0 ? randomBytes(32) : undefined;
  const uid = await (bytes === undefined ? createKey(client) : registerKey(client, bytes));
  const entry: Entry = {
    uid,
    bytes,
    state: State.PreActive,
    nextState: undefined,
    texts: new Map(),
    nextText: undefined,
  };
  ledger.entries.set(uid, entry);
  ledger.touched.add(uid);
  entry.bytes ??= await getKey(client, uid);
  return entry;
};

const transitions: Readonly<Partial<Record<State, readonly [State, typeof activateKey]>>> = {
  [State.PreActive]: [State.Active, activateKey],
  [State.Active]: [State.Deactivated, revokeKey],
  [State.Deactivated]: [State.Destroyed, destroyKey],
};

/** True when the key is destroyed. */
const change = async (client: KmipClient, ledger: Ledger, entry: Entry): Promise<boolean> => {
  ledger.touched.add(entry.uid);
  if (randomInt(3) === 0) {
    const name = `x-${entry.texts.size}`;
    entry.nextText = name;
    await addText(client, entry.uid, name, `${name} of ${entry.uid}`);
    entry.texts.set(name, `${name} of ${entry.uid}`);
    entry.nextText = undefined;
    return false;
  }
  const early = entry.state === State.PreActive && randomInt(2) === 0;
  const [next, act] = early ? ([State.Destroyed, destroyKey] as const) : (transitions[entry.state] ?? []);
  if (next === undefined || act === undefined) return true;
  entry.nextState = next;
  await act(client, entry.uid);
  entry.state = next;
  entry.nextState = undefined;
  return next === State.Destroyed;
};

/** Lets `connections` clients storm for `ms` milliseconds and then kills the server. */
export const stormAndKill = async (target: Target, ledger: Ledger, connections: number, ms: number): Promise<void> => {
  const clients = await Promise.all(Array.from({ length: connections }, () => connect(target)));
  const storms = clients.map((client) => storm(client, ledger));
  await new Promise((resolve) => setTimeout(resolve, ms));
  await target.end('SIGKILL');
  await Promise.all(storms);
};

/** Reads keys back and notes what is not as it was acknowledged. `all`: not only those touched since the last time. */
export const readBack = async (target: Target, ledger: Ledger, all: boolean): Promise<number> => {
  const uids = all ? [...ledger.entries.keys()] : [...ledger.touched];
  const queue = uids.flatMap((uid) => ledger.entries.get(uid) ?? []);
  ledger.touched.clear();
  const reader = async (): Promise<void> => {
    const client = await connect(target);
    for (let entry = queue.pop(); entry; entry = queue.pop()) await check(client, ledger, entry);
    client.close();
  };
  await Promise.all(Array.from({ length: 4 }, reader));
  return uids.length;
};

const check = async (client: KmipClient, { losses }: Ledger, entry: Entry): Promise<void> => {
  const { uid } = entry;
  try {
    const { state, texts } = await describeKey(client, uid);
    const expected = [entry.state, ...(entry.nextState === undefined ? [] : [entry.nextState])];
    if (!expected.includes(state))
      losses.push(`${uid} is in state ${state}, acknowledged was ${expected.join(' or ')}`);
    for (const [name, value] of entry.texts) {
      if (texts.get(name) !== value) losses.push(`${uid} has lost its attribute ${name}`);
    }
    for (const name of texts.keys()) {
      if (!entry.texts.has(name) && name !== entry.nextText)
        losses.push(`${uid} has an attribute ${name} that nobody gave`);
    }
    entry.state = state;
    entry.nextState = undefined;
    for (const [name, value] of texts) entry.texts.set(name, value);
    entry.nextText = undefined;
    await checkBytes(client, losses, entry);
  } catch (error) {
    losses.push(`${uid}: ${messageOf(error)}`);
  }
};

const checkBytes = async (client: KmipClient, losses: string[], entry: Entry): Promise<void> => {
  const { uid, bytes } = entry;
  if (entry.state === State.Destroyed) {
    const answer = await getKey(client, uid).then(() => 'served', messageOf);
    if (!/is destroyed/.test(answer)) losses.push(`${uid} was destroyed, and Get says: ${answer}`);
    return;
  }
  const found = await getKey(client, uid);
  if (bytes === undefined ? found.length !== 32 : !found.equals(bytes))
    losses.push(`${uid} has other bytes than before`);
  entry.bytes = found;
};
