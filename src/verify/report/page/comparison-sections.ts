/** Sections about runs: what changed since an earlier one, and how to repeat this one. */

import { shellWord } from '../repeat-command.ts'
import type { VerifyReport } from '../report-of.ts'
import type { Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'
import { type Page, type Section, table } from './section.ts'

/** Which verdicts changed; null unless the run repeats another one. */
export function comparisonSection({ report: { compared }, figure }: Page): Section | null {
  if (compared === null) return null
  const changes = compared.changed.map(
    ({ claim, before, after }) => html`<li><b>${claim}</b>: ${before ?? 'not there'} → ${after ?? 'not there'}</li>`,
  )
  const { with: path, startedAt, sameDesign } = compared
  return {
    id: 'compared',
    title: 'Compared with an earlier run',
    body: html`<p>${path} of ${startedAt.slice(0, 10)}${sameDesign ? null : ', about other files of the design'}:
${figure('/compared/compared')} claims are in both.</p>
${changes.length === 0 ? html`<p>No verdict changed.</p>` : html`<ul>${changes}</ul>`}${loadsMarkup(compared, figure)}`,
  }
}

/** What requests cost then and now. */
function loadsMarkup({ loads }: NonNullable<VerifyReport['compared']>, figure: Figure): Markup | null {
  if (loads.length === 0) return null
  const rows = loads.map((one, i) => {
    const cell = (name: 'statements' | 'rowsRead' | 'cost'): Markup => {
      const at = `/compared/loads/${i}/${name}`
      return one[name] === null ? html`<td>unknown</td>` : html`<td>${figure(`${at}/before`)} → ${figure(`${at}/after`)}</td>`
    }
    const more = one.more ? html`<span class="tag fails">more</span>` : html`<span class="tag holds">no more</span>`
    return html`<tr><th scope="row"><code>${one.what}</code></th><td>${more}</td>${cell('statements')}${cell('rowsRead')}${cell('cost')}</tr>`
  })
  return html`<h3>What requests cost</h3>
<p class="note">Then → now. Statements and rows are exact. Processor time is a multiple of that of a bare <code>node:http</code> in the same run, and has no verdict, because both runs were made at different times: <code>--against-build</code> compares builds.</p>
${table('What requests cost', ['operation', 'statements and rows', 'statements', 'rows read', 'processor time'], rows)}`
}

/** The options about an environment. Its tokens are in no report. */
function againstWords({ url, callers, perSecond, writes }: NonNullable<VerifyReport['against']>): readonly string[] {
  const tokens = callers.filter((caller) => caller !== 'anonymous').flatMap((caller) => ['--token', `${shellWord(caller)}=…`])
  return ['--against', shellWord(url), ...tokens, '--rate', String(perSecond), ...(writes ? ['--allow', 'writes'] : [])]
}

/** The command, and what it ran on. */
export function repeatSection({ report, figure }: Page): Section {
  const command = [
    'plinth verify',
    shellWord(report.design.file),
    ...(report.mode === 'quick' ? ['--quick'] : []),
    ...(report.mutants === null ? [] : ['--mutants']),
    ...(report.against === null ? [] : againstWords(report.against)),
    ...(report.only === null ? [] : ['--only', shellWord(report.only)]),
    '--seed',
    String(report.seed),
  ].join(' ')
  const { name, file } = report.design
  return {
    id: 'repeat',
    title: 'How to repeat it',
    body: html`<pre tabindex="0">${command}</pre><dl>
<dt>Design</dt><dd>${name}, <code>${file}</code>, SHA-256 <code class="long">${figure('/design/sha256')}</code></dd>
<dt>Versions</dt><dd>Plinth ${figure('/plinth')}, Node ${figure('/machine/node')}, PostgreSQL ${figure('/machine/postgres')}</dd>
<dt>Machine</dt><dd>${figure('/machine/cores')} cores, ${figure('/machine/memoryMb')} MB</dd>
${report.role === null ? null : html`<dt>Database role</dt><dd>owns ${figure('/role/owns')} objects${report.role.ordinary ? ', and may only read and write rows' : html`; ${report.role.powers.join(', ')}`}</dd>`}
${report.against === null ? null : html`<dt>Environment</dt><dd><code>${report.against.url}</code>: ${figure('/against/requests')} requests, at most ${figure('/against/perSecond')} a second, as ${report.against.callers.join(', ')}; ${report.against.writes ? 'writes were allowed' : 'only reads'}. Its rows were not known.</dd>`}
<dt>Seed</dt><dd>${figure('/seed')}: the same seed asks the same cases in the same order</dd>
<dt>Begun</dt><dd>${figure('/startedAt')}, ${figure('/seconds')} s</dd></dl>`,
  }
}
