// A batch with Undo whose server is killed while it is at work: nothing of it stays.

import { setTimeout } from 'node:timers/promises';
import test from 'ava';
import { connectKmip } from '../../src/cli/kmip-client.ts';
import { attribute } from '../../src/kmip/attributes.ts';
import { BatchErrorContinuationOption, State } from '../../src/kmip/enums.ts';
import { withDatabase } from '../custody/kit.ts';
import { type Daemon, startDaemon } from '../kit/daemon.ts';
import { temporaryDirectory } from '../kit/temporary.ts';
import { attributesOf, createKey, item, keyBytes, send } from './exchange.ts';
import { makingPair } from './requests.ts';

const connect = ({ port, client }: Daemon) => connectKmip({ host: '127.0.0.1', port, ...client });

test('kill -9 in the middle of it: what it destroyed is there, what it made is not', async (t) => {
  const directory = temporaryDirectory(t);
  const daemon = await startDaemon(t, directory);
  const client = await connect(daemon);
  const [destroyed, activated] = [await createKey(client), await createKey(client)];
  const bytes = await keyBytes(client, destroyed);
  const header = { BatchErrorContinuationOption: BatchErrorContinuationOption.Undo };
  const items = [
    item('Destroy', { UniqueIdentifier: destroyed }),
    item('Activate', { UniqueIdentifier: activated }),
    ...Array.from({ length: 60 }, () => makingPair(2048)),
  ];
  const cut = t.throwsAsync(send(client, items, header));
  const other = await connect(daemon);
  const isUnderWay = async (): Promise<boolean> => {
    const { UniqueIdentifier: found } = await other.request('Locate', { Attribute: [attribute('Object Type', 4)] });
    return found.length > 0;
  };
  while (!(await isUnderWay())) await setTimeout(10);
  t.is((await attributesOf(other, destroyed, ['State']))[0]?.AttributeValue?.value, State.Destroyed);
  await daemon.end('SIGKILL');
  await cut;
  // Until there is a newer object.
  const refuse = (last: unknown) =>
    `CREATE TRIGGER refuse BEFORE DELETE ON undecided WHEN (SELECT max(id) FROM object) <= ${last}
     BEGIN SELECT RAISE(ABORT, 'not now'); END`;
  withDatabase(directory, (database) =>
    database.exec(refuse(database.prepare('SELECT max(id) FROM object').pluck().get())),
  );
  const again = await connect(await startDaemon(t, directory));
  t.is((await keyBytes(again, activated)).length, 32, 'keys are served where it cannot be undone yet');
  const another = await createKey(again);
  const state = async () => (await attributesOf(again, destroyed, ['State']))[0]?.AttributeValue?.value;
  while ((await state()) === State.Destroyed) await setTimeout(100);
  t.deepEqual(await keyBytes(again, destroyed), bytes);
  t.is((await attributesOf(again, activated, ['State']))[0]?.AttributeValue?.value, State.PreActive);
  const { UniqueIdentifier: all } = await again.request('Locate', { Attribute: [] });
  t.deepEqual(all, [destroyed, activated, another]);
});
