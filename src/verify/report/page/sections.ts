/** The sections of the page, in the order in which they are read. */

import type { MatrixCell, RowRelation } from '../access-matrix.ts'
import type { Evidence, VerifiedClaim } from '../claims-of.ts'
import { commandOfCase } from '../repeat-command.ts'
import type { VerifyReport } from '../report-of.ts'
import { bar, type Figure } from './figures.ts'
import { html, type Markup, type MarkupPart } from './markup.ts'

const SHOWN_PER_CLAIM = 5
const GAP_KINDS = {
  excluded: 'left out by an option',
  unreachable: 'nothing can ask it',
} as const
const RELATIONS: readonly (readonly [RowRelation, string])[] = [
  ['own', 'own row'],
  ['other', 'row of others'],
  ['new', 'new row'],
  ['list', 'lists and related rows'],
]

/** A report and its figures. */
export interface Page {
  readonly report: VerifyReport
  readonly figure: Figure
}

/** A section: its name in the table of contents, and what it shows. */
export interface Section {
  readonly id: string
  readonly title: string
  readonly body: Markup
}

/** All sections of a report. */
export function sectionsOf(page: Page): readonly Section[] {
  const all: readonly (Section | null)[] = [
    comparison(page),
    findings(page),
    gaps(page),
    matrix(page),
    coverage(page),
    mutants(page),
    security(page),
    repeat(page),
  ]
  return all.filter((section) => section !== null)
}

function comparison({ report: { compared }, figure }: Page): Section | null {
  if (compared === null) return null
  const list = html`<ul>${compared.changed.map(({ claim, before, after }) => html`<li><b>${claim}</b>: ${before ?? 'not there'} → ${after ?? 'not there'}</li>`)}</ul>`
  return {
    id: 'compared',
    title: 'Compared with an earlier run',
    body: html`<p>${compared.with} of ${compared.startedAt.slice(0, 10)}${compared.sameDesign ? null : ', about other files of the design'}: ${figure('/compared/compared')} claims are in both.</p>${compared.changed.length === 0 ? html`<p>No verdict changed.</p>` : list}`,
  }
}

interface Found {
  readonly claim: VerifiedClaim
  readonly evidence: Evidence
  /** The place of both in the report. */
  readonly at: string
}

function findings({ report, figure }: Page): Section {
  const found = report.claims.flatMap((claim, i): readonly (readonly Found[])[] => {
    const failed = claim.evidence.flatMap((evidence, j): readonly Found[] =>
      evidence.wrong === null ? [] : [{ claim, evidence, at: `/claims/${i}/evidence/${j}` }],
    )
    return failed.length === 0 ? [] : [failed]
  })
  const body = html`${found.length === 0 ? html`<p>No case failed: ${figure('/totals/failed')} of ${figure('/totals/cases')}.</p>` : null}
${found.map((failed) => [
  failed.slice(0, SHOWN_PER_CLAIM).map((one) => finding(one, figure)),
  failed.length > SHOWN_PER_CLAIM && html`<p class="note">and more of the same claim: see report.json</p>`,
])}`
  return { id: 'findings', title: 'Findings', body }
}

function finding({ claim, evidence, at }: Found, figure: Figure): Markup {
  const { from } = claim
  return html`<article class="finding"><h3><code>${evidence.case}</code></h3>
<p>${claim.claim}</p>
<dl>
<dt>Asked</dt><dd>${evidence.caller === 'anonymous' ? 'an anonymous caller' : html`account <code>${evidence.caller}</code>`}: <code>${evidence.request}</code>${body('Body', evidence.body)}</dd>
<dt>Answer</dt><dd>${figure(`${at}/status`)}: ${evidence.wrong ?? ''}${evidence.answer === null ? null : body('Text', evidence.answer)}</dd>
<dt>Expected</dt><dd>${evidence.expected.map((_, i) => [i > 0 && ' or ', figure(`${at}/expected/${i}`)])} because ${evidence.because}</dd>
${from.rule === '' ? null : html`<dt>Rule</dt><dd><code>${from.rule}</code> ${atoms(evidence)}</dd>`}
<dt>Where</dt><dd><code>${from.file}${from.line === null ? '' : `:${from.line}`}</code> ${from.path}</dd>
<dt>Again</dt><dd><code>${commandOfCase(claim.reproduce.command, claim.id, evidence.case)}</code></dd>
<dt>Fix</dt><dd>${fixOf(claim)}</dd>
</dl></article>`
}

