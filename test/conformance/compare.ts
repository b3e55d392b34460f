// Holds an answer against the one that a test case shows. What may differ is what KMIP Additional Message Encodings 1.0
// section 8.4 (and the like section of every profile) permits: identifiers, times, generated material, more attributes,
// more operations, messages; everything else has to be the same.

import type { Element } from '../../src/kmip/text/elements.ts';
import { readDateTime } from '../../src/kmip/text/values.ts';
import type { Bindings } from './placeholders.ts';

/** Not looked at: section 8.4.1 lets them vary or be left out. */
const ignored: ReadonlySet<string> = new Set([
  'TimeStamp',
  'ResultMessage',
  'VendorIdentification',
  'ServerInformation',
  'ServerCorrelationValue',
  'TemplateAttribute',
  'CommonTemplateAttribute',
  'PrivateKeyTemplateAttribute',
  'PublicKeyTemplateAttribute',
  'ApplicationNamespace',
]);

/** What answers to Query show that belongs to no profile that this server claims. */
const unclaimed: ReadonlySet<string> = new Set([
  'Certify',
  'ReCertify',
  'Validate',
  'Cancel',
  'Poll',
  'Notify',
  'Put',
  'CreateSplitKey',
  'JoinSplitKey',
]);

/** Lists to which a server may add; of these names it has to have those that are shown. */
const extendable: ReadonlySet<string> = new Set([
  'Operation',
  'ObjectType',
  'AttributeName',
  'AttributeReference',
  'ProtocolVersion',
  'Attribute',
  'ProfileInformation',
  'CapabilityInformation',
  'RNGParameters',
]);

/** Attributes whose value is the server's affair. */
const serversOwn: ReadonlySet<string> = new Set(['Lease Time', 'Digest', 'Random Number Generator']);

/** Its tag says a length of time that the server chooses; that it is there is compared. */
const serversLength = 'LeaseTime';

/** A server may leave it out; where it is said it has to be right. */
const omissible = 'LocatedItems';

/** Chosen by the server where no request gave them. */
const chosen: ReadonlySet<string> = new Set([
  'KeyMaterial',
  'Data',
  'SignatureData',
  'MACData',
  'IVCounterNonce',
  'AuthenticatedEncryptionTag',
  'DigestValue',
  'HashingAlgorithm',
  'CorrelationValue',
]);

/** Seconds by which a time that a case calls now may differ. */
const clockTolerance = 600;

/** What is wrong with `actual`, one line each; nothing where it is as good as `expected`. */
export const compare = (expected: Element, actual: Element, bindings: Bindings, generated: boolean): string[] =>
  new Comparison(bindings, generated).element(expected, actual, '');

const attributeName = (element: Element): string | undefined =>
  element.name !== 'Attribute'
    ? undefined
    : element.children.find(({ name }) => name === 'AttributeName')?.attributes.value?.replace(/\s+/g, ' ');

class Comparison {
  readonly #bindings: Bindings;
  /** True where the case has the server make its objects. */
  readonly #generated: boolean;

  constructor(bindings: Bindings, generated: boolean) {
    this.#bindings = bindings;
    this.#generated = generated;
  }

  element(expected: Element, actual: Element, above: string): string[] {
    const path = `${above}/${expected.name}`;
    if (expected.name !== actual.name) return [`${path}: ${actual.name} found`];
    const { value } = expected.attributes;
    if (value !== undefined) return this.#value(expected, actual, path);
    return this.#children(expected, actual, path);
  }

