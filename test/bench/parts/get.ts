// Get on an open connection, and with a new handshake each, against the bare TLS server.

import { microseconds, type Part, ratioFigure } from '../bench.ts';
import { compare } from '../compare.ts';
import type { Load } from '../load-client.ts';
import { type ServerProcess, startPair } from '../pair.ts';

const getLimit = 2;
const handshakeLimit = 1.15;
const connections = 8;

const compareGets = async (
  ...[bench, load, operations, rounds]: readonly [Parameters<Part>[0], Partial<Load>, number, number]
) => {
  const { own, bare, uidFile } = await startPair(bench);
  const client = bench.loadClient();
  const side = ({ pid, ...target }: ServerProcess) => ({
    pid,
    run: (count: number) =>
      client.ask({ ...target, operation: 'Get', uidFile, order: 'in order', operations: count, ...load }),
  });
  return compare(side(own), side(bare), operations, rounds);
};

export const getOnOpenConnection: Part = async (bench) => {
  bench.progress('Get on an open connection …');
  const [operations, rounds] = bench.quick ? [15_000, 3] : [30_000, 5];
  // One after the other, as vCenter asks; and so many that the server never waits, where the least is hidden.
  const { own, bare, ratio } = await compareGets(bench, {}, operations, rounds);
  const busy = await compareGets(bench, { connections }, operations * 2, rounds);
  return [
    ratioFigure(
      `Get on ${connections} open connections at once, CPU`,
      busy.ratio.cpuMicroseconds,
      getLimit,
      microseconds(busy.own.cpuMicroseconds),
      microseconds(busy.bare.cpuMicroseconds),
    ),
    ratioFigure(
      'Get on an open connection, CPU',
      ratio.cpuMicroseconds,
      getLimit,
      microseconds(own.cpuMicroseconds),
      microseconds(bare.cpuMicroseconds),
    ),
    {
      name: 'Get on an open connection, round trip',
      measured: microseconds(own.wallMicroseconds),
      bare: microseconds(bare.wallMicroseconds),
    },
  ];
};

export const getWithHandshake: Part = async (bench) => {
  bench.progress('new handshake and Get …');
  const load = { newConnections: true };
  const { own, bare, ratio } = await compareGets(bench, load, bench.quick ? 300 : 600, bench.quick ? 3 : 7);
  return [
    ratioFigure(
      'New handshake (mutual TLS, RSA-2048) and Get, CPU',
      ratio.cpuMicroseconds,
      handshakeLimit,
      microseconds(own.cpuMicroseconds),
      microseconds(bare.cpuMicroseconds),
    ),
  ];
};
