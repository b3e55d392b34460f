// A virtual machine made from the OVA as vSphere would make one: UEFI with Secure Boot, the system disk, a data disk that is
// blank at first, and the OVF properties on a disc. Its ports are forwarded to loopback, its serial console is kept
// and can be typed at.

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export interface MachineOptions {
  /** A folder of its own; what is in it survives a power cut. */
  readonly directory: string;
  readonly ova: string;
  /** A system disk (qcow2) to start from instead of the OVA's own. */
  readonly system?: string;
  readonly properties: Readonly<Record<string, string>>;
  /** A virtual TPM, whose state stays over power cuts. */
  readonly tpm?: boolean;
  /** The data disk (qcow2) of another machine, which is copied. */
  readonly data?: string;
}

const firmware = '/usr/share/OVMF/OVMF_CODE_4M.ms.fd';
const variables = '/usr/share/OVMF/OVMF_VARS_4M.ms.fd';
/** The second network adapter, and the address that it gives itself (RFC 4291, appendix A). */
const spareMac = '52:54:00:00:00:02';
export const spareAddress = 'fe80::5054:ff:fe00:2';
/** Where a machine with QEMU's user network finds this host. */
export const hostAddress = '10.0.2.2';
/** Milliseconds from power-on to the first answer; emulation is slow. */
const patience = 600_000;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
};

const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;').replaceAll('\n', '&#10;');

const environmentOf = (properties: MachineOptions['properties']): string => {
  const rows = Object.entries(properties).map(
    ([key, value]) => `<Property oe:key="${key}" oe:value="${attribute(value)}"/>`,
  );
  const namespace = 'http://schemas.dmtf.org/ovf/environment/1';
  return `<?xml version="1.0" encoding="UTF-8"?>
<Environment xmlns="${namespace}" xmlns:oe="${namespace}"><PropertySection>${rows.join('')}</PropertySection></Environment>
`;
};

export class Machine {
  readonly #options: MachineOptions;
  /** A virtual machine keeps its own: what is sealed to it opens nowhere else. */
  readonly #uuid = randomUUID();
  #process: ChildProcess | undefined;
  #poweredOn = 0;
  kmipPort = 0;
  httpsPort = 0;
  sshPort = 0;

  constructor(options: MachineOptions) {
    this.#options = options;
  }

