// Everything that is counted while the server runs, in one hand.

import { CallMeter, resultOf } from './call-meter.ts';
import { KmipMeter } from './kmip-meter.ts';

export class Meters {
  readonly kmip: KmipMeter;
  readonly upstreams: CallMeter = new CallMeter();
  readonly management: CallMeter = new CallMeter();

  /** `operations` are the KMIP operations that are offered. */
  constructor(operations: readonly string[]) {
    this.kmip = new KmipMeter(operations);
  }

  /** A call to an upstream ended: `error` is what was thrown, if anything. */
  upstream(kind: string, call: string, error: unknown, milliseconds: number): void {
    this.upstreams.called(kind, call, resultOf(error), milliseconds);
  }
}
