// The part of an appliance that needs root, played in the test: it finds what is asked for as systemd would, and installs it
// on a model of the disk.

import { createReadStream, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { UpdatePlaces } from '../../src/admin/update-desk.ts';
import { openBundle } from '../../src/update/bundle.ts';
import { openPlainFile } from '../../src/update/files.ts';
import { install, returnToOther } from '../../src/update/install.ts';
import { failed, progressWriter, type UpdateProgress } from '../../src/update/progress.ts';
import { takeRequest } from '../../src/update/request.ts';
import { type SystemInSlot, UpdateState } from '../../src/update/state.ts';
import { type KeyPair, pemOf } from './bundle-kit.ts';
import { ModelDisk } from './model-disk.ts';

const runs = 'the system that runs';

export class FakeRoot {
  readonly places: UpdatePlaces;
  readonly disk = new ModelDisk(Buffer.from(runs.repeat(20_000)), Buffer.alloc(400_000));
  readonly state: UpdateState;
  readonly #pair: KeyPair;
  readonly #running: SystemInSlot;
  #ended = false;

  constructor(directory: string, pair: KeyPair, running: SystemInSlot) {
    this.#pair = pair;
    this.#running = running;
    const place = (name: string): string => join(directory, name);
    this.places = {
      fromServer: place('from-server'),
      state: place('state'),
      progress: place('progress.json'),
      keys: place('key.pem'),
      unattended: place('unattended.json'),
    };
    mkdirSync(this.places.state);
    writeFileSync(this.places.keys, pemOf(pair));
    writeFileSync(this.places.progress, '{"stage":"idle"}\n');
    this.state = new UpdateState(this.places.state);
    this.disk.versionOf = (content) => this.#versionOf(content);
  }

  #versionOf(content: Buffer): string | undefined {
    if (content.includes(runs)) return this.#running.version;
    return this.state.record().slots.b?.version;
  }

  /** Looks for what is asked for until {@link end}. */
  async watch(): Promise<void> {
    while (!this.#ended) {
      await this.#look();
      await setTimeout(20);
    }
  }

  end(): void {
    this.#ended = true;
  }

  async #look(): Promise<void> {
    const { places, disk, state } = this;
    const request = takeRequest(places.fromServer, false);
    if (!request) return;
    const write = progressWriter(places.progress, () => performance.now());
    const report = (stage: UpdateProgress['stage'], done = 0, total = 0): void => write({ stage, done, total });
    const parts = { disk: disk.start(), state, running: this.#running, report };
    try {
      if (request.action === 'return') return await returnToOther(parts);
      const bytes = createReadStream('', { fd: openPlainFile(request.file) });
      await install(await openBundle(bytes as AsyncIterable<Buffer>, [this.#pair.publicKey]), parts);
    } catch (error) {
      write(failed(error, undefined));
    }
  }
}
