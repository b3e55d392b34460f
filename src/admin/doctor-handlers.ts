// The routes of the doctor and of the support bundle.

import type { Clock } from '../clock.ts';
import { type CheckResult, worstOf } from '../telemetry/doctor/result.ts';
import { boxActor } from './actor.ts';
import type { DoctorView } from './api/doctor.ts';
import type { Doctor } from './doctor.ts';
import type { Handlers } from './routes.ts';
import { type BundleParts, supportBundle } from './support-bundle.ts';

export interface DoctorHandlerParts {
  readonly doctor: Doctor;
  readonly clock: Clock;
  readonly support: Pick<BundleParts, 'settings' | 'logLines' | 'environment'>;
}

/** What the bundle is made of comes from the other handlers: what they would not tell is not in it. */
type Tellers = Pick<Handlers, 'status' | 'history' | 'metrics' | 'appliance.show'>;

/** The handlers over running parts. */
export const doctorHandlers = (
  { doctor, clock, support }: DoctorHandlerParts,
  tellers: Tellers,
): Pick<Handlers, 'doctor.run' | 'support.bundle'> => {
  const run = async (): Promise<DoctorView> => doctorView(await doctor.run(), clock.now());
  return {
    'doctor.run': run,
    'support.bundle': () =>
      supportBundle({
        ...support,
        clock,
        appliance: async () => tellers['appliance.show']({}, boxActor),
        doctor: run,
        status: async () => tellers.status({}, boxActor),
        history: async () => tellers.history({}, boxActor),
        metrics: async () => String(await tellers.metrics({}, boxActor)),
      }),
  };
};

const doctorView = (results: readonly CheckResult[], now: number): DoctorView => ({
  at: new Date(now).toISOString(),
  state: worstOf(results),
  results: results.map(({ check, state, what, todo, command }) => ({
    check,
    state,
    what,
    ...(todo === undefined ? {} : { todo }),
    ...(command === undefined ? {} : { command }),
  })),
});
