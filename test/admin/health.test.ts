// What makes the appliance not ready, each cause by itself, and who may read the metrics.

import test from 'ava';
import { nobody, userActor } from '../../src/admin/actor.ts';
import { type HealthParts, healthHandlers } from '../../src/admin/health-handlers.ts';
import type { InstanceRegistry } from '../../src/instances/registry.ts';
import type { ServiceInstance } from '../../src/keys/instance-ports.ts';
import type { Store } from '../../src/keys/ports.ts';
import type { Alarm } from '../../src/telemetry/alarms.ts';
import type { Telemetry } from '../../src/telemetry/telemetry.ts';

interface Given {
  readonly listening?: boolean;
  readonly unstored?: string;
  /** Of each instance: whether it serves; `suspended` where an administrator stopped it. */
  readonly instances?: readonly (boolean | 'suspended' | 'not started')[];
  readonly alarms?: readonly Partial<Alarm>[];
}

/** Only what the probes look at: the rest of these parts is not asked. */
const handlersOf = ({ listening = true, unstored, instances = [true], alarms = [] }: Given) => {
  const registry = {
    instances: () =>
      instances.map((one, index) => ({
        name: `i${index}`,
        upstreamId: String(index),
        ...(one === 'suspended' ? { suspendedAt: 1 } : {}),
      })) as unknown as ServiceInstance[],
    startedAuthority: (upstreamId: string) =>
      instances[Number(upstreamId)] === 'not started'
        ? undefined
        : { status: () => ({ serving: instances[Number(upstreamId)] === true }) },
  } as unknown as InstanceRegistry;
  const store = { unstored: () => unstored } as Store;
  const telemetry = { alarms: () => alarms, meter: {} } as unknown as Telemetry;
  const metricParts = { calls: {}, backups: {} } as HealthParts['metricParts'];
  return healthHandlers({ registry, store, telemetry, listener: { listening }, metricParts });
};

const cases: readonly (readonly [what: string, given: Given, notReady: string | undefined])[] = [
  ['all is well', {}, undefined],
  ['there is no service instance', { instances: [] }, undefined],
  ['the KMIP port is closed', { listening: false }, 'kmip'],
  ['the last change could not be stored', { unstored: 'the data disk is full' }, 'store'],
  ['one instance of two serves', { instances: [false, true] }, undefined],
  ['no instance serves', { instances: [false, 'not started'] }, 'instances'],
  ['the only instance is suspended', { instances: ['suspended'] }, undefined],
  ['the one that is not suspended does not serve', { instances: ['suspended', false] }, 'instances'],
  ['everything is wrong', { listening: false, unstored: 'x', instances: [false] }, 'kmip, store, instances'],
];
for (const [what, given, notReady] of cases) {
  test(`where ${what}, it is ${notReady === undefined ? 'ready' : `not ready: ${notReady}`}`, (t) => {
    const handlers = handlersOf(given);
    for (const route of ['health', 'health.ready'] as const) {
      const ask = () => handlers[route]({}, nobody('192.0.2.1'));
      if (notReady === undefined) t.deepEqual(ask(), { status: 'ok' });
      else t.throws(ask, { message: `not ready: ${notReady}` });
    }
    t.deepEqual(handlers['health.live']({}, nobody('192.0.2.1')), { status: 'ok' });
  });
}

test('alarms make a warning, advice does not', (t) => {
  const statusWith = (severity: Alarm['severity']) =>
    handlersOf({ alarms: [{ severity }] }).health({}, nobody('192.0.2.1'));
  t.deepEqual(statusWith('info'), { status: 'ok' });
  t.deepEqual(statusWith('warning'), { status: 'warning' });
  t.deepEqual(statusWith('critical'), { status: 'warning' });
});

const askers = [
  ['nobody from elsewhere', nobody('192.0.2.1'), false],
  ['nobody from an address that begins like loopback', nobody('127.evil.example'), false],
  ['nobody from an unknown address', nobody(''), false],
  ['nobody from loopback', nobody('127.0.0.9'), true],
  ['nobody from loopback over IPv6', nobody('::1'), true],
  ['nobody from loopback, mapped', nobody('::ffff:127.0.0.1'), true],
  ['a token of role read-only', { kind: 'token', name: 'p', role: 'read-only', address: '192.0.2.1' }, true],
  ['who signed in', userActor('192.0.2.1'), true],
] as const;
for (const [who, actor, may] of askers) {
  test(`${who} may ${may ? '' : 'not '}read the metrics`, (t) => {
    // The parts of this test hold no numbers: whoever is let in fails on them.
    const error = t.throws(() => handlersOf({}).metrics({}, actor), { any: true }) as { readonly kind?: string };
    t.is(error.kind === 'not-authenticated', !may);
  });
}
