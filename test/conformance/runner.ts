// Runs test cases against a server: each request in its turn, each answer held against the one that is shown.

import { setTimeout } from 'node:timers/promises';
import type { Item } from '../../src/kmip/item.ts';
import type { Element } from '../../src/kmip/text/elements.ts';
import { elementOfItem, itemOfElement } from '../../src/kmip/text/xml.ts';
import type { Case, Exchange } from './cases.ts';
import { compare } from './compare.ts';
import { Bindings } from './placeholders.ts';

/** Sends one message and gives its answer; `profile` decides the encoding. */
export type Ask = (request: Item, profile: string) => Promise<Item>;

export interface Result {
  readonly case: Case;
  /** Nothing where it passed; else what is wrong, the first answer that differs alone. */
  readonly problems: readonly string[];
}

/** Runs one case, and destroys what it leaves behind where it fails. */
export const runCase = async (one: Case, ask: Ask): Promise<Result> => {
  const bindings = new Bindings(Math.floor(Date.now() / 1000));
  const generated = hasGenerated(one);
  // A case that names what it shows says itself what is to be known.
  const named = JSON.stringify(one.exchanges.map(({ response }) => response)).includes('"$DATA');
  let problems: readonly string[] = [];
  for (const [index, exchange] of one.exchanges.entries()) {
    problems = await runExchange(exchange, bindings, { generated, named }, (item) => ask(item, one.profile));
    if (problems.length === 0) continue;
    const shown = operationsOf(exchange.request).join(', ');
    problems = problems.map((problem) => `message ${index + 1} (${shown}): ${problem}`);
    break;
  }
  // What a case leaves behind may be what the next one begins with.
  if (problems.length > 0) await clean(one, bindings, (item) => ask(item, 'SKLC'));
  return { case: one, problems };
};

const generating: ReadonlySet<string> = new Set([
  'Create',
  'CreateKeyPair',
  'ReKey',
  'ReKeyKeyPair',
  'DeriveKey',
  'RNGRetrieve',
]);

/** What makes an output another one each time: a vector that the server chooses, a random padding, a random signature. */
const randomizing: Readonly<Record<string, RegExp>> = {
  RandomIV: /^true$/,
  PaddingMethod: /^(OAEP|PSS)$/,
  CryptographicAlgorithm: /^(DSA|ECDSA|EC)$/,
  DigitalSignatureAlgorithm: /DSA|PSS/,
};

const isRandomized = ({ name, attributes: { value = '' }, children }: Element): boolean =>
  randomizing[name]?.test(value) === true || children.some(isRandomized);

/** The same said by an attribute of 1.x. */
const hasRandomAlgorithm = ({ children }: Element): boolean =>
  (children.some(
    ({ name, attributes: { value } }) => name === 'AttributeName' && value === 'Cryptographic Algorithm',
  ) &&
    children.some(({ attributes: { value = '' } }) => randomizing['CryptographicAlgorithm']?.test(value))) ||
  children.some(hasRandomAlgorithm);

/** Whether the server made what the case works with: in the case itself, or in one before it where it registers nothing. */
const hasGenerated = ({ exchanges }: Case): boolean => {
  const requests = exchanges.map(({ request }) => request);
  const operations = requests.flatMap(operationsOf);
  return (
    operations.some((name) => generating.has(name)) ||
    !operations.includes('Register') ||
    requests.some((one) => isRandomized(one) || hasRandomAlgorithm(one))
  );
};

const runExchange = async (
  { request, response }: Exchange,
  bindings: Bindings,
  { generated, named }: { readonly generated: boolean; readonly named: boolean },
  ask: (item: Item) => Promise<Item>,
): Promise<readonly string[]> => {
  try {
    const answer = elementOfItem(await ask(itemOfElement(tidy(bindings.fill(request)))));
    const problems = compare(response, answer, bindings, generated);
    if (!named) bindings.learn(answer);
    return problems;
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
};

/** White space that the HTML source of the cases left inside names. */
const tidy = (element: Element): Element => ({
  ...element,
  attributes:
    element.name === 'AttributeName' && element.attributes.value !== undefined
      ? { ...element.attributes, value: element.attributes.value.replace(/\s+/g, ' ') }
      : element.attributes,
  children: element.children.map(tidy),
});

const operationsOf = (message: Element): readonly string[] =>
  message.children
    .filter(({ name }) => name === 'BatchItem')
    .map(({ children }) => children.find(({ name }) => name === 'Operation')?.attributes.value ?? '');

/** Revokes and destroys every object that the case heard of. */
const clean = async (one: Case, bindings: Bindings, ask: (item: Item) => Promise<Item>): Promise<void> => {
  const header = one.exchanges[0]?.request.children[0];
  const version = header?.children.find(({ name }) => name === 'ProtocolVersion');
  if (!version) return;
  for (const uid of bindings.uids) {
    for (const [operation, reason] of [
      ['Revoke', [element('RevocationReason', [leaf('RevocationReasonCode', 'Enumeration', 'Unspecified')])]],
      ['Destroy', []],
    ] as const) {
      const payload = element('RequestPayload', [leaf('UniqueIdentifier', 'TextString', uid), ...reason]);
      const head = element('RequestHeader', [version, leaf('BatchCount', 'Integer', '1')]);
      const item = element('BatchItem', [leaf('Operation', 'Enumeration', operation), payload]);
      await ask(itemOfElement(element('RequestMessage', [head, item]))).catch(() => setTimeout(0));
    }
  }
};

const element = (name: string, children: readonly Element[]): Element => ({ name, attributes: {}, children });
const leaf = (name: string, type: string, value: string): Element => ({
  name,
  attributes: { type, value },
  children: [],
});
