// The routes of keys: looking for them, all about one but its bytes, and the two acts of an administrator, which go the way
// of every client's act.

import { EdgeError } from '../errors.ts';
import { type FoundKey, searchKeys } from '../instances/key-search.ts';
import type { UseTracker } from '../instances/use-tracker.ts';
import { valuesOfText } from '../keys/attributes.ts';
import { isActive, revocationReasons, stateNumber } from '../keys/by-name.ts';
import type { Caller } from '../keys/caller.ts';
import type { ManagedObject, Seconds } from '../keys/object.ts';
import type { KeyService } from '../keys/service.ts';
import { describeObject } from '../keys/summary.ts';
import type { KeyUse } from '../keys/use-ports.ts';
import type { Actor } from './actor.ts';
import type { KeyDetail, KeyView } from './api/keys.ts';
import type { Input } from './api/table.ts';
import type { Handlers } from './routes.ts';
import type { ViewParts } from './views.ts';

export interface KeyHandlerOptions extends Pick<ViewParts, 'registry' | 'store' | 'clock'> {
  readonly keys: Pick<KeyService, 'revoke' | 'destroy'>;
  readonly uses: Pick<UseTracker, 'key'>;
}

type KeyRoute = `key.${'list' | 'show' | 'revoke' | 'destroy'}`;

const defaultLimit = 100;

/** The handlers over running parts. */
export const keyHandlers = (options: KeyHandlerOptions): Pick<Handlers, KeyRoute> => ({
  'key.list': (wanted) => listKeys(options, wanted),
  'key.show': ({ uid }) => keyDetail(options, uid),
  'key.revoke': async ({ uid, reason, message }, actor) => {
    const { code, compromises } = revocationReasons[reason];
    const compromise = compromises ? {} : undefined;
    const given = message === undefined ? { code } : { code, message };
    await options.keys.revoke(callerFor(options, uid, actor), uid, given, compromise);
    return keyDetail(options, uid);
  },
  'key.destroy': async ({ uid, confirm }, actor) => {
    if (confirm !== uid) {
      throw new EdgeError('invalid-field', `'${confirm}' is not the identifier of the key`, {
        hint: 'type its identifier to confirm: what is encrypted with it cannot be opened afterwards',
      });
    }
    const caller = callerFor(options, uid, actor);
    requireNotActive(options, uid);
    await options.keys.destroy(caller, uid);
    return keyDetail(options, uid);
  },
});

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOf = (seconds: Seconds): string => iso(seconds * 1000);
const nowOf = ({ clock }: KeyHandlerOptions): Seconds => Math.floor(clock.now() / 1000);

const listKeys = async (options: KeyHandlerOptions, wanted: Input['key.list']) => {
  const { registry, store } = options;
  const { instance, uid, name, attribute, state, client, limit = defaultLimit, cursor } = wanted;
  const instances = instance === undefined ? registry.instances() : [registry.instanceNamed(instance)];
  const attributes = [
    ...(name === undefined ? [] : [['Name', 'x-Name'].flatMap((named) => alternatives(named, name))]),
    ...(attribute === undefined ? [] : [attributeValues(attribute)]),
  ];
  const criteria = { uid, attributes, client, ...(state === undefined ? {} : { state: stateNumber(state) }) };
  const found = await searchKeys(store, instances, criteria, { limit, cursor, now: nowOf(options) });
  return {
    keys: found.keys.map((key) => keyView(options, key)),
    total: instances.reduce((sum, { id }) => sum + store.objects.count(id), 0),
    ...(found.next === undefined ? {} : { next: found.next }),
  };
};

const alternatives = (name: string, text: string) => valuesOfText(name, text).map((value) => ({ name, value }));

const attributeValues = (given: string) => {
  const at = given.indexOf('=');
  return alternatives(given.slice(0, at), given.slice(at + 1));
};

const keyView = (options: KeyHandlerOptions, { instance, object, use }: FoundKey): KeyView => ({
  ...describeObject(object, options.store.objects.attributesOf(object.uid), nowOf(options)),
  instance: instance.name,
  initialDate: isoOf(object.initialDate),
  ...useView(options.uses.key(object.uid) ?? use),
});

const useView = (use: KeyUse | undefined): Pick<KeyView, 'fetchedAt' | 'fetchedBy'> =>
  use === undefined ? {} : { fetchedAt: iso(use.fetchedAt), fetchedBy: use.client };

/** The object, whichever instance it belongs to. */
const find = ({ store, registry }: KeyHandlerOptions, uid: string) => {
  const object = store.objects.find(uid);
  const instance = registry.instances().find(({ id }) => id === object?.instanceId);
  if (object && instance) return { object, instance };
  throw new EdgeError('item-not-found', `no key has the identifier '${uid}'`, {
    hint: "look for it with 'kmip-edge key list'",
  });
};

/** An administrator acts within the key's own instance, and is recorded as who he is. */
const callerFor = (options: KeyHandlerOptions, uid: string, { kind, name, role, address }: Actor): Caller => ({
  clientId: '',
  clientName: name,
  fingerprint: '',
  instanceId: find(options, uid).instance.id,
  address,
  administrator: { kind, role },
});

/** KMIP 1.4 section 11.22 forbids it; here with what to do instead. */
const requireNotActive = (options: KeyHandlerOptions, uid: string): void => {
  if (!isActive(find(options, uid).object, nowOf(options))) return;
  throw new EdgeError('illegal-operation', `key '${uid}' is Active: it has to be revoked before it can be destroyed`, {
    hint: `kmip-edge key revoke ${uid} --reason cessation-of-operation`,
  });
};

const keyDetail = async (options: KeyHandlerOptions, uid: string): Promise<KeyDetail> => {
  // Tables of names that nothing else needs.
  const { displayObject } = await import('../keys/display.ts');
  const { object, instance } = find(options, uid);
  const kept = options.store.objects.attributesOf(uid);
  const { wrapped, missingSince } = object;
  return {
    ...keyView(options, { object, instance }),
    ...displayObject(object, kept),
    ...datesOf(object),
    lastChangeDate: isoOf(object.lastChangeDate),
    upstream: options.registry.upstream(object.upstreamId).kind,
    ...(wrapped?.version === undefined ? {} : { wrappedVersion: wrapped.version }),
    ...(missingSince === undefined ? {} : { missingSince: iso(missingSince) }),
  };
};

const dateNames = [
  'activationDate',
  'processStartDate',
  'protectStopDate',
  'deactivationDate',
  'compromiseDate',
  'compromiseOccurrenceDate',
  'destroyDate',
] as const;

const datesOf = (object: ManagedObject): Partial<Pick<KeyDetail, (typeof dateNames)[number]>> =>
  Object.fromEntries(
    dateNames.flatMap((name) => {
      const date = object[name];
      return date === undefined ? [] : [[name, isoOf(date)]];
    }),
  );
