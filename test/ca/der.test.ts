// The reader of DER and what is built on it meet anything that a stranger may send: a value, or a refusal, never more.

import { X509Certificate } from 'node:crypto';
import test from 'ava';
import fc from 'fast-check';
import { readSigningRequest } from '../../src/ca/signing-request.ts';
import { isStrongSignature, pathLengthOf, purposesOf, x509Parts } from '../../src/ca/x509.ts';
import { childrenOf, type Der, oidOf, readDer } from '../../src/der.ts';
import { EdgeError } from '../../src/errors.ts';
import { authority, openPki, rsaKey } from '../trust/pki.ts';

/** Runs `act`; anything but a value or a refusal fails the test. */
const mayRefuse = (act: () => unknown): void => {
  try {
    act();
  } catch (error) {
    if (!(error instanceof EdgeError)) throw error;
  }
};

const walk = (value: Der, depth = 0): number => {
  if ((value.tag & 0x20) === 0 || depth > 20) return 1;
  return childrenOf(value).reduce((sum, child) => sum + walk(child, depth + 1), 1);
};

test('random bytes are read or refused', (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => mayRefuse(() => walk(readDer(Buffer.from(bytes))))),
    {
      numRuns: 2000,
    },
  );
  t.pass();
});

test('certificates and requests with bytes changed are read or refused, whole ones as openssl reads them', async (t) => {
  const pki = await openPki(t);
  const root = await pki.root({ subject: '/CN=root', extensions: authority(3, 'extendedKeyUsage=clientAuth,1.2.3') });
  const pss = await pki.root({ subject: '/CN=pss', key: rsaKey });
  const { openssl, file } = pki.bench;
  const request = await openssl('req', '-new', '-key', await file('k.pem', root.privateKey), '-subj', '/CN=a');
  const whole = x509Parts(new X509Certificate(root.certificate).raw);
  t.is(pathLengthOf(whole), 3);
  t.deepEqual(purposesOf(whole), ['1.3.6.1.5.5.7.3.2', '1.2.3']);
  t.true(isStrongSignature(whole));
  t.true(walk(readDer(new X509Certificate(pss.certificate).raw)) > 20);
  const change = fc.record({ at: fc.nat(), by: fc.integer({ min: 1, max: 255 }), cut: fc.nat({ max: 20 }) });
  const changed = (bytes: Buffer, { at, by, cut }: { at: number; by: number; cut: number }): Buffer => {
    const copy = Buffer.from(bytes.subarray(0, bytes.length - (cut > 15 ? cut : 0)));
    const index = at % copy.length;
    copy.writeUInt8(copy.readUInt8(index) ^ by, index);
    return copy;
  };
  const key = readSigningRequest(request).publicKeyPem;
  const der = Buffer.from(request.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  fc.assert(
    fc.property(change, (how) => {
      mayRefuse(() => {
        const parts = x509Parts(changed(new X509Certificate(root.certificate).raw, how));
        return [pathLengthOf(parts), purposesOf(parts), isStrongSignature(parts)];
      });
      const text = changed(der, how).toString('base64');
      const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${text}\n-----END CERTIFICATE REQUEST-----`;
      // Whatever was changed: the signature fits no more, or it was not about the key.
      mayRefuse(() => t.is(readSigningRequest(pem).publicKeyPem, key));
    }),
    { numRuns: 300 },
  );
});

const ids = {
  '2a864886f70d01010b': '1.2.840.113549.1.1.11',
  '5529': '2.5.41',
  '883703': '2.999.3',
  '2b6570': '1.3.101.112',
};
for (const [hex, dots] of Object.entries(ids)) {
  test(`the object identifier ${hex} is ${dots}`, (t) => {
    const content = Buffer.from(hex, 'hex');
    t.is(oidOf({ tag: 6, content, raw: content }), dots);
  });
}
