// A PKCS #12 file (.p12, .pfx) that a customer's authority gave: one private key, its certificate and often the chain.

import { createPublicKey, X509Certificate } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { EdgeError } from '../errors.ts';
import { Secret } from '../secret.ts';
import type { Pkcs12Answer, Pkcs12Task } from './pkcs12-worker.ts';
import { pemOf } from './sign.ts';

export interface Pkcs12Content {
  readonly privateKeyPem: Secret;
  readonly certificatePem: string;
  /** The other certificates, in the order of the file. */
  readonly others: readonly string[];
}

export const maximumPkcs12 = 128 * 1024;
/** Milliseconds: a file that takes longer to open was made to. */
const longestOpening = 30_000;

const refused = (problem: string, hint: string): EdgeError =>
  new EdgeError('invalid-field', `the PKCS #12 file ${problem}`, { hint });

/** Opens a file. Throws `invalid-field` for a wrong passphrase, an encryption that is not known, or more than one key. */
export const readPkcs12 = async (bytes: Buffer, passphrase: Secret): Promise<Pkcs12Content> => {
  if (bytes.length === 0 || bytes.length > maximumPkcs12) {
    throw refused(`has ${bytes.length} bytes`, `give one of at most ${maximumPkcs12} bytes`);
  }
  const answer = await inThread({ bytes, passphrase: passphrase.reveal() });
  if ('problem' in answer) throw explained(answer.problem);
  const [key, ...more] = answer.keys;
  if (key === undefined) throw refused('holds no private key', 'export the certificate together with its key');
  if (more.length > 0) throw refused(`holds ${answer.keys.length} private keys`, 'export one key with its certificate');
  const privateKeyPem = pemOf('PRIVATE KEY', Buffer.from(key, 'base64'));
  const own = createPublicKey(privateKeyPem);
  const certificates = answer.certificates.map((der) => new X509Certificate(Buffer.from(der, 'base64')));
  const certificate = certificates.find(({ publicKey }) => publicKey.equals(own));
  if (!certificate) throw refused('holds no certificate of its private key', 'export the key with its certificate');
  const others = certificates.filter((one) => one !== certificate).map(String);
  return { privateKeyPem: new Secret(privateKeyPem), certificatePem: certificate.toString(), others };
};

const inThread = (task: Pkcs12Task): Promise<Pkcs12Answer> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./pkcs12-worker.ts', import.meta.url), {
      workerData: task,
      resourceLimits: { maxOldGenerationSizeMb: 128 },
    });
    const late = setTimeout(() => {
      void worker.terminate();
      resolve({ problem: `was not open after ${longestOpening / 1000} s: its passphrase is stretched too often` });
    }, longestOpening);
    worker.once('message', (answer: Pkcs12Answer) => resolve(answer));
    worker.once('error', reject);
    worker.once('exit', () => {
      clearTimeout(late);
      resolve({ problem: 'could not be read' });
    });
  });

/** node-forge's words where they help, ours where they do not. */
const explained = (problem: string): EdgeError => {
  if (/MAC could not be verified|wrong password|Invalid password/i.test(problem)) {
    return refused('does not open with this passphrase', 'check the passphrase file');
  }
  if (/unsupported|unknown|cannot read .*algorithm|not supported/i.test(problem)) {
    return refused(
      `is encrypted in a way that cannot be read here (${problem})`,
      'RC2-40, 3DES and AES-CBC with PBKDF2 can be read; or give key and certificate as PEM: openssl pkcs12 -in FILE -nodes',
    );
  }
  return refused(`cannot be read: ${problem}`, 'give a PKCS #12 file (.p12 or .pfx)');
};
