// Test cases of KMIP 1.3 as 1.4 has them, which is the same, and written anew as KMIP 2.x would have them, by the rules by which the two differ: attributes stand in
// structures under tags of their own (KMIP 2.1 section 5.1), they are referred to by tag (section 5.5), there are no
// templates, and failures have finer reasons (the tables of section 6.1).

import { isAttributeName, isCustomName, tagOfAttribute } from '../../src/kmip/attributes.ts';
import type { Element } from '../../src/kmip/text/elements.ts';
import { V1_4, V2_0, V2_1, type Version, versionText } from '../../src/kmip/version.ts';
import type { Case, Exchange } from './cases.ts';

/** The structures that take the place of templates. */
const gathered: Readonly<Record<string, string>> = {
  TemplateAttribute: 'Attributes',
  CommonTemplateAttribute: 'CommonAttributes',
  PrivateKeyTemplateAttribute: 'PrivateKeyAttributes',
  PublicKeyTemplateAttribute: 'PublicKeyAttributes',
};

/** The operations whose one attribute is the new one. */
const changing: ReadonlySet<string> = new Set(['AddAttribute', 'ModifyAttribute']);

/** What 2.x does not have any more: a case that is about it cannot be told in 2.x. */
const withdrawn: ReadonlySet<string> = new Set(['Template', 'Operation Policy Name', 'Certificate Identifier']);

/** The reason that 2.x gives where 1.3 gives another one; by operation where that decides. */
const reasonOf = (reason: string, operation: string, limited: boolean): string => {
  if (limited && reason === 'PermissionDenied') return 'UsageLimitExceeded';
  if (operation === 'Decrypt' && reason === 'InvalidMessage') return 'MissingInitializationVector';
  if (reason === 'ItemNotFound') return operation === 'DeleteAttribute' ? 'AttributeNotFound' : 'ObjectNotFound';
  if (reason === 'PermissionDenied') return permissionReasons[operation] ?? reason;
  if (reason === 'IllegalOperation') return operation === 'AddAttribute' ? 'AttributeSingleValued' : 'ObjectDestroyed';
  return reason;
};

const permissionReasons: Readonly<Record<string, string>> = {
  Sign: 'WrongKeyLifecycleState',
  SignatureVerify: 'WrongKeyLifecycleState',
  Destroy: 'WrongKeyLifecycleState',
  Activate: 'WrongKeyLifecycleState',
  Encrypt: 'WrongKeyLifecycleState',
  Decrypt: 'WrongKeyLifecycleState',
  ModifyAttribute: 'WrongKeyLifecycleState',
  DeleteAttribute: 'AttributeReadOnly',
  AddAttribute: 'ReadOnlyAttribute',
};

const leaf = (name: string, type: string, value: string): Element => ({
  name,
  attributes: { type, value },
  children: [],
});
const structure = (name: string, children: readonly Element[]): Element => ({ name, attributes: {}, children });

const textOf = (element: Element, name: string): string =>
  (element.children.find((child) => child.name === name)?.attributes.value ?? '').replace(/\s+/g, ' ');

/** Of x-name the vendor and the rest. */
const halves = (custom: string): readonly Element[] => [
  leaf('VendorIdentification', 'TextString', custom.slice(0, 1)),
  leaf('AttributeName', 'TextString', custom.slice(2)),
];

const tagNameOf = (name: string): string => (isAttributeName(name) ? tagOfAttribute(name) : name.replaceAll(' ', ''));

/** An Attribute of 1.x under its own tag, or with its vendor. */
const attribute = (element: Element): Element => {
  const name = textOf(element, 'AttributeName');
  const value = element.children.find((child) => child.name === 'AttributeValue');
  if (isCustomName(name)) return structure('Attribute', [...halves(name), ...(value ? [value] : [])]);
  return { ...(value ?? structure('', [])), name: tagNameOf(name) };
};

const reference = (name: string): Element =>
  isCustomName(name)
    ? structure('AttributeReference', halves(name))
    : leaf('AttributeReference', 'Enumeration', tagNameOf(name));

const isAttribute = ({ name }: Element): boolean => name === 'Attribute';

