// The appliance itself: what runs where, the doctor, and the bundle for a supporter.

import { useState } from 'preact/hooks';
import type { Output } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call, fetchFile } from '../api.ts';
import { bytes, count, moment, plural, relative } from '../format.ts';
import { html, type Node, put } from '../html.ts';
import { useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { copyable, save } from '../parts/copy.ts';
import { notification, problemNotice, sentence } from '../parts/notification.ts';
import { table } from '../parts/table.ts';
import { facts, figure, figures, heading, loading, type State, state, tile } from '../parts/tile.ts';
import { type ProblemError, problemOf } from '../problem.ts';
import { UpdateTile } from './update.ts';

type Shown = Output['appliance.show'];
type Status = Output['status'];
type Doctor = Output['doctor.run'];
type Result = Doctor['results'][number];

export const Appliance = (): Node => {
  const appliance = useLive('appliance.show', {}, 15_000);
  const status = useLive('status', {}, 15_000);
  const problem = appliance.problem ?? status.problem;
  return html`${heading({ title: 'Appliance', text: 'What runs here, whether it is well, and what a supporter needs to know.' })}
    <div class="stack">
      ${problemNotice(problem)}
      ${appliance.data ? sizes(appliance.data) : !problem && loading()}
      ${put(UpdateTile, {})}
      ${put(DoctorTile, {})}
      ${put(BundleTile, {})}
      ${appliance.data && status.data && tile({ title: 'What runs here' }, about(appliance.data, status.data))}
    </div>`;
};

const sizes = ({ memory, disk, startedAt }: Shown): Node =>
  figures(
    tile({}, figure('Memory in use', bytes(memory.resident), `of ${bytes(memory.total)}`)),
    tile({}, figure('Free on the data disk', bytes(disk.free), `of ${bytes(disk.size)}`)),
    tile({}, figure('Database', bytes(disk.database))),
    tile({}, figure('Running for', relative(startedAt).replace(' ago', ''), `since ${moment(startedAt)}`)),
  );

const about = (appliance: Shown, { kmip, https, seal }: Status): Node =>
  facts([
    ['kmip-edge', appliance.version],
    ['Node.js, OpenSSL, SQLite', `${appliance.node}, ${appliance.openssl}, ${appliance.sqlite}`],
    ['System', `${appliance.system}, ${plural(appliance.processors, 'processor')}`],
    ['Data directory', html`<code>${appliance.dataDirectory}</code>`],
    ['KMIP', `${kmip.host} port ${kmip.port}, ${plural(kmip.connections, 'connection')}`],
    ['This page', https.state === 'on' ? `${https.host} port ${https.port}` : https.state],
    ['The storage key opens by', seal.join(', ')],
  ]);

const DoctorTile = (): Node => {
  const [found, setFound] = useState<Doctor | undefined>(undefined);
  const [problem, setProblem] = useState<ProblemError | undefined>(undefined);
  const [all, setAll] = useState(false);
  const run = async (): Promise<void> => {
    try {
      const results = await call('doctor.run', {});
      setFound(results);
      setProblem(undefined);
      announce(verdicts[results.state].title);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const actions = button({ needs: 'doctor.run', onClick: run }, found ? 'Look again' : 'Look at everything');
  return tile(
    { title: 'Doctor', actions },
    html`<p>Looks at the disk, the database, the clock, the ports, the way to every upstream, certificates and the audit trail, and says which command mends what is wrong. It takes some seconds, and nothing waits for it.</p>`,
    problemNotice(problem),
    found && results(found, all, setAll),
  );
};

const verdicts = {
  well: { kind: 'success', title: 'Everything that was looked at is well' },
  warning: { kind: 'warning', title: 'Something deserves a look' },
  problem: { kind: 'error', title: 'Something is wrong' },
} as const;

const isBad = ({ state: how }: Result): boolean => how === 'problem' || how === 'warning';

const results = (found: Doctor, all: boolean, setAll: (all: boolean) => void): Node => {
  const bad = found.results.filter(isBad);
  const shown = all ? found.results : bad;
  const { kind, title } = verdicts[found.state];
  return html`${notification({ kind, title, text: html`<p>${plural(found.results.length, 'check')}, ${count(bad.length)} not well, ${relative(found.at)}.</p>` })}
    ${shown.length > 0 && resultTable(shown)}
    <div class="actions">${button({ kind: 'ghost', small: true, onClick: () => setAll(!all) }, all ? 'Show what is not well' : 'Show all checks')}</div>`;
};

const states: Readonly<Record<Result['state'], readonly [kind: State, text: string]>> = {
  well: ['success', 'well'],
  warning: ['warning', 'warning'],
  problem: ['error', 'problem'],
  'not-checked': ['pending', 'not checked'],
};

const order: readonly Result['state'][] = ['problem', 'warning', 'not-checked', 'well'];
const rankOf = (row: Result): number => order.indexOf(row.state);

/** What is not well stands first. */
const resultTable = (rows: readonly Result[]): Node =>
  table({
    caption: 'What the doctor found',
    hideCaption: true,
    rows: rows.map((row, index) => ({ ...row, index })).toSorted((one, other) => rankOf(one) - rankOf(other)),
    key: ({ check, index }) => `${check} ${index}`,
    none: '',
    columns: [
      { title: 'State', cell: (row) => state(...states[row.state]) },
      { title: 'Check', cell: ({ check }) => check },
      { title: 'Found', cell: finding },
    ],
  });

const finding = (row: Result): Node =>
  html`<div class="stack-tight"><p>${sentence(row.what)}</p>
    ${isBad(row) && row.todo !== undefined && html`<p>${sentence(row.todo)}</p>`}
    ${isBad(row) && row.command !== undefined && copyable({ text: row.command, label: `command for ${row.check}` })}
  </div>`;

const BundleTile = (): Node => {
  const [problem, setProblem] = useState<ProblemError | undefined>(undefined);
  const make = async (): Promise<void> => {
    try {
      save(`kmip-edge-support-${new Date().toISOString().slice(0, 10)}.tar.gz`, await fetchFile('support.bundle', {}));
      setProblem(undefined);
    } catch (error) {
      setProblem(problemOf(error));
    }
  };
  const actions = button({ kind: 'tertiary', icon: 'download', needs: 'support.bundle', onClick: make }, 'Download');
  return tile(
    { title: 'Support bundle', actions },
    html`<p>One file with versions, settings, the state of everything, what the doctor finds, metrics, the last day and the last lines of the log. There are no keys, passwords, tokens or passphrases in it; it does name hosts, service instances and clients.</p>`,
    problemNotice(problem),
  );
};
