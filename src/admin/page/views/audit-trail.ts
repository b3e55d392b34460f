// The trail as a whole: how far it goes, whether it is what the server wrote, and taking it elsewhere.

import type { Output } from '../../api/table.ts';
import { routes } from '../../api/table.ts';
import { announce } from '../announce.ts';
import { call } from '../api.ts';
import { bytes, count, plural, relative } from '../format.ts';
import { type Children, html, type Node } from '../html.ts';
import { type Live, useLive } from '../live.ts';
import { button } from '../parts/button.ts';
import { copyable, downloadButton } from '../parts/copy.ts';
import { notification, problemNotice, sentence } from '../parts/notification.ts';
import { progress } from '../parts/progress.ts';
import { facts, loading, state, tile } from '../parts/tile.ts';

type Status = Output['audit.status'];
type Verification = NonNullable<Status['verification']>;

const shownFindings = 20;

export const Trail = (): Node => {
  const status = useLive('audit.status', {}, 3000);
  return tile(
    { title: 'The trail', actions: actions(status) },
    problemNotice(status.problem),
    status.data ? about(status.data) : !status.problem && loading('the trail'),
    status.data?.verification && verificationOf(status.data.verification),
  );
};

const actions = (status: Live<Status>): Children => {
  const verify = async (): Promise<void> => {
    await call('audit.verify', {});
    announce('The trail is being verified');
    await status.reload();
  };
  return html`${button({ kind: 'tertiary', needs: 'audit.verify', disabled: status.data?.verification?.running ?? false, onClick: verify }, 'Verify')}
    ${button({ kind: 'tertiary', icon: 'download', onClick: download }, 'Export')}`;
};

/** Handed to the browser as a link: the trail may be larger than what a page can hold. */
const download = async (): Promise<void> => {
  // Signs up to now, for those who may; the export holds the checkpoints that there are in any case.
  await call('audit.checkpoint', {}).catch(() => undefined);
  const link = document.createElement('a');
  link.href = routes['audit.export'].path;
  link.download = `kmip-edge-audit-${new Date().toISOString().slice(0, 10)}.jsonl`;
  link.click();
};

const about = ({ first, last, size, fingerprint, publicKey, checkpoint }: Status): Node =>
  html`${facts([
    ['Records', `${count(first)} to ${count(last)}, ${bytes(size)}`],
    ['Signed', checkpoint ? `up to record ${count(checkpoint.sequence)}, ${relative(checkpoint.time)}` : 'not yet'],
    ['Key', copyable({ text: fingerprint, label: 'SHA-256 of the public key' })],
  ])}
  <details class="more"><summary>Prove it later</summary>
    <p>A checkpoint that is kept elsewhere proves that nothing before it was touched, even by somebody who had the whole machine. An export verifies without the appliance: <code>kmip-edge audit verify --file FILE --public-key FILE</code>.</p>
    <div class="actions">
      ${downloadButton({ name: 'audit.pem', content: publicKey }, 'Public key')}
      ${checkpoint && downloadButton({ name: `checkpoint-${checkpoint.number}.json`, content: JSON.stringify(checkpoint, undefined, 2) }, 'Last checkpoint')}
    </div>
  </details>`;

const verificationOf = ({ running, done, total, report, problem, endedAt }: Verification): Children => {
  if (running) return progress({ label: 'Verification', done, total: Math.max(1, total) });
  if (problem !== undefined) return notification({ kind: 'error', title: sentence(problem) });
  if (!report) return undefined;
  const when = endedAt === undefined ? '' : `, ${relative(endedAt)}`;
  if (report.intact) {
    return html`<p>${state('success', `Intact: ${plural(report.records, 'record')} and ${plural(report.checkpoints, 'checkpoint')} verified${when}`)}</p>`;
  }
  const more = report.found - Math.min(report.findings.length, shownFindings);
  return notification({
    kind: 'error',
    title: `The trail is not what the server wrote: ${plural(report.found, 'finding')}${when}`,
    text: html`<ul>${report.findings.slice(0, shownFindings).map(({ text }) => html`<li>${sentence(text)}</li>`)}</ul>
      ${more > 0 && html`<p>and ${count(more)} more</p>`}
      <p>Keep a copy of the data directory as it is, and compare with a backup, an export or what was forwarded.</p>`,
  });
};
