// The first set-up without anybody at the console: what was typed at deployment, done through the management API in the
// way an administrator would. Each step looks whether it was done before, so that all of it can be repeated.

import type { Input, Output, RouteName } from '../admin/api/table.ts';
import { isKind, messageOf } from '../errors.ts';
import { type Properties, pemOf } from '../system/properties.ts';

/** Asks the management API of the running server. */
export type Call = <R extends RouteName>(route: R, input: Input[R]) => Promise<Output[R]>;

/** The properties that {@link setUp} uses. */
export const setUpKeys = ['password', 'upstream', 'vcenter-certificate'] as const;

const instanceName = 'main';
const clientName = 'vcenter';

/**
 * Does what is left to do; gives a line for each step that failed. Anything given is done at most once. An upstream may be
 * waited for over days: `onPassword` is told when the password is needed no more.
 */
export const setUp = async (call: Call, values: Properties, onPassword = () => {}): Promise<readonly string[]> => {
  const problems: string[] = [];
  const step = async (what: string, act: () => Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!isKind(error, 'already-exists')) problems.push(`${what}: ${messageOf(error)}`);
    }
  };
  const { password, upstream, url, crk, 'instance-id': instanceId, 'api-key': apiKey } = values;
  if (password !== undefined) {
    await step('administrator password', async () => {
      await setPassword(call, password);
      onPassword();
    });
  }
  if (upstream === 'key-protect') {
    const settings = { url, instanceId, crk, apiKey };
    await step('service instance', () => makeInstance(call, upstream, settings));
  }
  if (upstream === 'kmip') await step('service instance', () => makeAtEndpoint(call, values));
  const certificate = values['vcenter-certificate'];
  if (certificate !== undefined && problems.length === 0) {
    const instance = upstream === undefined ? 'default' : instanceName;
    const client = { instance, name: clientName, certificate: pemOf(certificate) };
    await step('certificate of vCenter', () => call('client.add', client));
  }
  return problems;
};

/** One that was changed since stays. */
const setPassword = async (call: Call, password: string): Promise<void> => {
  const { https } = await call('status', {});
  if (!https.passwordSet) await call('password.set', { password });
};

/** Our certificate may have to be uploaded by hand: then this fails, and is tried again, until somebody has done so. */
const makeAtEndpoint = async (call: Call, values: Properties): Promise<void> => {
  const { endpoint, fingerprint, url = '', 'instance-id': instanceId = '', crk = '', 'api-key': apiKey } = values;
  const instances = await call('instance.list', {});
  if (instances.some(({ name }) => name === instanceName)) return;
  await call('identity.make', { name: instanceName });
  if (apiKey !== undefined) {
    const none = { iamUrl: undefined, keyRing: undefined, caBundle: undefined };
    await call('adapter.make', { ...none, name: instanceName, url, instanceId, crk, apiKey });
  }
  await makeInstance(call, 'kmip', { endpoint, fingerprints: [fingerprint] });
};

const makeInstance = async (
  call: Call,
  upstream: string,
  settings: Readonly<Record<string, unknown>>,
): Promise<void> => {
  const instances = await call('instance.list', {});
  if (!instances.some(({ name }) => name === instanceName)) {
    await call('instance.create', { name: instanceName, upstream, settings });
  }
};
