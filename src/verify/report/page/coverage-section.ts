/** The section of coverage: bars with their denominators. */

import type { VerifiedClaim } from '../claims-of.ts'
import { bar } from './figures.ts'
import { html, type Markup } from './markup.ts'
import type { Page, Section } from './section.ts'

/** The sums, and every claim behind them. */
export function coverageSection(page: Page): Section {
  const claims = page.report.claims.flatMap((claim, i) => (claim.family === 'mutants' ? [] : [{ claim, i }]))
  const families = [...Map.groupBy(claims, ({ claim }) => claim.family)].map(
    ([family, own]) =>
      html`<details><summary>The claims of ${family}</summary>${own.map(({ claim, i }) => claimBar(page, claim, i))}</details>`,
  )
  return { id: 'coverage', title: 'Coverage', body: html`${sums(page)}${families}` }
}

function sums({ report, figure }: Page): readonly (Markup | false)[] {
  const { atomValues, values, families } = report.totals
  const atoms = (name: string): Markup => html`${figure(`/totals/atomValues/${name}`)} ${name}`
  return [
    atomValues.total > 0 &&
      bar(report, figure, {
        name: 'Values of conditions',
        reached: '/totals/atomValues/reached',
        total: '/totals/atomValues/reachable',
        note: html`${figure('/totals/atomValues/total')} in all: ${atoms('impossible')}, ${atoms('unreachable')}, ${atoms('open')}`,
      }),
    values.total > 0 && bar(report, figure, { name: 'Values of fields', reached: '/totals/values/reached', total: '/totals/values/total' }),
    ...families.map(
      ({ what, total, cases, untested }, i) =>
        total > 0 &&
        bar(report, figure, {
          name: `${what.charAt(0).toUpperCase()}${what.slice(1)}`,
          reached: `/totals/families/${i}/reached`,
          total: `/totals/families/${i}/total`,
          note: [
            html`${figure(`/totals/families/${i}/cases`)} ${cases === 1 ? 'case' : 'cases'}`,
            untested > 0 && html`, ${figure(`/totals/families/${i}/untested`)} not tested`,
          ],
        }),
    ),
  ]
}

function claimBar({ report, figure }: Page, { id, claim, from, result }: VerifiedClaim, i: number): Markup {
  return bar(report, figure, {
    name: html`<b>${id}</b> <span class="tag ${result.verdict}">${result.verdict}</span>`,
    reached: `/claims/${i}/result/reached`,
    total: `/claims/${i}/denominator/reachable`,
    note: html`${from.rule === '' ? claim : html`<code>${from.rule}</code>`} · ${figure(`/claims/${i}/result/cases`)} ${result.cases === 1 ? 'case' : 'cases'}`,
  })
}