/** A payload's fields, attributes in the form and the place of 2.x; an attribute may be moved, never lost. */
const payload = (element: Element, operation: string, isRequest: boolean): Element => {
  const attributes = element.children.filter(isAttribute);
  const rest = element.children.flatMap((child): readonly Element[] => {
    if (isAttribute(child) || child.name === 'AttributeIndex') return [];
    const gatheredName = gathered[child.name];
    // Answers of 2.x do not say attributes back.
    if (gatheredName && !isRequest) return [];
    if (gatheredName) return [structure(gatheredName, child.children.filter(isAttribute).map(attribute))];
    if (child.name === 'AttributeName') return [reference((child.attributes.value ?? '').replace(/\s+/g, ' '))];
    return [child];
  });
  return { ...element, children: [...rest, ...placed(attributes, operation, isRequest)] };
};

const placed = (attributes: readonly Element[], operation: string, isRequest: boolean): readonly Element[] => {
  if (changing.has(operation)) {
    return isRequest ? attributes.map((one) => structure('NewAttribute', [attribute(one)])) : [];
  }
  if (operation === 'DeleteAttribute') return [];
  return attributes.length > 0 || operation === 'GetAttributes'
    ? [structure('Attributes', attributes.map(attribute))]
    : [];
};

const batchItem = (element: Element, isRequest: boolean, limited: boolean): Element => {
  const operation = textOf(element, 'Operation');
  return {
    ...element,
    children: element.children.map((child) => {
      if (child.name === 'RequestPayload') return payload(child, operation, isRequest);
      if (child.name === 'ResponsePayload') return withoutTemplates(payload(child, operation, isRequest));
      if (child.name !== 'ResultReason') return child;
      return leaf('ResultReason', 'Enumeration', reasonOf(child.attributes.value ?? '', operation, limited));
    }),
  };
};

/** Templates are no kind of object any more. */
const withoutTemplates = (element: Element): Element => ({
  ...element,
  children: element.children.filter(
    ({ name, attributes }) => !(name === 'ObjectType' && attributes.value === 'Template'),
  ),
});

const message = (element: Element, version: Version, isRequest: boolean, limited = false): Element => {
  const walk = (one: Element): Element => {
    if (one.name === 'ProtocolVersion') return { ...one, children: numbers(version) };
    if (one.name === 'BatchItem' && version >= V2_0) return batchItem(one, isRequest, limited);
    return { ...one, children: one.children.map(walk) };
  };
  return walk(element);
};

const numbers = (version: Version): readonly Element[] => [
  leaf('ProtocolVersionMajor', 'Integer', String(Math.floor(version / 100))),
  leaf('ProtocolVersionMinor', 'Integer', String(version % 100)),
];

const some = (element: Element, test: (one: Element) => boolean): boolean =>
  test(element) || element.children.some((child) => some(child, test));

const isWithdrawn = ({ name, attributes: { value = '' } }: Element): boolean =>
  name === 'Template' ||
  (name === 'ObjectType' && value === 'Template') ||
  (name === 'AttributeName' && withdrawn.has(value.replace(/\s+/g, ' ')));

const isUsageLimit = ({ name, attributes: { value } }: Element): boolean =>
  name === 'AttributeName' && value === 'Usage Limits';

/** The case as `version` has it; nothing where it is about what 2.x does not have. */
const inLaterEdition = (one: Case, version: Version): Case | undefined => {
  if (version >= V2_0 && one.exchanges.some(({ request }) => some(request, isWithdrawn))) return undefined;
  const limited = one.exchanges.some(({ request }) => some(request, isUsageLimit));
  const exchanges = one.exchanges.map(
    ({ request, response }): Exchange => ({
      request: message(request, version, true),
      response: message(response, version, false, limited),
    }),
  );
  const text = versionText(version);
  return {
    ...one,
    name: one.name.replace(/-\d\d$/, `-${text.replace('.', '')}`),
    version: `${text} (rewritten)`,
    exchanges,
  };
};

/** The cases of 1.3 among `cases` in the editions of 1.4, 2.0 and 2.1; of 2.x not those that begin with what one left out has left. */
export const laterEditions = (cases: readonly Case[]): readonly Case[] =>
  [V1_4, V2_0, V2_1].flatMap((version) =>
    cases
      .filter(({ name, version: own }) => own === '1.3' && (version < V2_0 || name !== 'SASED-M-3-13'))
      .flatMap((one) => inLaterEdition(one, version) ?? []),
  );
