// A client that others wrote: Debian's PyKMIP, in each version of KMIP that it and we speak, against the server as a
// process of its own. Where it is not installed there is one test that says so.

import { execFile, spawnSync } from 'node:child_process';
import { createCipheriv, createHmac } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { type Daemon, startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';

const python = '/usr/bin/python3';
const script = join(import.meta.dirname, 'pykmip.py');
const installed = spawnSync(python, ['-c', 'from kmip.pie.client import ProxyKmipClient']).status === 0;

interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly result?: unknown;
  readonly reason?: string;
  readonly text?: string;
}

/** Lets PyKMIP do its round in one version. */
const runPykmip = async ({ dataDirectory, port }: Daemon, version: string): Promise<readonly Step[]> => {
  const file = (name: string): string => join(dataDirectory, 'clients', 'default', name);
  const args = [script, '127.0.0.1', `${port}`, file('client.pem'), file('client.key'), file('ca.pem'), version];
  const { stdout } = await promisify(execFile)(python, args, { timeout: 60_000 });
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Step);
};

const refused = (reason: string) => ({ ok: false, reason });
const uid = 'uid';
const done = { ok: true, result: null };

/** What each step has to give; `uid` stands for the identifier of the first key. */
const wanted: readonly (readonly [step: string, outcome: object])[] = [
  ['create', { ok: true, result: uid }],
  ['create twice', refused('INVALID_FIELD')],
  ['locate', { ok: true, result: [uid] }],
  ['activate', done],
  ['activate twice', refused('PERMISSION_DENIED')],
  ['state', { ok: true, result: { State: 'State.PRE_ACTIVE' } }],
  [
    'attributes',
    {
      ok: true,
      result: { State: 'State.ACTIVE', 'Cryptographic Length': '256', 'Object Type': 'ObjectType.SYMMETRIC_KEY' },
    },
  ],
  ['destroy while active', refused('PERMISSION_DENIED')],
  ['revoke', done],
  ['state after revoke', { ok: true, result: { State: 'State.DEACTIVATED' } }],
  ['destroy', done],
  ['get destroyed', refused('ILLEGAL_OPERATION')],
  ['get nothing', refused('ITEM_NOT_FOUND')],
  ['get registered', { ok: true, result: Buffer.from('0123456789abcdef').toString('hex') }],
  ['compromise', done],
  ['state after compromise', { ok: true, result: { State: 'State.COMPROMISED' } }],
];

/** AES-128 in CBC and HMAC-SHA256 by the key that the client brought, as OpenSSL gives them. */
const sealed = (() => {
  const key = Buffer.from('0123456789abcdef');
  const cipher = createCipheriv('aes-128-cbc', key, Buffer.from('1'.repeat(16)));
  const mac = (text: string): string => createHmac('sha256', key).update(text).digest('hex');
  return {
    sealed: Buffer.concat([cipher.update('some text'), cipher.final()]).toString('hex'),
    opened: 'some text',
    tag: mac('some text'),
    derived: mac('data').slice(0, 32),
  };
})();
/**
 * What it can do since the versions that have it. It reads no wrapped key but one in the form of a plain one, which is not
 * what KMIP 1.4 section 2.1.4 says.
 */
const further: readonly (readonly [step: string, since: string, outcome: object])[] = [
  ['pair', '1.2', { ok: true, result: { good: 'VALID', bad: 'INVALID', types: ['PublicKey', 'PrivateKey'] } }],
  ['encryption', '1.2', { ok: true, result: sealed }],
  ['others', '1.0', { ok: true, result: [true, true, true] }],
  ['administration', '1.0', { ok: true, result: { checked: true, renewed: true } }],
  ['change attributes', '1.0', { ok: true, result: false }],
];

/** What KMIP 2.0 calls some refusals. */
const later: Readonly<Record<string, string>> = {
  'create twice': 'NON_UNIQUE_NAME_ATTRIBUTE',
  'activate twice': 'WRONG_KEY_LIFECYCLE_STATE',
  'destroy while active': 'WRONG_KEY_LIFECYCLE_STATE',
  'get destroyed': 'OBJECT_DESTROYED',
  'get nothing': 'OBJECT_NOT_FOUND',
};
const inVersion = (step: string, outcome: object, version: string): object => {
  const reason = later[step];
  return version >= '2' && reason !== undefined ? refused(reason) : outcome;
};

/** The outcome of a step without its text, and with the first key's identifier by its stand-in. */
const comparable = (step: Step | undefined, first: unknown): object => {
  if (!step) return { ok: false, reason: 'not done' };
  if (!step.ok) return { ok: false, reason: step.reason };
  return { ok: true, result: JSON.parse(JSON.stringify(step.result).replaceAll(String(first), uid)) };
};

if (installed) {
  test("PyKMIP goes through a key's life in KMIP 1.0 to 1.4 and 2.0", async (t) => {
    const daemon = await startDaemon(t, temporaryDirectory(t));
    for (const version of ['1.0', '1.1', '1.2', '1.3', '1.4', '2.0']) {
      const steps = new Map((await runPykmip(daemon, version)).map((step) => [step.step, step]));
      const first = steps.get('create')?.result;
      for (const [step, outcome] of wanted)
        t.deepEqual(comparable(steps.get(step), first), inVersion(step, outcome, version), `${step} in ${version}`);
      for (const [step, since, outcome] of further) {
        if (version >= since) t.deepEqual(comparable(steps.get(step), first), outcome, `${step} in ${version}`);
      }
      t.regex(String(steps.get('get')?.result), /^[0-9a-f]{64}$/);
      t.is(steps.get('get again')?.result, steps.get('get')?.result);
      t.true(JSON.stringify(steps.get('attribute list')?.result).includes('Cryptographic Usage Mask'));
      t.true(steps.get('register')?.ok);
    }
    t.notRegex(daemon.output(), /"level":"error"/);
  });
} else {
  test('PyKMIP is not installed: skipped', (t) => {
    t.log(`apt-get install python3-pykmip gives ${python} the module kmip`);
    t.pass();
  });
}
