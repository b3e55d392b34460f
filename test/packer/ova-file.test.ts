// The OVA as a file: members in the order in which they are read as a stream, a manifest of all of them, a signature that
// OpenSSL verifies, and nothing there where writing fails.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type Signer, writeOva } from '../../packer/ova-file.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { selfSigned } from '../server/certificates.ts';

const contents = { 'a-system.vmdk': 'system disk', 'a-data.vmdk': 'data disk' };
const descriptor = '<Envelope/>\n';

const written = async (t: ExecutionContext, signer: (directory: string) => Promise<Signer | undefined>) => {
  const directory = temporaryDirectory(t);
  const disks = Object.entries(contents).map(([name, content]) => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  });
  const path = join(directory, 'a.ova');
  await writeOva(path, 'a', descriptor, disks, await signer(directory));
  const member = (name: string): string => execFileSync('tar', ['-x', '-O', '-f', path, name]).toString();
  const members = execFileSync('tar', ['-t', '-f', path]).toString().trim().split('\n');
  return { directory, path, members, member };
};

test('descriptor, manifest and disks lie in that order, and the manifest is of all but itself', async (t) => {
  const { members, member, path } = await written(t, async () => undefined);
  t.deepEqual(members, ['a.ovf', 'a.mf', 'a-system.vmdk', 'a-data.vmdk']);
  const row = (name: string, content: string): string =>
    `SHA256(${name})= ${createHash('sha256').update(content).digest('hex')}\n`;
  const rows = [row('a.ovf', descriptor), ...Object.entries(contents).map(([name, content]) => row(name, content))];
  t.is(member('a.mf'), rows.join(''));
  t.is(member('a-system.vmdk'), contents['a-system.vmdk']);
  const owners = execFileSync('tar', ['-t', '-v', '--numeric-owner', '-f', path]).toString().trim().split('\n');
  t.true(owners.every((line) => line.startsWith('-rw-r--r-- 0/0')));
});

test('a signed OVA carries a certificate, and OpenSSL verifies the manifest with it', async (t) => {
  const { directory, members, member } = await written(t, async (place) => {
    const { certificate, privateKey } = await selfSigned(t);
    const signer = { certificate: join(place, 'signer.pem'), key: join(place, 'signer.key') };
    writeFileSync(signer.certificate, certificate);
    writeFileSync(signer.key, privateKey, { mode: 0o600 });
    return signer;
  });
  t.deepEqual(members.slice(0, 3), ['a.ovf', 'a.mf', 'a.cert']);
  const text = member('a.cert');
  const [, signature = ''] = /^SHA256\(a\.mf\)= ([0-9a-f]+)\n-----BEGIN CERTIFICATE-----/.exec(text) ?? [];
  const file = (name: string, content: string | Buffer): string => {
    writeFileSync(join(directory, name), content);
    return join(directory, name);
  };
  const certificate = file('carried.pem', text.slice(text.indexOf('-----BEGIN')));
  const key = file('public.pem', execFileSync('openssl', ['x509', '-in', certificate, '-noout', '-pubkey']));
  const signed = file('signature', Buffer.from(signature, 'hex'));
  const verify = (manifest: string): string =>
    execFileSync('openssl', ['dgst', '-sha256', '-verify', key, '-signature', signed, file('manifest', manifest)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    }).toString();
  t.is(verify(member('a.mf')).trim(), 'Verified OK');
  t.throws(() => verify(`${member('a.mf')} `));
});

test('where a disk is missing there is no OVA', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'a.ova');
  await t.throwsAsync(writeOva(path, 'a', descriptor, [join(directory, 'none.vmdk')], undefined));
  t.false(existsSync(path));
});
