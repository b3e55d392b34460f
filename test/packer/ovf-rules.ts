// The rules of DSP0243 1.1 and of its schema (DSP8023) that our descriptor has to keep, as far as it uses them: which element
// holds which, in what order, with which attributes, and that what refers to something finds it.

import { DOMParser, type Element } from '@xmldom/xmldom';

interface Shape {
  /** Names of children in the order of the schema; a star: any number, a question mark: may be absent, a plus: one or more. */
  readonly children: readonly string[];
  readonly attributes: readonly string[];
}

const shape = (children: string, attributes = ''): Shape => ({
  children: children.split(' ').filter((name) => name !== ''),
  attributes: attributes.split(' ').filter((name) => name !== ''),
});

/** Elements of the envelope's namespace. `Item` holds RASD elements, which have a rule of their own. */
const shapes: Readonly<Record<string, Shape>> = {
  Envelope: shape('References DiskSection? NetworkSection? VirtualSystem'),
  References: shape('File*'),
  File: shape('', 'id href size?'),
  DiskSection: shape('Info Disk*'),
  Disk: shape('', 'diskId fileRef? capacity capacityAllocationUnits? populatedSize? format?'),
  NetworkSection: shape('Info Network*'),
  Network: shape('Description?', 'name'),
  VirtualSystem: shape(
    'Info Name? OperatingSystemSection VirtualHardwareSection ProductSection* AnnotationSection?',
    'id',
  ),
  OperatingSystemSection: shape('Info Description?', 'id osType?'),
  VirtualHardwareSection: shape('Info System? Item* Config*', 'transport?'),
  System: shape('ElementName InstanceID VirtualSystemIdentifier? VirtualSystemType?'),
  Config: shape('', 'required? key value'),
  ProductSection: shape('Info Product? Vendor? Version? FullVersion? Category|Property*'),
  Category: shape(''),
  Property: shape('Label? Description?', 'key type qualifiers? userConfigurable? value? password?'),
  AnnotationSection: shape('Info Annotation'),
};
const texts = ['Info', 'Description', 'Name', 'Label', 'Product', 'Vendor', 'Version', 'FullVersion', 'Annotation'];
const valueTypes = /^(?:[us]int(?:8|16|32|64)|string|boolean|real(?:32|64))$/;
const qualifierList =
  /^(?:(?:Min|Max)(?:Len|Value)\(\d+\)|ValueMap\{"[^"]*"(?:,"[^"]*")*\})(?: (?:Min|Max)(?:Len|Value)\(\d+\))*$/;

const childrenOf = (element: Element): readonly Element[] =>
  [...element.childNodes].filter((node): node is Element => node.nodeType === 1);
const nameOf = (element: Element): string => element.localName ?? '';
const within = (root: Element, name: string): readonly Element[] => [...root.getElementsByTagNameNS('*', name)];
const attributeOf = (element: Element, name: string): string | undefined =>
  [...element.attributes].find(({ localName }) => localName === name)?.value;

const orderPattern = (children: readonly string[]): RegExp => {
  const part = (child: string): string => {
    const [, names = '', count = ''] = /^([\w|]+)([*?+]?)$/.exec(child) ?? [];
    return `(?:(?:${names}) )${count}`;
  };
  return new RegExp(`^${children.map(part).join('')}$`);
};

const shapeProblems = (element: Element): readonly string[] => {
  const name = nameOf(element);
  if (texts.includes(name) || element.namespaceURI?.includes('/wscim/')) {
    return element.textContent?.trim() ? [] : [`${name} is empty`];
  }
  if (name === 'Item') return rasdProblems(element);
  const known = shapes[name];
  if (!known) return [`${name} is not known`];
  const found = childrenOf(element)
    .map((child) => `${nameOf(child)} `)
    .join('');
  const order = orderPattern(known.children).test(found) ? [] : [`${name} holds ${found}`];
  return [...order, ...attributeProblems(element, known), ...childrenOf(element).flatMap(shapeProblems)];
};

