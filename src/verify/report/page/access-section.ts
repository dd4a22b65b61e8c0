/** The section of access: who may do what with which rows. */

import type { MatrixCell, RowRelation } from '../access-matrix.ts'
import type { Figure } from './figures.ts'
import { html, type Markup } from './markup.ts'
import type { Page, Section } from './section.ts'

const RELATIONS: readonly (readonly [RowRelation, string])[] = [
  ['own', 'own row'],
  ['other', 'row of others'],
  ['new', 'new row'],
  ['list', 'lists and related rows'],
]

/** A cell with its place in the report. */
type PlacedCell = MatrixCell & { readonly i: number }

/** A table for each entity; null if nothing was asked. */
export function accessSection({ report, figure }: Page): Section | null {
  if (report.matrix.length === 0) return null
  const cells = report.matrix.map((cell, i) => ({ ...cell, i }))
  const entities = [...new Set(cells.map(({ entity }) => entity))]
  const tables = entities.map((entity) =>
    tableOf(
      entity,
      cells.filter((cell) => cell.entity === entity),
      figure,
    ),
  )
  const note = html`<p class="note">How many cases had to be allowed and refused. A caller may do both with one kind of row: rules also read
its other fields. – is no case.</p>`
  return { id: 'access', title: 'Who may do what', body: html`${note}${tables}` }
}

function tableOf(entity: string, cells: readonly PlacedCell[], figure: Figure): Markup {
  const callers = [...new Set(cells.map(({ caller }) => caller))]
  const operations = [...new Set(cells.map(({ operation }) => operation))]
  const columns = RELATIONS.filter(([relation]) => cells.some((cell) => cell.relation === relation))
  const rows = operations.flatMap((operation) =>
    callers.flatMap((caller) => {
      const own = cells.filter((cell) => cell.operation === operation && cell.caller === caller)
      if (own.length === 0) return []
      const tds = columns.map(([relation]) =>
        cellOf(
          own.find((cell) => cell.relation === relation),
          figure,
        ),
      )
      return [html`<tr><th scope="row">${operation}</th><th scope="row">${caller}</th>${tds.map((td) => html`<td>${td}</td>`)}</tr>`]
    }),
  )
  const titles = columns.map(([, title]) => html`<th scope="col">${title}</th>`)
  return html`<h3>${entity}</h3><div class="scroll" tabindex="0" role="region" aria-label="Who may do what with ${entity}"><table>
<thead><tr><th scope="col">operation</th><th scope="col">caller</th>${titles}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}

function cellOf(cell: PlacedCell | undefined, figure: Figure): Markup {
  if (cell === undefined) return html`<span class="note">–</span>`
  const at = (name: string): Markup => figure(`/matrix/${cell.i}/${name}`)
  const figures = [
    cell.allowed > 0 && html`<span class="yes">✓ ${at('allowed')}</span> `,
    cell.refused > 0 && html`<span class="no">✕ ${at('refused')}</span> `,
    cell.failed > 0 && html`<span class="bad">${at('failed')} differ</span>`,
  ]
  const names = cell.cases.map((name) => html`<li><code>${name}</code></li>`)
  return html`<details><summary>${figures}</summary><ul>${names}</ul></details>`
}