  #children(expected: Element, actual: Element, path: string): string[] {
    const named = attributeName(expected);
    const here = named === undefined ? path : `${path}[${named}]`;
    const [wanted, left] = this.#toCompare(expected, actual, named);
    const problems: string[] = [];
    for (const child of wanted) {
      const tries = left
        .filter(({ name }) => name === child.name)
        .map((other) => ({ other, found: this.#try(child, other, here) }));
      const fit = tries.find(({ found }) => found.length === 0);
      if (fit) {
        left.splice(left.indexOf(fit.other), 1);
        this.element(child, fit.other, here);
      } else
        problems.push(...(tries.length === 1 ? (tries[0]?.found ?? []) : [`${here}: ${describe(child)} is missing`]));
    }
    const surplus = left.filter((child) => !this.#mayAdd(child, here, wanted));
    return [...problems, ...surplus.map((child) => `${here}: ${describe(child)} is too much`)];
  }

  #toCompare(expected: Element, actual: Element, named: string | undefined): readonly [Element[], Element[]] {
    const [wanted, found] = [expected, actual].map(({ children }) =>
      children.filter((one) => this.#matters(one, named)),
    );
    const both = [wanted, found].every((list = []) => list.some(({ name }) => name === omissible));
    const kept = (list: Element[] = []): Element[] => list.filter(({ name }) => both || name !== omissible);
    return [kept(wanted), kept(found)];
  }

  /** Compares without binding anything. */
  #try(expected: Element, actual: Element, path: string): string[] {
    return new Comparison(this.#bindings.copy(), this.#generated).element(expected, actual, path);
  }

  #matters({ name, attributes }: Element, attribute: string | undefined): boolean {
    if (name === 'AttributeIndex' && attributes.value === '0') return false;
    if (name === 'AttributeValue' && serversOwn.has(attribute ?? '')) return false;
    if (name === 'Operation' && unclaimed.has(attributes.value ?? '')) return false;
    // Groups that a server puts objects into by itself.
    if (name === 'AttributeName' && tidied(attributes.value) === 'Object Group') return false;
    return !ignored.has(name);
  }

  /** A list that is shown may be longer; attributes may be more in 2.x, where each has a tag of its own. */
  #mayAdd(child: Element, path: string, wanted: readonly Element[]): boolean {
    if (path.endsWith('/Attributes')) return true;
    if (!path.endsWith('/ResponsePayload')) return false;
    return extendable.has(child.name) && (wanted.length > 0 || child.name !== 'Attribute');
  }

  #value(expected: Element, actual: Element, path: string): string[] {
    const [wanted, found] = [expected.attributes.value ?? '', actual.attributes.value ?? ''];
    if (expected.attributes.type !== actual.attributes.type) return [`${path}: has type ${actual.attributes.type}`];
    if (this.#fits(expected, wanted, found, path)) return [];
    return [`${path}: '${found.slice(0, 100)}' where '${wanted.slice(0, 100)}' is expected`];
  }

  #fits({ name, attributes: { type } }: Element, wanted: string, found: string, path: string): boolean {
    if (type === 'DateTime') return this.#dateFits(wanted, found);
    if (name === serversLength) return true;
    if (wanted.startsWith('$')) return this.#placeholderFits(wanted, found);
    if (wanted.replace(/\s+/g, ' ').trim() === found) return true;
    if (type === 'ByteString' && wanted.toLowerCase() === found) return true;
    if (type === 'Integer' && sameMask(wanted, found)) return true;
    if (!this.#mayChoose(name, path) || this.#bindings.wasGiven(wanted)) return false;
    this.#bindings.replace(wanted, found);
    return true;
  }

  /** What is random, or follows from what is; the numbers of a key that is shown as such too. */
  #mayChoose(name: string, path: string): boolean {
    return this.#generated && (chosen.has(name) || path.includes('/KeyMaterial/'));
  }

  #placeholderFits(wanted: string, found: string): boolean {
    const bound = this.#bindings.get(wanted);
    if (bound === undefined) this.#bindings.bind(wanted, found);
    return bound === undefined || bound === found;
  }

  #dateFits(wanted: string, found: string): boolean {
    const time = Number(readDateTime(found));
    const symbolic = this.#bindings.timeOf(wanted);
    if (symbolic !== undefined) return Math.abs(time - symbolic) <= clockTolerance;
    // A date that no request gave is the server's own.
    return !this.#bindings.wasGiven(wanted) || Number(readDateTime(wanted)) === time;
  }
}

const sameMask = (one: string, other: string): boolean => {
  const names = (text: string): string => text.trim().split(/\s+/).toSorted().join(' ');
  return names(one) === names(other);
};

const tidied = (text: string | undefined): string | undefined => text?.replace(/\s+/g, ' ');

const describe = (element: Element): string => {
  const named = attributeName(element);
  const value = element.attributes.value;
  const shown = named === undefined ? (value === undefined ? '' : ` '${value.slice(0, 100)}'`) : ` '${named}'`;
  return `${element.name}${shown}`;
};
