// An OVA is a tar archive in the order in which vSphere reads it as a stream: descriptor, manifest, the certificate that
// signs the manifest if there is one, disks.

import { execFileSync } from 'node:child_process';
import { createHash, sign, X509Certificate } from 'node:crypto';
import { createReadStream, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

/** Paths of PEM files. */
export interface Signer {
  readonly key: string;
  readonly certificate: string;
}

const sha256Of = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const bytes of createReadStream(path)) hash.update(bytes as Buffer);
  return hash.digest('hex');
};

/** The manifest of what lies at `paths`, by base name, in that order (DSP0243 1.1 section 7). */
export const manifestOf = async (paths: readonly string[]): Promise<string> => {
  const rows = [];
  for (const path of paths) rows.push(`SHA256(${basename(path)})= ${await sha256Of(path)}\n`);
  return rows.join('');
};

/** The signed digest of the manifest and the certificate that verifies it. */
const certificateFile = (name: string, manifest: string, { key, certificate }: Signer): string => {
  const pem = readFileSync(certificate, 'utf8');
  const privateKey = readFileSync(key, 'utf8');
  const signature = sign('sha256', Buffer.from(manifest), privateKey);
  const own = new X509Certificate(pem);
  return `SHA256(${name}.mf)= ${signature.toString('hex')}\n${own.toString()}`;
};

/** Writes the OVA to `path`; `disks` are files whose base names the descriptor uses. It is there whole or not at all. */
export const writeOva = async (
  path: string,
  name: string,
  descriptor: string,
  disks: readonly string[],
  signer: Signer | undefined,
): Promise<void> => {
  const stage = mkdtempSync(join(tmpdir(), 'kmip-edge-ova-'));
  try {
    const ovf = join(stage, `${name}.ovf`);
    writeFileSync(ovf, descriptor);
    const manifest = await manifestOf([ovf, ...disks]);
    writeFileSync(join(stage, `${name}.mf`), manifest);
    if (signer) writeFileSync(join(stage, `${name}.cert`), certificateFile(name, manifest, signer));
    for (const disk of disks) symlinkSync(resolve(disk), join(stage, basename(disk)));
    const members = [
      `${name}.ovf`,
      `${name}.mf`,
      ...(signer ? [`${name}.cert`] : []),
      ...disks.map((disk) => basename(disk)),
    ];
    const owner = ['--owner=root:0', '--group=root:0', '--mode=0644', '--numeric-owner'];
    execFileSync('tar', [
      '--format=ustar',
      '--dereference',
      ...owner,
      '-c',
      '-f',
      `${path}.new`,
      '-C',
      stage,
      ...members,
    ]);
    renameSync(`${path}.new`, path);
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
};
