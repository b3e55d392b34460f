// The simulator checked by somebody else's client: ibm-cloud-sdk-core, which IBM's own Key Protect client is made of.
// And its own rules, where the documentation gives them.

import { randomBytes } from 'node:crypto';
import { setDefaultCACertificates } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { BaseService, IamAuthenticator } from 'ibm-cloud-sdk-core';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import type { KeyProtectSimulator } from '../peers/key-protect/simulator.ts';
import { startSimulator } from './kit.ts';

const tls = makeTlsMaterial();
setDefaultCACertificates([tls.caPem]); // this process is this test file's own

type Json = Readonly<Record<string, unknown>>;
interface SdkAnswer {
  readonly status: number;
  readonly result: Json;
}

class SdkClient extends BaseService {
  readonly #instanceId: string;

  constructor(simulator: KeyProtectSimulator, apiKey: string) {
    super({
      serviceUrl: simulator.url,
      authenticator: new IamAuthenticator({ apikey: apiKey, url: simulator.iamUrl }),
    });
    this.#instanceId = simulator.instanceId;
  }

  async call(
    method: string,
    path: string,
    body?: Json,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SdkAnswer> {
    const { status, result } = await this.createRequest({
      options: { url: `/api/v2${path}`, method, ...(body === undefined ? {} : { body }) },
      defaultOptions: {
        serviceUrl: this.baseOptions['serviceUrl'],
        headers: { accept: 'application/json', 'bluemix-instance': this.#instanceId, ...headers },
      },
    });
    return { status, result: result as Json };
  }

  /** The HTTP status and body text of a refusal. */
  async refusal(method: string, path: string, body?: Json, headers?: Readonly<Record<string, string>>) {
    try {
      const { status } = await this.call(method, path, body, headers);
      return { status, text: '' };
    } catch (error) {
      const { status, body: text } = error as { status: number; body: unknown };
      return { status, text: typeof text === 'string' ? text : JSON.stringify(text ?? '') };
    }
  }
}

const start = async (t: ExecutionContext) => {
  const simulator = await startSimulator(t, { tls });
  return {
    simulator,
    reader: new SdkClient(simulator, simulator.apiKey),
    manager: new SdkClient(simulator, simulator.addApiKey('Manager')),
  };
};

test.serial('the SDK gets a token once and wraps and unwraps with it', async (t) => {
  const { simulator, reader } = await start(t);
  const plaintext = randomBytes(32).toString('base64');
  const path = `/keys/${simulator.crk}/actions`;
  const wrapped = await reader.call('POST', `${path}/wrap`, { plaintext, aad: ['a', 'b'] });
  t.is(wrapped.status, 200);
  t.is(wrapped.result['plaintext'], undefined);
  const opened = await reader.call('POST', `${path}/unwrap`, {
    ciphertext: wrapped.result['ciphertext'],
    aad: ['a', 'b'],
  });
  t.is(opened.result['plaintext'], plaintext);
  t.is(opened.result['ciphertext'], undefined);
  t.is(simulator.count('token'), 1);
});

test.serial('a wrap without plaintext returns 32 bytes, and the wrapped form is JSON in base64', async (t) => {
  const { simulator, reader } = await start(t);
  const { result } = await reader.call('POST', `/keys/${simulator.crk}/actions/wrap`, {});
  t.is(Buffer.from(String(result['plaintext']), 'base64').length, 32);
  const fields = JSON.parse(Buffer.from(String(result['ciphertext']), 'base64').toString('utf8'));
  t.deepEqual(Object.keys(fields), ['ciphertext', 'iv', 'version', 'handle']);
});

test.serial('a rotation keeps old wrapped keys and offers new ones, once an hour', async (t) => {
  const { simulator, reader, manager } = await start(t);
  const path = `/keys/${simulator.crk}/actions`;
  const { result: wrapped } = await reader.call('POST', `${path}/wrap`, {});
  t.is((await manager.call('POST', `${path}/rotate`, {})).status, 204);
  const { result: opened } = await reader.call('POST', `${path}/unwrap`, { ciphertext: wrapped['ciphertext'] });
  t.is(opened['plaintext'], wrapped['plaintext']);
  t.not(opened['ciphertext'], wrapped['ciphertext']);
  t.deepEqual(opened['keyVersion'], wrapped['keyVersion']);
  t.notDeepEqual(opened['rewrappedKeyVersion'], opened['keyVersion']);
  const again = await manager.refusal('POST', `${path}/rotate`, {});
  t.is(again.status, 409);
  t.regex(again.text, /KEY_ROTATION_NOT_PERMITTED/);
  simulator.advance(3_600_000);
  const { status } = await new SdkClient(simulator, simulator.addApiKey('Manager')).call('POST', `${path}/rotate`, {});
  t.is(status, 204);
});

test.serial('enable and restore wait 30 seconds, purge waits four hours', async (t) => {
  const { simulator } = await start(t);
  const manager = () => new SdkClient(simulator, simulator.addApiKey('Manager'));
  const key = `/keys/${simulator.crk}`;
  await manager().call('POST', `${key}/actions/disable`);
  t.regex((await manager().refusal('POST', `${key}/actions/enable`)).text, /REQ_TOO_EARLY_ERR/);
  simulator.advance(30_000);
  t.is((await manager().call('POST', `${key}/actions/enable`)).status, 204);
  await manager().call('DELETE', key);
  t.regex((await manager().refusal('POST', `${key}/restore`)).text, /REQ_TOO_EARLY_ERR/);
  t.regex((await manager().refusal('DELETE', `${key}/purge`)).text, /REQ_TOO_EARLY_ERR/);
  simulator.advance(4 * 3_600_000);
  t.is((await manager().call('DELETE', `${key}/purge`)).status, 204);
  t.is((await manager().refusal('GET', `${key}/metadata`)).status, 404);
});

const behaviour: readonly (readonly [string, 1 | 2 | 3 | 5, readonly [number, number, number]])[] = [
  ['active', 1, [200, 200, 200]],
  ['suspended', 2, [409, 409, 409]],
  ['deactivated', 3, [409, 200, 200]],
  ['destroyed', 5, [410, 410, 410]],
];

for (const [name, state, statuses] of behaviour) {
  test.serial(`a root key that is ${name} answers wrap, unwrap and rewrap with ${statuses.join(', ')}`, async (t) => {
    const { simulator, reader } = await start(t);
    const path = `/keys/${simulator.crk}/actions`;
    const { result } = await reader.call('POST', `${path}/wrap`, {});
    simulator.key(simulator.crk).state = state;
    const body = { ciphertext: result['ciphertext'] };
    const answers = [
      await reader.refusal('POST', `${path}/wrap`, {}),
      await reader.refusal('POST', `${path}/unwrap`, body),
      await reader.refusal('POST', `${path}/rewrap`, body),
    ];
    t.deepEqual(
      answers.map(({ status }) => status),
      [...statuses],
    );
    t.is((await reader.call('GET', `/keys/${simulator.crk}/metadata`)).status, 200);
  });
}

test.serial('roles, instances and key rings are kept apart', async (t) => {
  const { simulator, reader } = await start(t);
  const key = `/keys/${simulator.crk}`;
  t.is((await reader.refusal('POST', `${key}/actions/disable`)).status, 401);
  const nobody = new SdkClient(simulator, simulator.addApiKey('none'));
  t.is((await nobody.refusal('GET', `${key}/metadata`)).status, 401);
  const elsewhere = new SdkClient(simulator, simulator.addApiKey('Manager', simulator.addInstance()));
  t.is((await elsewhere.refusal('GET', `${key}/metadata`)).status, 401);
  const ring = await reader.refusal('GET', `${key}/metadata`, undefined, { 'x-kms-key-ring': 'other' });
  t.is(ring.status, 404);
});

test.serial('two root keys with the same imported material open each other’s wrapped keys', async (t) => {
  const { simulator, reader } = await start(t);
  const material = randomBytes(32);
  const [one, other] = [simulator.createRootKey({ material }), simulator.createRootKey({ material })];
  const { result } = await reader.call('POST', `/keys/${one}/actions/wrap`, {});
  const opened = await reader.call('POST', `/keys/${other}/actions/unwrap`, { ciphertext: result['ciphertext'] });
  t.is(opened.result['plaintext'], result['plaintext']);
});

test.serial('lists are paged and filtered, and a manager can create keys', async (t) => {
  const { simulator, manager } = await start(t);
  for (let index = 0; index < 4; index++) simulator.createRootKey({ name: `key ${index}` });
  simulator.createStandardKey();
  simulator.delete(simulator.crk);
  const page = await manager.call('GET', '/keys?limit=3&offset=3&extractable=false');
  t.is((page.result['resources'] as unknown[]).length, 1);
  const created = await manager.call('POST', '/keys', {
    metadata: { collectionType: 'application/vnd.ibm.kms.key+json', collectionTotal: 1 },
    resources: [{ type: 'application/vnd.ibm.kms.key+json', name: 'new', extractable: false }],
  });
  t.is(created.status, 201);
});

test.serial(
  'KMIP adapters and certificates are made, shown, found by name and deleted by those with the role',
  async (t) => {
    const seen: string[] = [];
    const simulator = await startSimulator(t, {
      tls,
      onCertificate: () => seen.push('there'),
      onCertificateGone: () => seen.push('gone'),
    });
    const client = new SdkClient(simulator, simulator.addApiKey('KmipAdapterManager'));
    const body = (type: string, resource: object): Json => ({
      metadata: { collectionType: `application/vnd.ibm.kms.${type}+json`, collectionTotal: 1 },
      resources: [resource],
    });
    const adapter = { name: 'edge', profile: 'native_1.0', profile_data: { crk_id: simulator.crk } };
    t.is((await client.call('POST', '/kmip_adapters', body('kmip_adapter', adapter))).status, 201);
    const again = await client.refusal('POST', '/kmip_adapters', body('kmip_adapter', adapter));
    t.regex(again.text, /KMIP_ADAPTER_DUPLICATE_NAME_ERR/);
    const certificate = body('kmip_client_certificate', { name: 'one', certificate: tls.certPem.replaceAll('\r', '') });
    const path = '/kmip_adapters/edge/certificates';
    t.is((await client.call('POST', path, certificate)).status, 201);
    t.regex((await client.refusal('POST', path, certificate)).text, /KMIP_CERT_DUPLICATE_ERR/);
    const listed = await client.call('GET', path);
    t.notRegex(JSON.stringify(listed.result), /BEGIN CERTIFICATE/);
    t.regex(JSON.stringify((await client.call('GET', `${path}/one`)).result), /BEGIN CERTIFICATE/);
    t.is((await client.call('DELETE', `${path}/one`)).status, 204);
    t.deepEqual(seen, ['there', 'gone']);
    t.is((await client.call('GET', '/kmip_adapters/edge')).status, 200);
    t.is((await client.call('DELETE', '/kmip_adapters/edge')).status, 204);
    t.is((await client.refusal('GET', '/kmip_adapters/edge')).status, 404);
    t.is((await client.refusal('GET', `/keys/${simulator.crk}/metadata`)).status, 401);
    const writer = new SdkClient(simulator, simulator.addApiKey('Writer'));
    t.is((await writer.refusal('GET', '/kmip_adapters')).status, 403);
  },
);