/** Whether one door alone differs, or the rule everywhere. */
function fixOf({ id, evidence, method }: VerifiedClaim): string {
  if (!id.startsWith('access/')) return 'Compare what is expected with what the design means. If it is right, report it with report.json.'
  const doors = new Set(evidence.filter(({ wrong }) => wrong !== null).map((one) => one.case.split('/').at(-1)))
  return doors.size < method.doors.length
    ? `It differs at ${[...doors].join(', ')}, and not at the other ways to ask (${method.doors.length} in all): a defect of Plinth or of a patch of it. Report it with report.json.`
    : 'It differs at every way to ask. Compare the rule in the design with what is meant; if the rule is right, report it with report.json.'
}

function atoms({ atoms: values }: Evidence): MarkupPart {
  return Object.entries(values).map(
    ([name, value]) => html` <span class="atom">${name} <b>${value === null ? 'unknown' : String(value)}</b></span>`,
  )
}

function body(name: string, value: unknown): Markup | null {
  if (value === null || value === undefined) return null
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 1)
  return html`<details><summary>${name}</summary><pre tabindex="0">${text}</pre></details>`
}

function gaps({ report, figure }: Page): Section {
  const undecided = report.claims.flatMap((claim, i) => (claim.result.verdict === 'undecided' ? [{ claim, i }] : []))
  const unreachable = report.claims.filter(({ unreachable: names, family }) => names.length > 0 && family !== 'mutants')
  return {
    id: 'gaps',
    title: 'Undecided, not tested, unreachable',
    body: html`${undecided.length === 0 ? html`<p>No claim is undecided.</p>` : html`<h3>Undecided</h3><ul>${undecided.map(({ claim, i }) => html`<li><b>${claim.id}</b>: ${figure(`/claims/${i}/result/reached`)} of ${figure(`/claims/${i}/denominator/reachable`)} ${claim.denominator.what}, ${figure(`/claims/${i}/denominator/open`)} open. ${listed('What is open', claim.open)}</li>`)}</ul>`}
<h3>Not tested</h3><ul>${report.notTested.map(({ what, count, why, kind }, i) => html`<li>${count === null ? null : [figure(`/notTested/${i}/count`), ' ']}<b>${what}</b>: ${why}${kind === 'missing' ? null : html` <span class="tag">${GAP_KINDS[kind]}</span>`}</li>`)}</ul>
${unreachable.length === 0 ? null : html`<h3>Unreachable</h3><p class="note">All combinations of values were tried, and none gives these conditions this value where it decides.</p><ul>${unreachable.map((claim) => html`<li><b>${claim.id}</b>: ${claim.unreachable.join(', ')}</li>`)}</ul>`}`,
  }
}

function listed(title: string, names: readonly string[]): Markup | null {
  return names.length === 0
    ? null
    : html`<details><summary>${title}</summary><ul>${names.map((name) => html`<li>${name}</li>`)}</ul></details>`
}

