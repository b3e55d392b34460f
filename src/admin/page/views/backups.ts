// Backups: one to take away, those that are made by themselves, and what became of them.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call, fetchFile } from '../api.ts';
import { bytes, duration, moment, relative } from '../format.ts';
import { html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { breakable, save } from '../parts/copy.ts';
import { areaField, selectField } from '../parts/field.ts';
import { type FormValues, form } from '../parts/form.ts';
import { modal } from '../parts/modal.ts';
import { notification, problemNotice, sentence } from '../parts/notification.ts';
import { progress } from '../parts/progress.ts';
import { newSecretFields, readNewSecret } from '../parts/secret-fields.ts';
import { table } from '../parts/table.ts';
import { empty, facts, heading, loading, state, tile } from '../parts/tile.ts';
import { settingsDialog } from './settings.ts';

type Schedule = Output['backup.schedule'];
type Run = Schedule['runs'][number];
type Job = NonNullable<Output['backup.job']['job']>;

const locks = [
  ['passphrase', 'A passphrase'],
  ['recipients', 'Public keys of age'],
] as const;
/** As the server takes it. */
const leastPassphrase = 12;

export const Backups = (): Node => {
  const schedule = useLive('backup.schedule', {}, 5000);
  const job = useLive('backup.job', {}, 2000);
  const [dialog, setDialog] = useState<'download' | 'settings' | undefined>(undefined);
  const close = (): void => setDialog(undefined);
  const reload = async (): Promise<void> => {
    await Promise.all([schedule.reload(), job.reload()]);
  };
  return html`${heading(
    {
      title: 'Backups',
      text: 'One encrypted file holds everything: keys, service instances, clients, certificates and settings. A new appliance that is given it answers as this one does.',
    },
    button({ needs: 'backup.download', icon: 'download', onClick: () => setDialog('download') }, 'Download a backup'),
  )}
    <div class="stack">
      ${problemNotice(schedule.problem)}
      ${schedule.data?.restored && restoredNotice(schedule.data.restored)}
      ${job.data?.job?.running && running(job.data.job)}
      ${schedule.data ? made(schedule.data, job.data?.job, () => setDialog('settings'), reload) : loading('the backups')}
      ${schedule.data?.destination !== undefined && put(Placed, { last: schedule.data.lastSuccess?.name ?? '' })}
      ${schedule.data && runs(schedule.data.runs)}
    </div>
    ${dialog === 'download' && modal({ title: 'Download a backup', onClose: close }, put(DownloadForm, { onDone: close }))}
    ${dialog === 'settings' && settingsDialog({ group: 'backup', title: 'Backups that are made by themselves', onClose: close, onChanged: reload })}`;
};

const restoredNotice = ({ at, asOf }: NonNullable<Schedule['restored']>): Node =>
  notification({
    kind: 'warning',
    title: `This appliance was restored ${relative(at)}, as of ${moment(asOf)}`,
    text: 'Keys that were destroyed after that can be served again: destroy them again.',
  });

const running = ({ to, done, total }: Job): Node =>
  tile({ title: 'A backup is being made' }, progress({ label: 'Progress', done, total: Math.max(1, total), help: to }));

const made = (schedule: Schedule, job: Job | undefined, onSettings: () => void, reload: () => Promise<void>): Node => {
  const { destination, every, keep, closedBy, next, lastSuccess, keepProblem } = schedule;
  const change = button({ kind: 'tertiary', needs: 'setting.set', onClick: onSettings }, 'Set up');
  if (destination === undefined) {
    return tile(
      { title: 'Made by themselves', actions: change },
      empty(
        'No backups are made by themselves',
        'They go to a directory, such as a mounted share, or to a bucket of IBM Cloud Object Storage. Without a backup a lost disk loses every key that was made here.',
      ),
    );
  }
  const now = button(
    { needs: 'backup.now', disabled: job?.running ?? false, onClick: () => makeNow(reload) },
    'Make one now',
  );
  return tile(
    { title: 'Made by themselves', actions: html`${change}${now}` },
    facts([
      ['Destination', breakable(destination)],
      ['Every', duration(every)],
      ['Kept', keep],
      ['Closed by', closedBy],
      ['Next', next === undefined ? 'not planned' : relative(next)],
      [
        'Last good one',
        lastSuccess ? `${relative(lastSuccess.endedAt)}, ${bytes(lastSuccess.size)}` : state('warning', 'none yet'),
      ],
      ['Old ones', keepProblem === undefined ? undefined : state('warning', sentence(keepProblem))],
    ]),
  );
};

const makeNow = async (reload: () => Promise<void>): Promise<void> => {
  // A refusal is seen in the list of what became of them, or is one that is running already.
  await call('backup.now', {}).catch(() => undefined);
  announce('A backup is being made');
  await reload();
};

/** Asks the place anew when there is a new one: it may be far away. */
const Placed = ({ last }: { readonly last: string }): Node => {
  const placed = useLive('backup.list', {}, 60_000);
  const known = useRef(last);
  useEffect(() => {
    if (known.current !== last) void placed.reload();
    known.current = last;
  }, [last]);
  return tile(
    { title: 'At the destination' },
    problemNotice(placed.problem),
    placed.data
      ? table({
          caption: 'Backups at the destination',
          hideCaption: true,
          rows: placed.data,
          key: ({ name }) => name,
          none: 'There is none yet',
          columns: [
            { title: 'As of', cell: ({ createdAt }) => moment(createdAt) },
            { title: 'Name', kind: 'code', cell: ({ name }) => breakable(name) },
            { title: 'Size', kind: 'number', cell: ({ size }) => bytes(size) },
          ],
        })
      : !placed.problem && loading('what is there'),
  );
};

const runs = (rows: readonly Run[]): Node =>
  tile(
    { title: 'What became of the last ones' },
    table({
      caption: 'The last backups',
      hideCaption: true,
      rows,
      key: ({ beganAt }) => beganAt,
      none: 'None has been made yet',
      columns: [
        { title: 'Began', cell: ({ beganAt }) => moment(beganAt) },
        { title: 'Cause', cell: ({ cause }) => (cause === 'schedule' ? 'by itself' : 'asked for') },
        { title: 'Backup', kind: 'code', cell: ({ name, place }) => breakable(name === '' ? place : name) },
        {
          title: 'Result',
          cell: ({ problem, size }) =>
            problem === undefined ? state('success', bytes(size)) : state('error', sentence(problem)),
        },
      ],
    }),
  );

const DownloadForm = ({ onDone }: { readonly onDone: () => void }): Node => {
  const [lock, setLock] = useState<string>('passphrase');
  return html`<p>Whoever has the file and what opens it has every key. Keep both apart from each other, and away from the datastores that this appliance unlocks.</p>
    ${form(
      {
        submit: 'Make and download',
        onCancel: onDone,
        onSubmit: async (values) => {
          save(fileName(), await fetchFile('backup.download', lockOf(lock, values)));
          announce('The backup has been made');
          onDone();
        },
      },
      selectField({ name: 'lock', label: 'What opens it', options: locks, value: lock, onChange: setLock }),
      lock === 'passphrase'
        ? newSecretFields('Passphrase', leastPassphrase)
        : areaField({
            name: 'recipients',
            label: 'Public keys',
            rows: 3,
            help: 'One a line, each beginning with age1; each private key alone opens the file.',
          }),
    )}`;
};

const lockOf = (lock: string, values: FormValues) =>
  lock === 'passphrase'
    ? { passphrase: readNewSecret(values) }
    : {
        recipients: values
          .text('recipients')
          .split(/[\s,]+/)
          .filter((line) => line !== ''),
      };

const fileName = (): string => `kmip-edge-${new Date().toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}Z.age`;
