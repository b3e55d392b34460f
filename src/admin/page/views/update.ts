// The update of the appliance: which system runs, one to install, and how the last one ended.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { pieceBytes } from '../../api/updates.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { bytes, relative } from '../format.ts';
import { html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { fileField } from '../parts/field.ts';
import { form } from '../parts/form.ts';
import { confirm, modal } from '../parts/modal.ts';
import { notification, problemNotice, sentence } from '../parts/notification.ts';
import { progress } from '../parts/progress.ts';
import { facts, state, tile } from '../parts/tile.ts';
import { ProblemError } from '../problem.ts';

type View = Output['update.show'];

/** Nothing where this is not the appliance: whoever installed the service updates it. */
export const UpdateTile = (): Node | null => {
  const view = useLive('update.show', {}, 3000);
  const [dialog, setDialog] = useState<'install' | 'return' | undefined>(undefined);
  const close = (): void => setDialog(undefined);
  if (!view.data?.supported) return (view.problem && problemNotice(view.problem)) ?? null;
  const { data } = view;
  const isBusy = data.stage !== 'idle' && data.stage !== 'failed';
  const actions = html`${
    data.other !== undefined &&
    button(
      { kind: 'tertiary', needs: 'update.return', disabled: isBusy, onClick: () => setDialog('return') },
      'Go back',
    )
  }${button({ needs: 'update.apply', disabled: isBusy, onClick: () => setDialog('install') }, 'Install an update')}`;
  return html`${tile({ title: 'Update', actions }, ended(data), isBusy && work(data), about(data))}
    ${dialog === 'install' && modal({ title: 'Install an update', onClose: close }, put(InstallForm, { onDone: close, onStarted: view.reload }))}
    ${dialog === 'return' && goBack(data, close, view.reload)}`;
};

const stages: Readonly<Record<View['stage'], string>> = {
  idle: 'nothing is being installed',
  fetching: 'Fetching it',
  checking: 'Looking who signed it',
  writing: 'Writing the new system beside the one that runs',
  verifying: 'Reading back what was written',
  restarting: 'The appliance restarts into the new system',
  trying: 'The new system is being tried',
  failed: 'it was not installed',
};

const work = ({ stage, done, total }: View): Node =>
  progress({
    label: stages[stage],
    done,
    total: Math.max(1, total),
    help: stage === 'restarting' ? 'This page is back when it has started.' : 'Keys are served meanwhile.',
  });

const about = ({ version, other, next, unattended, look }: View): Node =>
  facts([
    ['Runs', `kmip-edge ${version}`],
    ['The other system', other === undefined ? 'none' : `kmip-edge ${other}`],
    ['Coming', next === undefined ? undefined : `kmip-edge ${next}`],
    ['By itself', unattended ? `daily after ${unattended.time}, from ${unattended.address}` : 'off'],
    ['Looked', unattended && (look ? `${relative(look.at)}: ${lookText(look)}` : 'not yet')],
  ]);

const lookText = ({ found, version = '', problem = 'no reason is known' }: NonNullable<View['look']>): string =>
  ({
    nothing: `nothing newer than kmip-edge ${version} lies there`,
    'given-up': `kmip-edge ${version} lies there, which was given up before`,
    taken: `kmip-edge ${version} was taken`,
    'not-now': `not done, ${problem}`,
    failed: problem,
  })[found];

const ended = ({ problem, last }: View): Node =>
  html`${problem && notification({ kind: 'error', title: 'An update could not be installed', text: sentence(problem.hint === undefined ? problem.message : `${problem.message}; ${problem.hint}`) })}
    ${last && outcome(last)}`;

const outcome = ({ kind, version, from, outcome: how, at, problem }: NonNullable<View['last']>): Node =>
  how === 'confirmed'
    ? html`<p>${state('success', kind === 'update' ? 'Updated' : 'Went back')} from ${from} to ${version}, ${relative(at)}.</p>`
    : notification({
        kind: 'warning',
        title: `kmip-edge ${version} was not well, and ${from} runs again`,
        text: `${sentence(problem ?? 'no reason is known')} That was ${relative(at)}; no key was lost.`,
      });

interface Sent {
  readonly done: number;
  readonly total: number;
}

const InstallForm = ({
  onDone,
  onStarted,
}: {
  readonly onDone: () => void;
  readonly onStarted: () => Promise<void>;
}): Node => {
  const [sent, setSent] = useState<Sent | undefined>(undefined);
  const submit = async (file: File | undefined): Promise<void> => {
    if (!file) throw new ProblemError({ kind: 'missing-data', message: 'no file was chosen' }, 0);
    try {
      await upload(file, setSent);
      await call('update.apply', {});
    } finally {
      setSent(undefined);
    }
    announce('The update is being installed');
    await onStarted();
    onDone();
  };
  return html`<p>The file is signed, and is taken only from who made this appliance. It is written beside the system that runs, and the appliance then restarts: clients are without answer for a minute or two. Where the new system is not well the old one starts again by itself, with every key.</p>
    ${form(
      {
        submit: 'Upload and install',
        onCancel: onDone,
        needs: 'update.apply',
        onSubmit: (values) => submit(values.file('bundle')),
      },
      fileField({ name: 'bundle', label: 'Update', accept: '.update', help: 'kmip-edge-VERSION.update' }),
      sent && progress({ label: 'Upload', ...sent, help: `${bytes(sent.done)} of ${bytes(sent.total)}` }),
    )}`;
};

const upload = async (file: File, onSent: (sent: Sent) => void): Promise<void> => {
  const total = file.size;
  await call('update.upload', { size: total });
  for (let offset = 0; offset < total; offset += pieceBytes) {
    onSent({ done: offset, total });
    const piece = file.slice(offset, offset + pieceBytes);
    await call('update.piece', { offset, bytes: await asBase64(piece) });
  }
  onSent({ done: total, total });
};

/** The browser's own way, which is the quick one for a million bytes. */
const asBase64 = (piece: Blob): Promise<string> =>
  new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).split(',')[1] ?? '');
    reader.onerror = () => reject(new ProblemError({ kind: 'invalid-field', message: 'the file cannot be read' }, 0));
    reader.readAsDataURL(piece);
  });

const goBack = ({ version, other }: View, onClose: () => void, onStarted: () => Promise<void>): Node =>
  confirm(
    {
      title: `Go back to kmip-edge ${other}`,
      action: 'Go back and restart',
      danger: true,
      onClose,
      onConfirm: async () => {
        await call('update.return', {});
        announce('The appliance goes back');
        await onStarted();
      },
    },
    html`<p>The appliance restarts into kmip-edge ${other}, which shows first that it is well; otherwise ${version} starts again. Keys stay as they are. It is refused where ${other} could not read the database.</p>`,
  );
