// Clients that make keys, change and destroy them. What they are told that was done must have been done at the endpoint;
// what fails must have a reason.

import type { KmipClient } from '../../../src/cli/kmip-client.ts';
import { State } from '../../../src/kmip/enums.ts';
import { activateKey, addText, createKey, destroyKey, revokeKey } from '../../custody/requests.ts';
import { readBytes } from './readers.ts';
import {
  count,
  type Entry,
  isDestroyed,
  lose,
  now,
  outcomeOf,
  type Pause,
  truthOf,
  type World,
  wasWhole,
} from './world.ts';

/** Living keys of one owner. */
const mostOwned = 12;

const make = async (world: World, client: KmipClient): Promise<Entry | undefined> => {
  const since = now();
  const result = await outcomeOf(world, 'Create', () => createKey(client));
  if (result.kind === 'refusal' && wasWhole(world, since)) lose(world, result.text);
  if (result.kind !== 'answer') return undefined;
  count(world, 'keys made');
  const uid = result.answer;
  const known = world.entries.get(uid);
  if (known) {
    lose(world, `${uid} was acknowledged twice`);
    return known;
  }
  const { material, state } = truthOf(world, uid);
  const bytes = Buffer.from(material ?? '');
  if (state !== State.PreActive) lose(world, `${uid} was acknowledged in state ${state}`);
  const entry: Entry = {
    uid,
    bytes,
    told: State.PreActive,
    servedFrom: undefined,
    texts: new Map(),
    tried: new Set(),
    elsewhere: undefined,
    deniedUntil: undefined,
  };
  world.entries.set(uid, entry);
  await readBytes(world, client, entry);
  return entry;
};

const transitions: Readonly<Partial<Record<number, readonly [State, typeof activateKey]>>> = {
  [State.PreActive]: [State.Active, activateKey],
  [State.Active]: [State.Deactivated, revokeKey],
  [State.Deactivated]: [State.Destroyed, destroyKey],
  [State.Compromised]: [State.DestroyedCompromised, destroyKey],
};

const addOne = async (world: World, client: KmipClient, entry: Entry): Promise<void> => {
  const { uid, texts, tried } = entry;
  const name = `x-${tried.size}`;
  const since = now();
  tried.add(name);
  const result = await outcomeOf(world, 'Add Attribute', () => addText(client, uid, name, `${name} of ${uid}`));
  if (result.kind === 'refusal') judgeRefusal(world, entry, since, result.text);
  if (result.kind !== 'answer') return;
  texts.set(name, `${name} of ${uid}`);
  if (!truthOf(world, uid).attributes.some((one) => one.name === name))
    lose(world, `${name} of ${uid} was not passed on`);
};

const moveOn = async (world: World, client: KmipClient, entry: Entry): Promise<void> => {
  const { uid, told } = entry;
  const early = told === State.PreActive && world.random(4) === 0;
  const [next, act] = early ? ([State.Destroyed, destroyKey] as const) : (transitions[told] ?? []);
  if (next === undefined || act === undefined) return;
  const since = now();
  const result = await outcomeOf(world, `the way to state ${next}`, () => act(client, uid));
  if (result.kind === 'refusal') judgeRefusal(world, entry, since, result.text);
  if (result.kind !== 'answer') return;
  count(world, 'changes');
  entry.told = Math.max(entry.told, next);
  if (truthOf(world, uid).state < next) lose(world, `${uid} was not brought into state ${next} at the endpoint`);
};

/** A change may fail in trouble, and on a key that is not any more as its owner was told. */
const judgeRefusal = (world: World, entry: Entry, since: number, text: string): void => {
  const { uid, told, elsewhere, deniedUntil } = entry;
  const asTold = truthOf(world, uid).state === told && !elsewhere && deniedUntil === undefined;
  if (asTold && !world.denied.has(uid) && wasWhole(world, since)) lose(world, `${uid}: ${text}`);
};

/** One act on a key of its own, or a new one. */
const actOnce = async (world: World, client: KmipClient, own: Entry[]): Promise<void> => {
  const { random } = world;
  const entry = own[random(own.length || 1)];
  if (!entry || (own.length < mostOwned && random(6) === 0)) {
    const made = await make(world, client);
    if (made) own.push(made);
  } else if (isDestroyed(truthOf(world, entry.uid).state)) own.splice(own.indexOf(entry), 1);
  else if (random(8) === 0) await moveOn(world, client, entry);
  else if (entry.tried.size < 20 && random(4) === 0) await addOne(world, client, entry);
  else await readBytes(world, client, entry);
};

/** Makes, changes and destroys keys until the soak is over. */
export const ownOn = async (world: World, pause: Pause): Promise<void> => {
  const own: Entry[] = [];
  while (!world.over) {
    const client = await world.reach();
    while (!world.over && client.isOpen) {
      await actOnce(world, client, own);
      await pause(world.random(60));
    }
    client.close();
  }
};