function matrix({ report, figure }: Page): Section | null {
  if (report.matrix.length === 0) return null
  const cells = report.matrix.map((cell, i) => ({ ...cell, i }))
  const entities = [...new Set(cells.map(({ entity }) => entity))]
  const table = (entity: string): Markup => {
    const own = cells.filter((cell) => cell.entity === entity)
    const callers = [...new Set(own.map(({ caller }) => caller))]
    const columns = RELATIONS.filter(([relation]) => own.some((cell) => cell.relation === relation))
    const operations = [...new Set(own.map(({ operation }) => operation))]
    return html`<h3>${entity}</h3><div class="scroll" tabindex="0" role="region" aria-label="Who may do what with ${entity}"><table>
<thead><tr><th scope="col">operation</th><th scope="col">caller</th>${columns.map(([, title]) => html`<th scope="col">${title}</th>`)}</tr></thead>
<tbody>${operations.flatMap((operation) =>
      callers
        .filter((caller) => own.some((cell) => cell.operation === operation && cell.caller === caller))
        .map(
          (caller) =>
            html`<tr><th scope="row">${operation}</th><th scope="row">${caller}</th>${columns.map(
              ([relation]) =>
                html`<td>${cellOf(
                  own.find((cell) => cell.operation === operation && cell.caller === caller && cell.relation === relation),
                  figure,
                )}</td>`,
            )}</tr>`,
        ),
    )}</tbody></table></div>`
  }
  const note = html`<p class="note">How many cases had to be allowed and refused. A caller may do both with one kind of row: rules also read its other fields. – is no case.</p>`
  return { id: 'access', title: 'Who may do what', body: html`${note}${entities.map(table)}` }
}

function cellOf(cell: (MatrixCell & { readonly i: number }) | undefined, figure: Figure): Markup {
  if (cell === undefined) return html`<span class="note">–</span>`
  const at = (name: string): Markup => figure(`/matrix/${cell.i}/${name}`)
  return html`<details><summary>${cell.allowed > 0 && html`<span class="yes">✓ ${at('allowed')}</span> `}${cell.refused > 0 && html`<span class="no">✕ ${at('refused')}</span> `}${cell.failed > 0 && html`<span class="bad">${at('failed')} differ</span>`}</summary><ul>${cell.cases.map((name) => html`<li><code>${name}</code></li>`)}</ul></details>`
}

function coverage({ report, figure }: Page): Section {
  const { atomValues } = report.totals
  const sums = [
    atomValues.total > 0 &&
      bar(report, figure, {
        name: 'Values of conditions',
        reached: '/totals/atomValues/reached',
        total: '/totals/atomValues/reachable',
        note: html`${figure('/totals/atomValues/total')} in all: ${figure('/totals/atomValues/impossible')} impossible, ${figure('/totals/atomValues/unreachable')} unreachable, ${figure('/totals/atomValues/open')} open`,
      }),
    report.totals.values.total > 0 &&
      bar(report, figure, { name: 'Values of fields', reached: '/totals/values/reached', total: '/totals/values/total' }),
    report.totals.families.map(
      ({ what, total }, i) =>
        total > 0 &&
        bar(report, figure, {
          name: `${what.charAt(0).toUpperCase()}${what.slice(1)}`,
          reached: `/totals/families/${i}/reached`,
          total: `/totals/families/${i}/total`,
          note: html`${figure(`/totals/families/${i}/cases`)} cases, ${figure(`/totals/families/${i}/untested`)} shown by no case`,
        }),
    ),
  ]
  const claims = report.claims.flatMap((claim, i) => (claim.family === 'mutants' ? [] : [{ claim, i }]))
  const families = Map.groupBy(claims, ({ claim }) => claim.family)
  return {
    id: 'coverage',
    title: 'Coverage',
    body: html`${sums}${[...families].map(
      ([family, own]) =>
        html`<details><summary>The claims of ${family}</summary>${own.map(({ claim, i }) => bar(report, figure, { name: html`<b>${claim.id}</b> <span class="tag ${claim.result.verdict}">${claim.result.verdict}</span>`, reached: `/claims/${i}/result/reached`, total: `/claims/${i}/denominator/reachable`, note: html`${claim.from.rule === '' ? claim.claim : html`<code>${claim.from.rule}</code>`} · ${figure(`/claims/${i}/result/cases`)} cases` }))}</details>`,
    )}`,
  }
}

