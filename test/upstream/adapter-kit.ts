// What the tests of KMIP adapters share: a simulator, and an adapter that is wanted there.

import type { ExecutionContext } from 'ava';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { Secret } from '../../src/secret.ts';
import type { WantedAdapter } from '../../src/upstream/key-protect/adapter.ts';
import { makeTlsMaterial } from '../peers/key-protect/certificates.ts';
import type { KeyProtectSimulator, SimulatorOptions } from '../peers/key-protect/simulator.ts';
import { startSimulator, testTimings } from './kit.ts';

const tls = makeTlsMaterial();
export const { certPem: certificatePem, keyPem } = makeTlsMaterial();
export const otherPem = makeTlsMaterial().certPem;
export const parts = { clock: systemClock, log: silentLog, timings: testTimings };

export interface AdapterSetup {
  readonly simulator: KeyProtectSimulator;
  readonly wanted: WantedAdapter;
}

/** The API key has the role KmipAdapterManager; nothing is made yet. */
export const startAdapter = async (t: ExecutionContext, options: SimulatorOptions = {}): Promise<AdapterSetup> => {
  const simulator = await startSimulator(t, { tls, ...options });
  const { url, iamUrl, instanceId, crk, caPem } = simulator;
  const apiKey = new Secret(simulator.addApiKey('KmipAdapterManager'));
  return {
    simulator,
    wanted: { name: 'edge-1', certificatePem, url, iamUrl, instanceId, crk, caBundle: caPem, apiKey },
  };
};
