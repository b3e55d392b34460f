// The manual page, generated from the tree of commands and the tables of settings and errors, in the macros of man(7).

import { describeAllowed, rowOf, settingNames } from '../config/settings.ts';
import { errorKinds } from '../errors.ts';
import { allCommands, type CommandNode } from './command-tree.ts';

/** Text that roff takes as it is. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('’', '\\(cq')
    .split('\n')
    .map((line) => (/^[.']/.test(line) ? `\\&${line}` : line))
    .join('\n');

/** An argument of a macro. */
const quoted = (text: string): string => `"${plain(text).replaceAll('"', '\\(dq')}"`;
const heading = (text: string): string => `.SH ${quoted(text)}`;
const paragraph = (text: string): string => `.PP\n${plain(text)}`;
const verbatim = (text: string): string => `.PP\n.nf\n${plain(text)}\n.fi`;
/** A term and what it means, set in under it. */
const term = (name: string, ...meaning: readonly string[]): string =>
  `.TP\n.B ${plain(name)}\n${
    meaning
      .filter((line) => line !== '')
      .map(plain)
      .join('\n.br\n') || '\\&'
  }`;

const sentence = (text: string): string => (text === '' ? '' : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`);

const showCommand = ({ path, description, usage, arguments: all, options, more }: CommandNode): string =>
  [
    `.SS ${quoted(`kmip-edge ${path.join(' ')}`)}`,
    paragraph(sentence(description)),
    verbatim(usage),
    ...all.map(({ name, description }) => term(`<${name}>`, description)),
    ...options.map(({ flags, description }) => term(flags, description)),
    ...(more === '' ? [] : [verbatim(more)]),
  ].join('\n');

const exitCodes = (): string => {
  const kinds = Object.entries(errorKinds).map(([kind, { exit }]) => ({ kind, exit }));
  const codes = Map.groupBy(kinds, ({ exit }) => exit);
  return [
    term('0', 'What was asked for is done.'),
    ...[...codes]
      .toSorted(([one], [other]) => one - other)
      .map(([exit, members]) => term(String(exit), members.map(({ kind }) => kind.replaceAll('-', ' ')).join(', '))),
  ].join('\n');
};

const showSettings = (): string =>
  settingNames
    .map((name) => {
      const row = rowOf(name);
      const preset = String(row.default);
      const lines = [row.help, `It is ${describeAllowed(row)}.`, `Default: ${preset === '' ? 'none' : preset}.`];
      return term(name, ...lines, row.atOnce ? 'A change counts at once.' : '');
    })
    .join('\n');

const environment = [
  term('KMIP_EDGE_DATA', 'The data directory, where --data is not given.'),
  term('CREDENTIALS_DIRECTORY', 'Where systemd hands over the credential that opens the storage key.'),
];

const files = [
  term('kmip-edge.sqlite', 'In the data directory: keys, service instances and clients, sealed.'),
  term('storage-key.credential', 'In the data directory: what opens them, where systemd does not hand it over.'),
  term('kmip-edge.yaml', "In the data directory: the settings, as 'kmip-edge config set' changes them."),
  term('admin.sock', 'In the data directory: where the commands reach the server.'),
];

/** The page, in roff: `kmip-edge man | man -l -`. */
export const manPage = (tree: CommandNode, version: string): string =>
  [
    `.TH KMIP\\-EDGE 8 "" ${quoted(`kmip-edge ${version}`)} "System administration"`,
    heading('NAME'),
    `kmip\\-edge \\- ${plain(tree.description)}`,
    heading('SYNOPSIS'),
    '.B kmip\\-edge\n.I command\n.RI [ options ]',
    heading('DESCRIPTION'),
    paragraph(
      `kmip-edge serves keys over KMIP to VMware vCenter, vSphere and vSAN. The keys come from IBM Key Protect, from a KMIP endpoint of it, or are protected by a root key of its own; they are served on while the cloud is out of reach, as long as the offline lease allows.`,
    ),
    paragraph(
      'One command runs the server; every other one asks the running server, and prints tables for people, or JSON with --json.',
    ),
    heading('COMMANDS'),
    ...allCommands(tree)
      .filter(({ path, commands, arguments: all }) => path.length > 0 && (commands.length === 0 || all.length > 0))
      .map(showCommand),
    heading('SETTINGS'),
    showSettings(),
    heading('EXIT STATUS'),
    exitCodes(),
    heading('ENVIRONMENT'),
    ...environment,
    heading('FILES'),
    ...files,
    '',
  ].join('\n');