const attributeProblems = (element: Element, { attributes }: Shape): readonly string[] => {
  const given = [...element.attributes]
    .filter(({ name }) => !name.startsWith('xmlns'))
    .map(({ localName }) => localName);
  const strange = given.filter((name) => !attributes.some((known) => known.replace('?', '') === name));
  const absent = attributes.filter((known) => !known.endsWith('?') && !given.includes(known));
  return [
    ...strange.map((name) => `${nameOf(element)} has no attribute ${name}`),
    ...absent.map((name) => `${nameOf(element)} lacks ${name}`),
  ];
};

/** CIM's schema names its elements in the order of the alphabet. */
const rasdProblems = (item: Element): readonly string[] => {
  const names = childrenOf(item).map(nameOf);
  const absent = ['ElementName', 'InstanceID', 'ResourceType'].filter((name) => !names.includes(name));
  return [
    ...(names.join() === names.toSorted().join() ? [] : [`Item holds ${names.join(' ')}`]),
    ...absent.map((name) => `Item lacks ${name}`),
  ];
};

const textsOf = (root: Element, name: string): readonly string[] =>
  within(root, name).map(({ textContent }) => textContent ?? '');
const attributesOf = (root: Element, name: string, attribute: string): readonly string[] =>
  within(root, name).flatMap((element) => attributeOf(element, attribute) ?? []);

const referenceProblems = (root: Element): readonly string[] => {
  const lost = (what: string, named: readonly string[], there: readonly string[]): readonly string[] =>
    named.filter((name) => !there.includes(name)).map((name) => `${what} '${name}' is not there`);
  const twice = (what: string, names: readonly string[]): readonly string[] =>
    names.filter((name, at) => names.indexOf(name) !== at).map((name) => `${what} '${name}' is there twice`);
  const instances = within(root, 'Item').flatMap((item) => textsOf(item, 'InstanceID'));
  const disks = attributesOf(root, 'Disk', 'diskId').map((id) => `ovf:/disk/${id}`);
  return [
    ...lost('file', attributesOf(root, 'Disk', 'fileRef'), attributesOf(root, 'File', 'id')),
    ...lost('disk', textsOf(root, 'HostResource'), disks),
    ...lost('network', textsOf(root, 'Connection'), attributesOf(root, 'Network', 'name')),
    ...lost('controller', textsOf(root, 'Parent'), instances),
    ...twice('instance', instances),
    ...twice('property', attributesOf(root, 'Property', 'key')),
    ...twice('file', attributesOf(root, 'File', 'href')),
  ];
};

const propertyProblems = (property: Element): readonly string[] => {
  const [key, type, qualifiers] = ['key', 'type', 'qualifiers'].map((name) => attributeOf(property, name));
  const value = attributeOf(property, 'value') ?? '';
  const longest = Number(/MaxLen\((\d+)\)/.exec(qualifiers ?? '')?.[1] ?? Number.POSITIVE_INFINITY);
  const choices = /ValueMap\{(.*)\}/.exec(qualifiers ?? '')?.[1];
  return [
    ...(valueTypes.test(type ?? '') ? [] : [`${key} has the type ${type}`]),
    ...(qualifiers === undefined || qualifierList.test(qualifiers) ? [] : [`${key} has the qualifiers ${qualifiers}`]),
    ...(value.length > longest ? [`${key} is longer than its longest`] : []),
    ...(choices === undefined || choices.split(',').includes(`"${value}"`) ? [] : [`${key} is none of its choices`]),
  ];
};

/** What is wrong with a descriptor; nothing where it keeps the rules. Throws for what is not XML. */
export const problemsOf = (descriptor: string): readonly string[] => {
  const { documentElement: root } = new DOMParser().parseFromString(descriptor, 'text/xml');
  if (!root) return ['no element'];
  return [
    ...(root.namespaceURI === 'http://schemas.dmtf.org/ovf/envelope/1' ? [] : ['the namespace is not that of OVF 1']),
    ...shapeProblems(root),
    ...referenceProblems(root),
    ...within(root, 'Property').flatMap(propertyProblems),
  ];
};
