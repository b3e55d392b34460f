// What was typed when the appliance was deployed: the OVF environment (DSP0243 1.1 section 9.5), an XML document with one
// property section.

import { DOMParser } from '@xmldom/xmldom';
import { EdgeError, messageOf } from '../errors.ts';

/** vSphere's own limit for all properties together is far below. */
export const largestEnvironment = 1024 * 1024;
const namespace = 'http://schemas.dmtf.org/ovf/environment/1';

/** The properties by key. Throws `invalid-field` for what is no OVF environment. */
export const readOvfEnvironment = (xml: string): ReadonlyMap<string, string> => {
  if (xml.length > largestEnvironment) throw notRead(`it has ${xml.length} characters`);
  // Entities of its own would be a way to make much out of little.
  if (/<!DOCTYPE/i.test(xml)) throw notRead('it has a document type');
  const document = parse(xml);
  if (document.documentElement?.localName !== 'Environment') throw notRead('its root is not Environment');
  const properties = new Map<string, string>();
  for (const element of document.getElementsByTagNameNS(namespace, 'Property')) {
    const key = attribute(element, 'key');
    if (key !== null) properties.set(key, attribute(element, 'value') ?? '');
  }
  return properties;
};

const parse = (xml: string) => {
  try {
    return new DOMParser({ onError: stop }).parseFromString(xml, 'text/xml');
  } catch (error) {
    throw notRead(messageOf(error));
  }
};

const stop = (level: string, message: string): void => {
  if (level !== 'warning') throw new Error(message);
};

const attribute = (element: { getAttributeNS(namespace: string, name: string): string | null }, name: string) =>
  element.getAttributeNS(namespace, name);

const notRead = (problem: string): EdgeError =>
  new EdgeError('invalid-field', `the OVF environment cannot be read: ${problem}`);

/** An attribute's value may hold a bare `>`. */
const propertyTag = /<(?:[\w.-]+:)?Property\b(?:[^<>"']|"[^"]*"|'[^']*')*>/g;
const valueAttribute = /(\s(?:[\w.-]+:)?value\s*=\s*)(?:"[^"]*"|'[^']*')/g;

/**
 * The environment with the values of `secrets` empty and all else as it was; the very same text where they are empty
 * already. One from which they cannot be cut out is given up whole.
 */
export const withoutSecrets = (xml: string, secrets: readonly string[]): string => {
  const isOne = (tag: string): boolean =>
    secrets.some((key) => new RegExp(`\\s(?:[\\w.-]+:)?key\\s*=\\s*["']${key}["']`).test(tag));
  const wiped = xml.replaceAll(propertyTag, (tag) => (isOne(tag) ? tag.replaceAll(valueAttribute, '$1""') : tag));
  try {
    const left = readOvfEnvironment(wiped);
    if (!secrets.some((key) => (left.get(key) ?? '') !== '')) return wiped;
  } catch {
    // Not to be read, so nobody knows what is in it.
  }
  return `<Environment xmlns="${namespace}"/>`;
};
