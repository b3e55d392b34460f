// Key Protect behind an HTTP proxy: everything goes through its tunnel, what is excepted does not, and a proxy that refuses
// is told from an upstream that does.

import test, { type ExecutionContext } from 'ava';
import { systemClock } from '../../src/clock.ts';
import { silentLog } from '../../src/log.ts';
import { examineTarget } from '../../src/telemetry/doctor/network.ts';
import { proxyOf } from '../../src/upstream/key-protect/http.ts';
import { keyProtectKind } from '../../src/upstream/key-protect/kind.ts';
import { refusalOf } from '../kit/refusal.ts';
import { startConnectProxy } from '../peers/proxy/connect-proxy.ts';
import { optionsFor, setUp, startSimulator } from './kit.ts';

const start = async (t: ExecutionContext) => {
  const proxy = await startConnectProxy();
  t.teardown(() => proxy.close());
  return { proxy, settings: (except: readonly string[] = []) => proxyOf(`http://127.0.0.1:${proxy.port}`, except) };
};
const hostOf = (url: string): string => new URL(url).host;

test('the token and the key come through the proxy', async (t) => {
  const { proxy, settings } = await start(t);
  const { simulator, rootKey } = await setUp(t, { proxy: settings() });
  const { material, wrapped } = await rootKey.generate(32, 'uid-1');
  t.true((await rootKey.unwrap(wrapped, 'uid-1')).material.equals(material));
  t.deepEqual([...new Set(proxy.tunnels)].sort(), [hostOf(simulator.url), hostOf(simulator.iamUrl)].sort());
});

test('a host that is excepted is reached without it', async (t) => {
  const { proxy, settings } = await start(t);
  const { rootKey } = await setUp(t, { proxy: settings(['127.0.0.1']) });
  await rootKey.generate(32, 'uid-1');
  t.deepEqual(proxy.tunnels, []);
});

test('a proxy that refuses counts as an upstream that cannot be reached, and is named', async (t) => {
  const { proxy, settings } = await start(t);
  proxy.refuse(403);
  const { rootKey } = await setUp(t, { proxy: settings(), timings: { attemptMs: 3000, totalMs: 4000, retries: 0 } });
  const error = await refusalOf(t, rootKey.generate(32, 'uid-1'), 'upstream-unreachable');
  t.regex(`${error.message} ${error.hint}`, /proxy/);
});

test('the doctor takes the same way, and says where it ends', async (t) => {
  const { proxy, settings } = await start(t);
  const simulator = await startSimulator(t);
  const kind = keyProtectKind({ clock: systemClock, log: silentLog, timings: {}, proxy: settings() });
  const { url, iamUrl, caBundle } = optionsFor(simulator);
  const [target] = kind.targets({ url, iamUrl, caBundle });
  if (!target) return void t.fail();
  const examine = () => examineTarget({ ...target, what: 'Key Protect' }, () => Date.now());
  const [well] = await examine();
  t.is(well?.state, 'well');
  t.true(proxy.tunnels.includes(hostOf(simulator.url)));
  proxy.refuse(407);
  const [refused] = await examine();
  t.is(refused?.state, 'problem');
  t.regex(refused?.what ?? '', /opens no tunnel: it answers HTTP\/1\.1 407 No/);
  proxy.close();
  const [gone] = await examine();
  t.regex(gone?.what ?? '', /^the proxy 127\.0\.0\.1 port \d+ to Key Protect .* no connection/);
});
