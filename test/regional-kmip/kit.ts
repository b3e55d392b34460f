// What these tests share: a simulator and an endpoint that end with the test, and a key to ask for.

import type { ExecutionContext } from 'ava';
import { systemClock } from '../../src/clock.ts';
import type { EndpointKey } from '../../src/keys/upstream-ports.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import {
  createRegionalEndpoint,
  type RegionalEndpoint,
  type RegionalOptions,
} from '../../src/upstream/regional-kmip/endpoint.ts';
import type { Timings } from '../../src/upstream/regional-kmip/timings.ts';
import { pinTrust } from '../../src/upstream/regional-kmip/trust.ts';
import { type Credentials, makeClient, makeServerTls, type ServerTls } from '../peers/regional-kmip/certificates.ts';
import {
  type RegionalSimulator,
  type RegionalSimulatorOptions,
  startRegionalSimulator,
} from '../peers/regional-kmip/simulator.ts';

/** Short where tests wait for it, long where a busy machine may need it. */
export const testTimings: Partial<Timings> = {
  connectMs: 3_000,
  requestMs: 3_000,
  totalMs: 8_000,
  backoffMs: 5,
  backoffMaximumMs: 50,
  healthMs: 50,
};

let made: { readonly tls: ServerTls; readonly client: Credentials } | undefined;

/** Certificates once for each test file: signing them takes longer than most tests. */
const shared = () => {
  made ??= { tls: makeServerTls(), client: makeClient() };
  return made;
};

export const startSimulator = async (
  t: ExecutionContext,
  options: RegionalSimulatorOptions = {},
): Promise<RegionalSimulator> => {
  const simulator = await startRegionalSimulator({ ...shared(), ...options });
  t.teardown(() => simulator.close());
  return simulator;
};

/** Options that reach the simulator, pinned. */
export const optionsFor = (simulator: RegionalSimulator, changes: Partial<RegionalOptions> = {}): RegionalOptions => ({
  addresses: [{ host: simulator.host, port: simulator.port }],
  trust: pinTrust([simulator.fingerprint.sha256]),
  identity: {
    certificate: simulator.client.certificatePem,
    privateKey: new Secret(simulator.client.privateKeyPem),
  },
  clock: systemClock,
  log: silentLog,
  ...changes,
  timings: { ...testTimings, ...changes.timings },
});

/** An endpoint that ends with the test. */
export const connectTo = (
  t: ExecutionContext,
  simulator: RegionalSimulator,
  changes: Partial<RegionalOptions> = {},
): RegionalEndpoint => {
  const endpoint = createRegionalEndpoint(optionsFor(simulator, changes));
  // our clock's timers alone do not keep a process alive, and while everything is cut there is nothing else
  const alive = setInterval(() => {}, 1_000);
  t.teardown(() => {
    clearInterval(alive);
    return endpoint.close();
  });
  return endpoint;
};

export interface Setup {
  readonly simulator: RegionalSimulator;
  readonly endpoint: RegionalEndpoint;
}

export const setUp = async (t: ExecutionContext, changes: Partial<RegionalOptions> = {}): Promise<Setup> => {
  const simulator = await startSimulator(t);
  return { simulator, endpoint: connectTo(t, simulator, changes) };
};

/** AES-256 for encryption and decryption. */
export const aes: EndpointKey = {
  cryptographicAlgorithm: 3,
  cryptographicLength: 256,
  cryptographicUsageMask: 12,
  attributes: [],
};

let markers = 0;
export const newMarker = (): string => `test-marker-${++markers}`;

/** Waits until a probe succeeds, however impatient the endpoint is set: after the fault there is service. */
export const answersAgain = async (endpoint: RegionalEndpoint): Promise<void> => {
  const end = performance.now() + 10_000;
  for (;;) {
    try {
      await endpoint.probe();
      return;
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
};