  /** Unpacks the OVA and makes the disks. */
  deploy(): void {
    const { directory, properties, system } = this.#options;
    mkdirSync(directory, { recursive: true });
    if (system === undefined) this.#unpack();
    else {
      copyFileSync(system, this.#file('system.qcow2'));
      execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', this.#file('data.qcow2'), '16G']);
    }
    if (this.#options.data !== undefined) copyFileSync(this.#options.data, this.dataDisk);
    copyFileSync(variables, this.#file('variables.fd'));
    mkdirSync(this.#file('disc'), { recursive: true });
    writeFileSync(this.#file('disc/ovf-env.xml'), environmentOf(properties));
    execFileSync('genisoimage', ['-quiet', '-r', '-o', this.#file('environment.iso'), this.#file('disc')]);
  }

  /** Power on; resolves with the seconds until KMIP, or the page alone, answers a TLS handshake. */
  async start(until: 'kmip' | 'page' = 'kmip'): Promise<number> {
    this.kmipPort = await freePort();
    this.httpsPort = await freePort();
    this.sshPort = await freePort();
    this.#poweredOn = performance.now();
    rmSync(this.#file('monitor'), { force: true });
    if (this.#options.tpm) await this.#startTpm();
    const child = spawn('qemu-system-x86_64', this.#arguments(), {
      stdio: ['ignore', 'ignore', openSync(this.#file('machine.log'), 'a')],
    });
    this.#process = child;
    while (performance.now() - this.#poweredOn < patience) {
      if (hasEnded(child)) throw new Error(`the machine ended with ${child.exitCode ?? child.signalCode}`);
      if (answersTls(until === 'kmip' ? this.kmipPort : this.httpsPort)) return this.secondsOn();
      await setTimeout(1000);
    }
    throw new Error(`the machine does not answer:\n${this.serial().slice(-2000)}`);
  }

  /** Its data disk, for another machine; to be read while the power is off. */
  get dataDisk(): string {
    return this.#file('data.qcow2');
  }

  /** Ends with the machine, because its connection ends. */
  async #startTpm(): Promise<void> {
    const state = this.#file('tpm');
    mkdirSync(state, { recursive: true });
    rmSync(this.#file('tpm.sock'), { force: true });
    const control = `type=unixio,path=${this.#file('tpm.sock')}`;
    spawn('swtpm', ['socket', '--tpm2', '--tpmstate', `dir=${state}`, '--ctrl', control, '--terminate'], {
      stdio: 'ignore',
    });
    for (let tries = 0; !existsSync(this.#file('tpm.sock')); tries += 1) {
      if (tries > 100) throw new Error('the TPM does not start');
      await setTimeout(50);
    }
  }

  /** Seconds since the last power-on. */
  secondsOn(): number {
    return Math.round((performance.now() - this.#poweredOn) / 1000);
  }

  /** Pulls the plug. */
  async cutPower(): Promise<void> {
    const child = this.#process;
    if (!child || hasEnded(child)) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** What the serial console showed since power-on. */
  serial(): string {
    const file = this.#file('serial.log');
    return existsSync(file) ? readFileSync(file, 'latin1') : '';
  }

  /** The far end of the serial line: what is written to it is typed. One at a time; it ends with the power. */
  async serialLine(): Promise<Socket> {
    const line = connect(this.#file('line'));
    await once(line, 'connect');
    line.on('error', () => {});
    return line;
  }

  /** A picture of the screen, as PNG. */
  async screenshot(path: string): Promise<void> {
    await this.#monitor(`screendump ${path} -f png`);
  }

  /** Presses the keys of QEMU's names one after another, such as 'f2', 'ret', 'shift-a'. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.#monitor(`sendkey ${key}`);
  }

  /** Plugs a second network adapter in, whose other end is a tap device of that name. */
  async plugNetwork(tap: string): Promise<void> {
    await this.#monitor(`netdev_add tap,id=spare,ifname=${tap},script=no,downscript=no`);
    await this.#monitor(`device_add vmxnet3,netdev=spare,bus=spare-slot,mac=${spareMac}`);
  }

  /** Plugs a further disk in: a file of raw sectors. */
  async plugDisk(file: string): Promise<void> {
    await this.#monitor(`drive_add 0 if=none,id=spare-disk,format=raw,file=${file}`);
    await this.#monitor('device_add scsi-hd,bus=scsi.0,drive=spare-disk');
  }

  /** What the power button does: the guest shuts itself down. */
  async shutDown(): Promise<void> {
    const child = this.#process;
    if (!child || hasEnded(child)) return;
    const ended = once(child, 'exit');
    await this.#monitor('system_powerdown');
    await ended;
  }

  /** Gives a command to QEMU; resolves when it is ready for the next. */
  async #monitor(command: string): Promise<string> {
    const monitor = connect(this.#file('monitor'));
    await once(monitor, 'connect');
    let shown = '';
    monitor.on('data', (chunk: Buffer) => {
      shown += chunk.toString('latin1');
    });
    const prompts = async (count: number): Promise<void> => {
      for (let tries = 0; shown.split('(qemu)').length <= count; tries += 1) {
        if (tries > 600) throw new Error(`the monitor does not answer to '${command}'`);
        await setTimeout(50);
      }
    };
    try {
      await prompts(1);
      monitor.write(`${command}\n`);
      await prompts(2);
    } finally {
      monitor.destroy();
    }
    if (/Error|unknown command/.test(shown)) throw new Error(`${command}: ${shown}`);
    return shown;
  }

  #unpack(): void {
    const { directory, ova } = this.#options;
    execFileSync('tar', ['-x', '-f', ova, '-C', directory]);
    const names = execFileSync('tar', ['-t', '-f', ova]).toString().split('\n');
    for (const disk of ['system', 'data']) {
      const image = names.find((name) => name.endsWith(`-${disk}.vmdk`));
      if (image === undefined) throw new Error(`${ova} holds no ${disk} disk`);
      const file = join(directory, image);
      execFileSync('qemu-img', ['convert', '-O', 'qcow2', file, this.#file(`${disk}.qcow2`)]);
      rmSync(file);
    }
  }

  #file(name: string): string {
    return join(this.#options.directory, name);
  }

  #arguments(): readonly string[] {
    const disk = (name: string): readonly string[] => [
      '-drive',
      `file=${this.#file(`${name}.qcow2`)},if=none,id=${name},cache=none`,
      '-device',
      `scsi-hd,bus=scsi.0,drive=${name}`,
    ];
    const flash = (unit: number, file: string, more: string): readonly string[] => [
      '-drive',
      `if=pflash,format=raw,unit=${unit},file=${file}${more}`,
    ];
    const forward = `hostfwd=tcp:127.0.0.1:${this.kmipPort}-:5696,hostfwd=tcp:127.0.0.1:${this.httpsPort}-:443,hostfwd=tcp:127.0.0.1:${this.sshPort}-:22`;
    return [
      ...[
        '-machine',
        'q35,smm=on',
        '-accel',
        'tcg,thread=multi',
        '-cpu',
        process.env['KMIP_EDGE_TEST_CPU'] ?? 'max',
        '-smp',
        '2',
        '-m',
        '2048',
        '-uuid',
        this.#uuid,
      ],
      ...['-global', 'driver=cfi.pflash01,property=secure,value=on'],
      ...flash(0, firmware, ',readonly=on'),
      ...flash(1, this.#file('variables.fd'), ''),
      ...['-device', 'virtio-scsi-pci,id=scsi', ...disk('system'), ...disk('data')],
      ...['-drive', `file=${this.#file('environment.iso')},if=none,id=disc,media=cdrom,readonly=on`],
      ...['-device', 'ide-cd,drive=disc', '-nic', `user,model=vmxnet3,${forward}`],
      ...(this.#options.tpm ? tpmArguments(this.#file('tpm.sock')) : []),
      ...['-device', 'pcie-root-port,id=spare-slot,chassis=1'],
      ...[
        '-chardev',
        `socket,id=line,server=on,wait=off,path=${this.#file('line')},logfile=${this.#file('serial.log')}`,
      ],
      ...['-display', 'none', '-serial', 'chardev:line'],
      ...['-monitor', `unix:${this.#file('monitor')},server=on,wait=off`],
    ];
  }
}

const tpmArguments = (socket: string): readonly string[] => [
  ...['-chardev', `socket,id=tpm,path=${socket}`],
  ...['-tpmdev', 'emulator,id=tpm0,chardev=tpm', '-device', 'tpm-crb,tpmdev=tpm0'],
];

/** By itself, or by a signal. */
const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null;

/** Whether a TLS server presents a certificate there, within five seconds. */
export const answersTls = (port: number): boolean => {
  try {
    const options = { input: '', timeout: 5000, stdio: ['pipe', 'pipe', 'ignore'] as ['pipe', 'pipe', 'ignore'] };
    return execFileSync('openssl', ['s_client', '-connect', `127.0.0.1:${port}`], options).includes(
      'BEGIN CERTIFICATE',
    );
  } catch {
    return false;
  }
};
