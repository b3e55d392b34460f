// The nine operations on the store, by the rules of a Key Protect adapter: symmetric keys only, Destroy refused while
// Active, Revoke to Compromised or Deactivated.

import { attributesOf, hasAttribute, type KeyStore, Refused, type SimulatedKey } from './store.ts';
import { type OperationName, reasons, states, tags } from './tags.ts';
import { bytes, child, children, enumeration, integer, type Node, numberIn, structure, text, textIn } from './ttlv.ts';

export interface Service {
  readonly store: KeyStore;
  /** Protocol versions spoken, major * 100 + minor. */
  readonly versions: readonly number[];
  /** Most identifiers that one Locate gives. */
  readonly locateLimit: number;
}

type Act = (service: Service, request: Node) => readonly (Node | undefined)[];

const keyOf = ({ store }: Service, request: Node): SimulatedKey => {
  const key = store.find(textIn(request, tags.uniqueIdentifier) ?? '');
  if (key === undefined) throw new Refused(reasons.itemNotFound, 'no such object');
  return key;
};

const uidOf = ({ uid }: SimulatedKey): Node => text(tags.uniqueIdentifier, uid);

const illegal = (message: string): Refused => new Refused(reasons.illegalOperation, message);

const nameAndValue = (attribute: Node): { name: string; value: Node } => {
  const name = textIn(attribute, tags.attributeName);
  const value = child(attribute, tags.attributeValue);
  if (name === undefined || value === undefined) throw new Refused(reasons.missingData, 'attribute without value');
  return { name, value };
};

const own = ['Cryptographic Algorithm', 'Cryptographic Length', 'Cryptographic Usage Mask'] as const;
const lengths: readonly number[] = [128, 192, 256];

const create: Act = ({ store }, request) => {
  if (numberIn(request, tags.objectType) !== 2) throw new Refused(reasons.invalidField, 'symmetric keys only');
  const given = children(child(request, tags.templateAttribute), tags.attribute).map(nameAndValue);
  const [algorithm, length, mask] = own.map((name) => given.find((one) => one.name === name)?.value.value);
  if (typeof algorithm !== 'number' || typeof length !== 'number' || typeof mask !== 'number') {
    throw new Refused(reasons.missingData, 'algorithm, length and usage mask are needed');
  }
  if (algorithm !== 3 || !lengths.includes(length)) throw new Refused(reasons.invalidField, 'AES 128, 192, 256 only');
  const attributes = given.filter(({ name }) => !own.some((one) => one === name));
  const key = store.create({ algorithm, length, mask, attributes });
  return [enumeration(tags.objectType, 2), uidOf(key)];
};

const get: Act = (service, request) => {
  const key = keyOf(service, request);
  if (key.material === undefined) throw new Refused(reasons.itemNotFound, 'the object is destroyed');
  const block = structure(
    tags.keyBlock,
    enumeration(tags.keyFormatType, 1),
    structure(tags.keyValue, bytes(tags.keyMaterial, key.material)),
    enumeration(tags.cryptographicAlgorithm, key.algorithm),
    integer(tags.cryptographicLength, key.length),
  );
  return [enumeration(tags.objectType, 2), uidOf(key), structure(tags.symmetricKey, block)];
};

const attributeNode = ({ name, index, value }: { name: string; index: number; value: Node }): Node =>
  structure(
    tags.attribute,
    text(tags.attributeName, name),
    index === 0 ? undefined : integer(tags.attributeIndex, index),
    { ...value, tag: tags.attributeValue },
  );

const getAttributes: Act = (service, request) => {
  const key = keyOf(service, request);
  const names = children(request, tags.attributeName).map(({ value }) => value);
  const wanted = attributesOf(key).filter(({ name }) => names.length === 0 || names.includes(name));
  return [uidOf(key), ...wanted.map(attributeNode)];
};

const addAttribute: Act = (service, request) => {
  const key = keyOf(service, request);
  const attribute = child(request, tags.attribute);
  if (attribute === undefined) throw new Refused(reasons.missingData, 'no attribute');
  const { name, value } = nameAndValue(attribute);
  const settable = name.startsWith('x-') || ['Name', 'Contact Information', 'Object Group'].includes(name);
  if (!settable) throw new Refused(reasons.permissionDenied, `${name} cannot be set`);
  return [uidOf(key), attributeNode({ name, index: service.store.add(key, name, value), value })];
};

const locate: Act = ({ store, locateLimit }, request) => {
  const filters = children(request, tags.attribute).map(nameAndValue);
  const fits = (key: SimulatedKey) => filters.every(({ name, value }) => hasAttribute(key, name, value));
  const found = store.list().filter(fits);
  const offset = numberIn(request, tags.offsetItems) ?? 0;
  const most = Math.min(numberIn(request, tags.maximumItems) ?? locateLimit, locateLimit);
  return [integer(tags.locatedItems, found.length), ...found.slice(offset, offset + most).map(uidOf)];
};

const activate: Act = (service, request) => {
  const key = keyOf(service, request);
  if (key.state !== states.preActive) throw illegal('the object is not pre-active');
  service.store.activate(key);
  return [uidOf(key)];
};

const revoke: Act = (service, request) => {
  const key = keyOf(service, request);
  const reason = child(request, tags.revocationReason);
  const code = numberIn(reason, tags.revocationReasonCode);
  if (code === undefined) throw new Refused(reasons.missingData, 'no revocation reason');
  const compromised = code === 2 || code === 3;
  const dated = child(request, tags.compromiseOccurrenceDate) !== undefined;
  if (compromised !== dated) throw new Refused(reasons.invalidField, 'a compromise has a date, nothing else has');
  if (key.state >= states.destroyed) throw illegal('the object is destroyed');
  if (!compromised && key.state !== states.active) throw illegal('the object is not active');
  service.store.revoke(key, code, textIn(reason, tags.revocationMessage));
  return [uidOf(key)];
};

const destroy: Act = (service, request) => {
  const key = keyOf(service, request);
  if (key.state === states.active) throw illegal('the object is active');
  if (key.state >= states.destroyed) throw illegal('the object is destroyed');
  service.store.destroy(key);
  return [uidOf(key)];
};

export const versionNode = (version: number): Node =>
  structure(
    tags.protocolVersion,
    integer(tags.protocolVersionMajor, Math.floor(version / 100)),
    integer(tags.protocolVersionMinor, version % 100),
  );

export const versionIn = (node: Node | undefined): number =>
  (numberIn(node, tags.protocolVersionMajor) ?? 0) * 100 + (numberIn(node, tags.protocolVersionMinor) ?? 0);

const discoverVersions: Act = ({ versions }, request) => {
  const asked = children(request, tags.protocolVersion).map(versionIn);
  return versions.filter((version) => asked.length === 0 || asked.includes(version)).map(versionNode);
};

const acts: Readonly<Record<OperationName, Act>> = {
  Create: create,
  Locate: locate,
  Get: get,
  GetAttributes: getAttributes,
  AddAttribute: addAttribute,
  Activate: activate,
  Revoke: revoke,
  Destroy: destroy,
  DiscoverVersions: discoverVersions,
};

/** The response payload. Throws {@link Refused}. */
export const execute = (service: Service, operation: OperationName, request: Node): Node =>
  structure(tags.responsePayload, ...acts[operation](service, request));
