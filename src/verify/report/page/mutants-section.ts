/** The section of planted defects: what became of them, by kind, and every one that was not caught. */

import type { MutationScore } from '../../mutants/run/score.ts'
import { bar, type Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'
import type { Page, Section } from './section.ts'

const SHOWN_IDLE = 20

/** The score of the cases; null if nothing was planted. */
export function mutantsSection({ report, figure }: Page): Section | null {
  const { mutants: score } = report
  if (score === null) return null
  const i = report.claims.findIndex(({ family }) => family === 'mutants')
  const pointers = { reached: `/claims/${i}/result/reached`, total: `/claims/${i}/denominator/reachable` }
  return {
    id: 'mutants',
    title: 'Planted defects',
    body: html`${summary(score, figure)}
${i === -1 ? null : bar(report, figure, { name: 'Caught of those that change something', ...pointers })}
${kinds(score, figure)}
${uncaught(score, figure)}
${idle(score, figure)}
${control(figure)}`,
  }
}

function summary({ unplanted }: MutationScore, figure: Figure): Markup {
  const at = (name: string): Markup => figure(`/mutants/${name}`)
  return html`<p>${at('total')} defects were planted one at a time, and the cases asked until one noticed. ${at('caught')} were caught,
${at('equivalent')} change nothing (proved by the oracle), ${at('survived')} survived, ${at('unreached')} are touched by no case,
${at('broken')} broke the backend, for ${at('left')} no time was left. Half were caught within ${at('casesToCatch/median')} cases, nineteen of
twenty within ${at('casesToCatch/most95')}. It took ${at('seconds')} s.${
    unplanted > 0 && html` ${at('unplanted')} more of the same kinds were not planted: those that were are a sample of each kind.`
  }</p>`
}

function kinds(score: MutationScore, figure: Figure): Markup {
  const rows = score.kinds.map((kind, j) => {
    const figures = ['caught', 'total', 'equivalent'].map((name) => html`<td>${figure(`/mutants/kinds/${j}/${name}`)}</td>`)
    return html`<tr><th scope="row">${kind.kind}</th>${figures}<td>${kind.what}</td></tr>`
  })
  const titles = ['kind', 'caught', 'planted', 'equivalent', 'what it is'].map((title) => html`<th scope="col">${title}</th>`)
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Planted defects by kind"><table>
<thead><tr>${titles}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}

function uncaught(score: MutationScore, figure: Figure): Markup {
  if (score.uncaught.length === 0) return html`<p>None was missed.</p>`
  const items = score.uncaught.map(({ name, what, fate, why }, j) => {
    const asked = fate === 'survived' ? html` (${figure(`/mutants/uncaught/${j}/cases`)} cases touched it)` : null
    return html`<li><b>${fate}</b> <code>${name}</code>: ${what}. ${why}${asked}</li>`
  })
  return html`<h3>Not caught</h3><ul>${items}</ul>`
}

function idle(score: MutationScore, figure: Figure): Markup {
  const rows = score.idle.map(({ family, names }, j) => {
    const figures = ['idle', 'cases'].map((name) => html`<td>${figure(`/mutants/idle/${j}/${name}`)}</td>`)
    const shown = names.slice(0, SHOWN_IDLE).map((name) => html`<li><code>${name}</code></li>`)
    const more = names.length > SHOWN_IDLE && html`<li>and more: see report.json</li>`
    const list = names.length === 0 ? null : html`<details><summary>which</summary><ul>${shown}${more}</ul></details>`
    return html`<tr><th scope="row">${family}</th>${figures}<td>${list}</td></tr>`
  })
  const titles = ['family', 'caught nothing', 'cases', 'names'].map((title) => html`<th scope="col">${title}</th>`)
  return html`<h3>Idle cases</h3><p class="note">Cases that have caught no defect. A case is asked about few defects, so most of them would catch
one that was not planted, or that another case caught first.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Idle cases by family"><table>
<thead><tr>${titles}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}

function control(figure: Figure): Markup {
  const at = (name: string): Markup => figure(`/mutants/control/${name}`)
  return html`<p class="note">Control: without a defect, ${at('cases')} cases were asked in the same process before and after; ${at('same')} of
${at('overHttp')} have the outcome that they have over HTTP.</p>`
}
