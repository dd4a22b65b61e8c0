/**
 * The report as one page of HTML, for people. It needs no script and no request. What may make a pass meaningless stands before the
 * figures. Every figure names its place in report.json.
 */

import type { ClaimVerdict } from '../claims-of.ts'
import type { VerifyReport } from '../report-of.ts'
import { type Figure, figuresOf } from './figures.ts'
import { html, type Markup, type MarkupPart } from './markup.ts'
import type { Section } from './section.ts'
import { sectionsOf } from './sections.ts'
import { STYLE } from './style.ts'

const WORDS: Readonly<Record<ClaimVerdict, string>> = {
  holds: 'every tested claim holds',
  fails: 'a claim fails',
  undecided: 'nothing fails, but not everything is decided',
  'not-tested': 'nothing was tested',
}
const SHOWN = 4

/** The page of a report. The same report gives the same page. */
export function reportPage(report: VerifyReport): string {
  const figure = figuresOf(report)
  const sections = sectionsOf({ report, figure })
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'">
<title>${report.design.name}: ${WORDS[report.verdict]} · plinth verify</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<header>${summary(report, figure)}</header>
<nav aria-label="Sections"><ul>${sections.map(({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`)}</ul></nav>
<main>${sections.map(sectionMarkup)}</main>
</body>
</html>
`
  return page.markup
}

function sectionMarkup({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`
}

function summary(report: VerifyReport, figure: Figure): Markup {
  const { design, verdict, totals, notTested, claims, machine, startedAt } = report
  const undecided = claims.flatMap((claim, i) => (claim.result.verdict === 'undecided' ? [{ claim, i }] : []))
  const day = new Date(startedAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
  const finding = totals.failed === 0 ? 'No finding.' : html`<a href="#findings">${figure('/totals/failed')} findings.</a>`
  const open = undecided.map(({ claim, i }) => html`${claim.id} (${figure(`/claims/${i}/denominator/open`)} open)`)
  const left = notTested.map(({ what, why, kind }) => html`${what}${kind === 'missing' ? null : html` <span class="note">(${why})</span>`}`)
  return html`<p class="kicker">plinth verify</p>
<h1><span class="verdict ${verdict}">${verdict === 'not-tested' ? 'not tested' : verdict}</span> ${design.name}: ${WORDS[verdict]}</h1>
<p class="lead">${figure('/totals/cases')} cases on <time datetime="${startedAt}">${day}</time>, in ${figure('/seconds')} s,
with PostgreSQL ${machine.postgres}. ${finding}</p>
<p><b>Undecided:</b> ${open.length === 0 ? 'nothing' : few(open)}.
<b>Not tested:</b> ${left.length === 0 ? 'nothing that verify knows of' : few(left)}.</p>
<ul class="tiles">${tiles(report, figure)}</ul>`
}

/** The first of many, and where the rest is. */
function few(items: readonly Markup[]): MarkupPart {
  const shown = items.slice(0, SHOWN).map((item, i) => [i > 0 && '; ', item])
  return items.length > SHOWN ? [shown, html`; <a href="#gaps">and ${items.length - SHOWN} more</a>`] : shown
}

function tiles({ totals, mutants }: VerifyReport, figure: Figure): readonly MarkupPart[] {
  const { accessCases, atomValues, values } = totals
  const tile = (title: string, figures: MarkupPart): Markup =>
    html`<li><span class="tile-title">${title}</span> <span class="tile-figure">${figures}</span></li>`
  return [
    atomValues.total > 0 &&
      tile('Values of conditions shown', html`${figure('/totals/atomValues/reached')} of ${figure('/totals/atomValues/reachable')}`),
    values.total > 0 && tile('Values of fields tried', html`${figure('/totals/values/reached')} of ${figure('/totals/values/total')}`),
    accessCases > 0 && tile('Access cases answered with 2xx', html`${figure('/totals/accepted')} of ${figure('/totals/accessCases')}`),
    mutants === null
      ? tile('Planted defects', html`<span class="small">not planted</span>`)
      : tile(
          'Planted defects caught',
          html`${figure('/mutants/caught')} <span class="small">of ${figure('/mutants/total')}, ${figure('/mutants/equivalent')} equivalent</span>`,
        ),
    tile('Findings', figure('/totals/failed')),
  ]
}
