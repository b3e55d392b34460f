// Roots that vouch for clients, such as vCenter's root CA, and whom each may vouch for.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { html, type Node, put } from '../html.ts';
import { button } from '../parts/button.ts';
import { breakable } from '../parts/copy.ts';
import { form } from '../parts/form.ts';
import { confirm, modal } from '../parts/modal.ts';
import { table } from '../parts/table.ts';
import { facts, tile } from '../parts/tile.ts';
import { readVouched, vouchedFields } from './trust-client.ts';
import { until } from './trust-server.ts';

type Root = Output['root.list'][number];

interface Props {
  readonly roots: readonly Root[];
  readonly reload: () => Promise<void>;
}

export const TrustedRoots = ({ roots, reload }: Props): Node | null =>
  roots.length === 0
    ? null
    : html`<div class="stack">${roots.map((root) => put(TrustedRoot, { key: `${root.instance} ${root.name}`, root, reload }))}</div>`;

type Entry = { readonly subject: string } | { readonly key: string };
type Asked =
  | { readonly act: 'allow' }
  | { readonly act: 'remove' }
  | { readonly act: 'disallow'; readonly entry: Entry };

const textOf = (entry: Entry): string => ('subject' in entry ? entry.subject : entry.key);

const TrustedRoot = ({ root, reload }: { readonly root: Root; readonly reload: () => Promise<void> }): Node => {
  const [asked, setAsked] = useState<Asked | undefined>(undefined);
  const close = (): void => setAsked(undefined);
  const entries: readonly Entry[] = [
    ...root.subjects.map((subject) => ({ subject })),
    ...root.keyFingerprints.map((key) => ({ key })),
  ];
  const actions = [
    button(
      {
        needs: 'root.allow',
        kind: 'tertiary',
        label: `Add clients to ${root.name}`,
        onClick: () => setAsked({ act: 'allow' }),
      },
      'Add clients',
    ),
    button(
      {
        needs: 'root.remove',
        kind: 'danger',
        label: `Remove root ${root.name}`,
        onClick: () => setAsked({ act: 'remove' }),
      },
      'Remove',
    ),
  ];
  return tile(
    { title: `Root ${root.name} of ${root.instance}`, actions },
    facts([
      ['Subject', root.subject],
      ['SHA-256', html`<code>${breakable(root.sha256)}</code>`],
      ['Valid until', until(root)],
      [
        'Through',
        root.intermediates.length > 0 ? root.intermediates.map(({ subject }) => subject).join(' → ') : undefined,
      ],
    ]),
    table({
      caption: `Whom ${root.name} vouches for`,
      rows: entries,
      key: textOf,
      none: 'Nobody',
      columns: [
        {
          title: 'Client',
          cell: (entry) =>
            'subject' in entry ? breakable(entry.subject) : html`<div>key <code>${breakable(entry.key)}</code></div>`,
        },
        {
          title: 'Actions',
          kind: 'actions',
          cell: (entry) =>
            button(
              {
                needs: 'root.disallow',
                kind: 'ghost',
                small: true,
                label: `Take off ${textOf(entry)}`,
                onClick: () => setAsked({ act: 'disallow', entry }),
              },
              'Take off',
            ),
        },
      ],
    }),
    asked && dialog(asked, root, reload, close),
  );
};

const dialog = (asked: Asked, { instance, name }: Root, reload: () => Promise<void>, onClose: () => void): Node => {
  if (asked.act === 'allow') {
    return modal(
      { title: `Add clients to ${name}`, onClose },
      form(
        {
          submit: 'Add them',
          onCancel: onClose,
          done: 'They are admitted now',
          onSubmit: async (values) => {
            await call('root.allow', { instance, name, intermediates: undefined, ...readVouched(values) });
            onClose();
            await reload();
          },
        },
        vouchedFields(),
      ),
    );
  }
  if (asked.act === 'remove') {
    return confirm(
      {
        title: `Remove root ${name} of ${instance}?`,
        action: 'Remove the root',
        danger: true,
        typed: name,
        onClose,
        onConfirm: async () => {
          await call('root.remove', { instance, name });
          announce(`Root ${name} vouches for nobody any more`);
          await reload();
        },
      },
      html`<p>All its clients are cut off at once. The keys stay with the service instance.</p>`,
    );
  }
  const { entry } = asked;
  return confirm(
    {
      title: 'Take it off the list?',
      action: 'Take it off',
      danger: true,
      onClose,
      onConfirm: async () => {
        const lists = 'subject' in entry ? { subjects: [entry.subject] } : { keyFingerprints: [entry.key] };
        await call('root.disallow', { instance, name, subjects: undefined, keyFingerprints: undefined, ...lists });
        announce('It has no access any more');
        await reload();
      },
    },
    html`<p>${breakable(textOf(entry))} is cut off at once.</p>`,
  );
};
