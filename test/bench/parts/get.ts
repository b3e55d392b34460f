// Get on an open connection, and with a new handshake each, against the bare TLS server.

import type { Bench, Part } from '../bench.ts';
import { type Comparison, compare, figureOf, type Side } from '../compare.ts';
import type { Load } from '../load-client.ts';
import { type ServerProcess, startPair } from '../pair.ts';

const getLimit = 2;
const handshakeLimit = 1.15;
const connections = 8;

/** Starts the pair; what it gives compares the two under a load. */
const openPair = async (bench: Bench): Promise<(load: Partial<Load>) => Promise<Comparison>> => {
  const { own, bare, uidFile } = await startPair(bench);
  const client = bench.loadClient();
  return (load) => {
    const side = ({ pid, ...target }: ServerProcess): Side => ({
      pid,
      run: (operations) => client.ask({ ...target, operation: 'Get', uidFile, order: 'in order', operations, ...load }),
    });
    return compare(bench.pace, side(own), side(bare));
  };
};

export const getOnOpenConnection: Part = async (bench) => {
  bench.progress('Get on an open connection …');
  const compareGets = await openPair(bench);
  // So many that the server never waits, where the least is hidden; and one after the other, as vCenter asks.
  const busy = await compareGets({ connections });
  const one = await compareGets({});
  return [
    figureOf('Get on an open connection, CPU', 'cpuMicroseconds', one, getLimit),
    figureOf('Get on an open connection, round trip', 'wallMicroseconds', one),
    figureOf(`Get on ${connections} open connections at once, CPU`, 'cpuMicroseconds', busy),
  ];
};

export const getWithHandshake: Part = async (bench) => {
  bench.progress('new handshake and Get …');
  const compareGets = await openPair(bench);
  const compared = await compareGets({ newConnections: true });
  return [figureOf('New handshake (mutual TLS, RSA-2048) and Get, CPU', 'cpuMicroseconds', compared, handshakeLimit)];
};
