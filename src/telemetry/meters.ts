// Everything that is counted while the server runs, in one hand.

import { CallMeter, resultOf } from './call-meter.ts';
import { KmipMeter } from './kmip-meter.ts';

export class Meters {
  readonly kmip: KmipMeter = new KmipMeter();
  readonly upstreams: CallMeter = new CallMeter();
  readonly management: CallMeter = new CallMeter();

  /** A call to an upstream ended: `error` is what was thrown, if anything. */
  upstream(kind: string, call: string, error: unknown, milliseconds: number): void {
    this.upstreams.called(kind, call, resultOf(error), milliseconds);
  }
}
