// The routes about updates of the appliance.

import { isBusy } from '../update/progress.ts';
import { otherSlot } from '../update/slots.ts';
import type { RouteName } from './api/table.ts';
import type { UpdateView } from './api/updates.ts';
import type { Handlers } from './routes.ts';
import type { UpdateDesk } from './update-desk.ts';

type UpdateHandlers = Pick<Handlers, Extract<RouteName, `update.${string}`>>;

export const updateHandlers = (desk: UpdateDesk, version: string): UpdateHandlers => ({
  'update.show': () => updateView(desk, version),
  'update.upload': ({ size }) => desk.begin(size),
  'update.piece': ({ offset, bytes }) => desk.take(offset, Buffer.from(bytes, 'base64')),
  'update.apply': async () => {
    await desk.apply();
    return updateView(desk, version);
  },
  'update.return': async () => {
    await desk.return();
    return updateView(desk, version);
  },
});

const updateView = (desk: UpdateDesk, version: string): UpdateView => {
  const { progress, record, upload, unattended, look } = desk;
  const { stage = 'idle', done = 0, total = 0, version: next, problem } = progress ?? {};
  const { running, slots, last } = record;
  const other = running && slots[otherSlot(running)];
  return {
    supported: progress !== undefined,
    version,
    stage,
    done,
    total,
    ...(other && !(progress && isBusy(progress)) ? { other: other.version } : {}),
    ...(upload ? { upload } : {}),
    ...(next === undefined ? {} : { next }),
    ...(problem ? { problem: problemView(problem) } : {}),
    ...(last ? { last: lastView(last) } : {}),
    ...(unattended ? { unattended } : {}),
    ...(unattended && look ? { look: lookView(look) } : {}),
  };
};

type Problem = NonNullable<NonNullable<UpdateDesk['progress']>['problem']>;

const problemView = ({ kind, message, hint }: Problem): NonNullable<UpdateView['problem']> =>
  hint === undefined ? { kind, message } : { kind, message, hint };

type Last = NonNullable<UpdateDesk['record']['last']>;

const lastView = ({ problem, ...last }: Last): NonNullable<UpdateView['last']> =>
  problem === undefined ? last : { ...last, problem };

type LookView = NonNullable<UpdateView['look']>;

const lookView = ({ at, found, version, problem, failingSince }: NonNullable<UpdateDesk['look']>): LookView => ({
  at,
  found,
  ...(version === undefined ? {} : { version }),
  ...(problem === undefined ? {} : { problem }),
  ...(failingSince === undefined ? {} : { failingSince }),
});
