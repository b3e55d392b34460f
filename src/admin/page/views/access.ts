// Who may ask: the administrator's password, and tokens for automation.

import { useState } from 'preact/hooks';
import type { Input, Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { moment, relative } from '../format.ts';
import { html, type Node, put } from '../html.ts';
import { type Live, useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { copyable } from '../parts/copy.ts';
import { namePattern, selectField, textField } from '../parts/field.ts';
import { form } from '../parts/form.ts';
import { confirm, modal } from '../parts/modal.ts';
import { notification, problemNotice } from '../parts/notification.ts';
import { newSecretFields, readNewSecret } from '../parts/secret-fields.ts';
import { table } from '../parts/table.ts';
import { heading, loading, state, tag, tile } from '../parts/tile.ts';

type Token = Output['token.list'][number];
type NewToken = Output['token.create'];
type TokenRole = Input['token.create']['role'];

const day = 86_400_000;
const lifetimes = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', '1 year'],
  ['1825', '5 years'],
] as const;
const tokenRoles = [
  ['read-only', 'read-only: sees everything but secrets'],
  ['operator', 'operator: day-to-day work'],
  ['administrator', 'administrator: everything'],
] as const;

export const Access = (): Node => {
  const tokens = useLive('token.list', {}, 15_000);
  return html`${heading({ title: 'Access', text: 'Who may ask the management API, and this page.' })}
    <div class="stack">
      ${problemNotice(tokens.problem)}
      ${put(Tokens, { tokens })}
      ${tile({ title: 'Administrator password' }, password())}
    </div>`;
};

const password = (): Node =>
  html`<p>At least 12 characters. Every session ends when it changes, this one too.</p>
  ${form(
    {
      submit: 'Change the password',
      needs: 'password.set',
      onSubmit: async (values) => {
        const wanted = readNewSecret(values);
        await call('password.set', { current: values.raw('current'), password: wanted });
        // Asked by nobody now: that leads to the sign-in.
        await call('session.show', {}).catch(() => undefined);
      },
    },
    textField({
      name: 'current',
      label: 'Current password',
      type: 'password',
      autocomplete: 'current-password',
      maxLength: 1024,
    }),
    newSecretFields('New password', 12),
  )}`;

type Dialog = { readonly kind: 'new' } | { readonly kind: 'revoke'; readonly token: Token };

const Tokens = ({ tokens }: { readonly tokens: Live<Output['token.list']> }): Node => {
  const [dialog, setDialog] = useState<Dialog | undefined>(undefined);
  const [made, setMade] = useState<NewToken | undefined>(undefined);
  const close = (): void => setDialog(undefined);
  const onMade = (token: NewToken): void => {
    setMade(token);
    close();
    void tokens.reload();
  };
  const add = button({ needs: 'token.create', icon: 'add', onClick: () => setDialog({ kind: 'new' }) }, 'New token');
  return tile(
    { title: 'API tokens', actions: add },
    html`<p>A program sends its token as <code>Authorization: Bearer kme_…</code>. What may be asked is described at <a href="/v1/openapi.json">/v1/openapi.json</a>.</p>`,
    made && tokenMade(made, () => setMade(undefined)),
    tokens.data ? tokenTable(tokens.data, (token) => setDialog({ kind: 'revoke', token })) : loading('the tokens'),
    dialog?.kind === 'new' && modal({ title: 'New token', onClose: close }, tokenForm(onMade, close)),
    dialog?.kind === 'revoke' && revoke(dialog.token, tokens, close),
  );
};

const tokenMade = ({ name, token }: NewToken, onClose: () => void): Node =>
  notification(
    {
      kind: 'success',
      title: `The token ${name} has been made`,
      text: 'It is shown this once and not kept here: copy it now.',
      spoken: true,
      onClose,
    },
    copyable({ text: token, label: 'token' }),
  );

const tokenTable = (rows: readonly Token[], onRevoke: (token: Token) => void): Node =>
  table({
    caption: 'API tokens',
    hideCaption: true,
    rows,
    key: ({ name }) => name,
    none: 'There are no tokens',
    noneText: 'People sign in with the password; a token is for a program.',
    columns: [
      { title: 'Name', cell: ({ name }) => name },
      { title: 'Role', cell: ({ role }) => tag(role, role === 'administrator' ? 'red' : 'plain') },
      { title: 'Made', cell: ({ createdAt, createdBy }) => `${moment(createdAt)} by ${createdBy}` },
      { title: 'Last used', cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? 'never' : relative(lastUsedAt)) },
      {
        title: 'Ends',
        cell: (token) => (token.state === 'ended' ? state('error', 'ended') : relative(token.expiresAt)),
      },
      {
        title: 'Actions',
        kind: 'actions',
        cell: (token) =>
          button(
            {
              kind: 'ghost',
              small: true,
              needs: 'token.revoke',
              label: `Revoke ${token.name}`,
              onClick: () => onRevoke(token),
            },
            'Revoke',
          ),
      },
    ],
  });

const tokenForm = (onMade: (token: NewToken) => void, onCancel: () => void): Node =>
  form(
    {
      submit: 'Make the token',
      onCancel,
      onSubmit: async (values) =>
        onMade(
          await call('token.create', {
            name: values.text('name'),
            role: values.text('role') as TokenRole,
            lifetime: values.number('days') * day,
          }),
        ),
    },
    textField({
      name: 'name',
      label: 'Name',
      pattern: namePattern,
      help: 'What uses it, such as monitoring.',
      focus: true,
    }),
    selectField({ name: 'role', label: 'Role', options: tokenRoles, value: 'read-only' }),
    selectField({ name: 'days', label: 'Lifetime', options: lifetimes, value: '90' }),
  );

const revoke = ({ name }: Token, tokens: Live<Output['token.list']>, onClose: () => void): Node =>
  confirm(
    {
      title: `Revoke ${name}?`,
      action: 'Revoke the token',
      danger: true,
      onClose,
      onConfirm: async () => {
        await call('token.revoke', { name });
        announce(`The token ${name} has been revoked`);
        await tokens.reload();
      },
    },
    html`<p>Whatever uses it is refused from the next request on. It cannot be brought back; a new one can be made.</p>`,
  );