function mutants({ report, figure }: Page): Section | null {
  const { mutants: score } = report
  if (score === null) return null
  const i = report.claims.findIndex(({ family }) => family === 'mutants')
  const uncaught = score.uncaught.map(
    ({ name, what, fate, why }, j) =>
      html`<li><b>${fate}</b> <code>${name}</code>: ${what}. ${why}${fate === 'survived' ? html` (${figure(`/mutants/uncaught/${j}/cases`)} cases touched it)` : null}</li>`,
  )
  return {
    id: 'mutants',
    title: 'Planted defects',
    body: html`<p>${figure('/mutants/total')} defects were planted one at a time, and the cases asked until one noticed. ${figure('/mutants/killed')} were caught, ${figure('/mutants/equivalent')} change nothing (proved by the oracle), ${figure('/mutants/survived')} survived, ${figure('/mutants/unreached')} are touched by no case, ${figure('/mutants/broken')} broke the backend, for ${figure('/mutants/left')} no time was left. Half were caught within ${figure('/mutants/casesToKill/median')} cases, nineteen of twenty within ${figure('/mutants/casesToKill/most95')}. It took ${figure('/mutants/seconds')} s.</p>
${i === -1 ? null : bar(report, figure, { name: 'Caught of those that change something', reached: `/claims/${i}/result/reached`, total: `/claims/${i}/denominator/reachable` })}
<div class="scroll" tabindex="0" role="region" aria-label="Planted defects by kind"><table><thead><tr><th scope="col">kind</th><th scope="col">caught</th><th scope="col">planted</th><th scope="col">equivalent</th><th scope="col">what it is</th></tr></thead>
<tbody>${score.kinds.map((kind, j) => html`<tr><th scope="row">${kind.kind}</th><td>${figure(`/mutants/kinds/${j}/killed`)}</td><td>${figure(`/mutants/kinds/${j}/total`)}</td><td>${figure(`/mutants/kinds/${j}/equivalent`)}</td><td>${kind.what}</td></tr>`)}</tbody></table></div>
${uncaught.length === 0 ? html`<p>None was missed.</p>` : html`<h3>Not caught</h3><ul>${uncaught}</ul>`}
<p class="note">Control: without a defect, ${figure('/mutants/control/cases')} cases were asked in the same process before and after; ${figure('/mutants/control/same')} of ${figure('/mutants/control/overHttp')} have the outcome that they have over HTTP.</p>`,
  }
}

function security({ report, figure }: Page): Section {
  const rows = report.security.map(
    (row, i) =>
      html`<tr><th scope="row">${row.class}</th><td>${row.what}</td><td>${row.owasp}</td><td><span class="tag ${row.verdict}">${row.verdict}</span></td><td>${figure(`/security/${i}/cases`)}</td><td>${figure(`/security/${i}/failed`)}</td></tr>`,
  )
  return {
    id: 'security',
    title: 'Security',
    body: html`<p class="note">Classes of faults of Web APIs, with their place in the OWASP API Security Top 10 of 2023. A class without cases is not tested, and never passed.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Classes of faults"><table><thead><tr><th scope="col">class</th><th scope="col">fault</th><th scope="col">OWASP</th><th scope="col">verdict</th><th scope="col">cases</th><th scope="col">failed</th></tr></thead><tbody>${rows}</tbody></table></div>`,
  }
}

function repeat({ report, figure }: Page): Section {
  const command = [
    'plinth verify',
    ...(report.mode === 'quick' ? ['--quick'] : []),
    ...(report.mutants === null ? [] : ['--mutants']),
    ...(report.only === null ? [] : ['--only', report.only]),
    '--seed',
    String(report.seed),
  ].join(' ')
  return {
    id: 'repeat',
    title: 'How to repeat it',
    body: html`<pre tabindex="0">${command}</pre><dl>
<dt>Design</dt><dd>${report.design.name}, <code>${report.design.file}</code>, SHA-256 <code class="long">${figure('/design/sha256')}</code></dd>
<dt>Versions</dt><dd>Plinth ${figure('/plinth')}, Node ${figure('/machine/node')}, PostgreSQL ${figure('/machine/postgres')}</dd>
<dt>Machine</dt><dd>${figure('/machine/cores')} cores, ${figure('/machine/memoryMb')} MB</dd>
<dt>Seed</dt><dd>${figure('/seed')}: the same seed asks the same cases in the same order</dd>
<dt>Begun</dt><dd>${figure('/startedAt')}, ${figure('/seconds')} s</dd></dl>`,
  }
}
