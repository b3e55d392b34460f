// A KMIP endpoint as upstream: what a cached Get costs beside one in front of Key Protect, what forwarding a Create costs
// us, and how often the endpoint is asked when every host wants the same key at once.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Figure, microseconds, number, type Part } from '../bench.ts';
import { compare, figureOf, measureAlone, type Side } from '../compare.ts';
import { Exchange } from '../exchange.ts';
import { checkAnswer, getRequest } from '../messages.ts';
import { createKey, getOnce, type ServerProcess } from '../pair.ts';
import { type OnEndpoint, onEndpoint, onKeyProtect } from '../upstreams.ts';

const getLimit = 1.1;
/** Microseconds. */
const createLimit = 300;
const creators = 32;
const hosts = 1000;

interface Counts {
  readonly received: { readonly Get: number };
}

/** The endpoint's key, asked for by so many hosts at once when nobody here has seen it. */
const storm = async (endpoint: OnEndpoint): Promise<Figure> => {
  const uid = await endpoint.tell('make');
  const gets = async (): Promise<number> => (JSON.parse(await endpoint.tell('counts')) as Counts).received.Get;
  const exchanges: Exchange[] = [];
  while (exchanges.length < hosts) {
    const open = () => Exchange.open(endpoint.port, endpoint.client);
    exchanges.push(...(await Promise.all(Array.from({ length: Math.min(50, hosts - exchanges.length) }, open))));
  }
  const before = await gets();
  for (const answer of await Promise.all(exchanges.map((one) => one.send(getRequest(uid))))) checkAnswer(answer, 1);
  const asked = (await gets()) - before;
  for (const one of exchanges) one.close();
  const name = `${number(hosts)} hosts ask for one key that is not held: Gets at the endpoint`;
  return { name, measured: String(asked), target: '1', ofTarget: asked };
};

export const regional: Part = async (bench) => {
  bench.progress('a KMIP endpoint as upstream …');
  const [cloudDaemon, daemon] = [await bench.daemon(bench.directory()), await bench.daemon(bench.directory())];
  const [cloud, endpoint] = [await onKeyProtect(bench, cloudDaemon), await onEndpoint(bench, daemon)];
  const load = bench.loadClient();
  const getting = async ({ pid, ...target }: ServerProcess, name: string): Promise<Side> => {
    const uid = await createKey(target);
    await getOnce(target, uid);
    const uidFile = join(daemon.dataDirectory, `bench-uid-${name}`);
    writeFileSync(uidFile, uid);
    return {
      pid,
      run: (operations) => load.ask({ ...target, operation: 'Get', uidFile, order: 'in order', operations }),
    };
  };
  const gets = await compare(bench.pace, await getting(endpoint, 'endpoint'), await getting(cloud, 'cloud'));
  const { pid, port, client } = endpoint;
  const creates = await measureAlone(bench.pace, {
    pid,
    run: (operations) => load.ask({ port, client, operation: 'Create', operations, connections: creators }),
  });
  // One address may have no more connections than a site has hosts.
  load.end();
  return [
    figureOf('Get of a fresh key at a KMIP endpoint, CPU (bare: Key Protect)', 'cpuMicroseconds', gets, getLimit),
    {
      name: `Create forwarded to a KMIP endpoint, ${creators} clients, our CPU`,
      measured: microseconds(creates.cpuMicroseconds),
      target: `≤ ${createLimit} µs`,
      ofTarget: creates.cpuMicroseconds / createLimit,
    },
    await storm(endpoint),
  ];
};
