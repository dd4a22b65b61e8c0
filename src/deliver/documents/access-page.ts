/** Who may do what: the rules of the design, and what the cases of verify have seen. */

import type { Model } from '../../model/model.ts'
import type { WrittenDesign } from '../../verify/expected/written-design.ts'
import { accessSection } from '../../verify/report/page/access-section.ts'
import { figuresOf } from '../../verify/report/page/figures.ts'
import { html, type Markup } from '../../verify/report/page/markup.ts'
import { type Section, table } from '../../verify/report/page/section.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import { codeOr, row, sectionPage } from './inline.ts'

const OPERATIONS = ['read', 'create', 'update', 'delete'] as const

/** The page. */
export function accessPage(model: Model, design: WrittenDesign, report: VerifyReport): string {
  const seen = accessSection({ report, figure: figuresOf(report) })
  const sections: readonly Section[] = [
    ...(design.rules === undefined ? [] : [{ id: 'named', title: 'Named rules', body: namedRules(design.rules) }]),
    { id: 'operations', title: 'Operations', body: operationRules(model, design) },
    { id: 'fields', title: 'Fields', body: fieldRules(design) },
    ...(model.actions.length === 0 ? [] : [{ id: 'actions', title: 'Actions', body: actionRules(model) }]),
    ...(seen === null ? [] : [{ id: 'seen', title: 'What the verification has seen', body: seen.body }]),
  ]
  const lead =
    'An operation without a rule is closed to everybody. In a rule, names are fields of the row, auth is the caller, and what is missing makes it refuse.'
  return sectionPage(`${model.name}: who may do what`, lead, sections)
}

function namedRules(rules: Readonly<Record<string, string>>): Markup {
  return table(
    'All named rules',
    ['name', 'rule'],
    Object.entries(rules).map(([name, rule]) => row([name, codeOr(String(rule))])),
  )
}

function operationRules({ entities }: Model, design: WrittenDesign): Markup {
  const rows = entities.map(({ name }) => {
    const access = design.entities[name]?.access ?? {}
    return row([name, ...OPERATIONS.map((operation) => ruleMarkup(access[operation]))])
  })
  return table('Rules of operations', ['entity', ...OPERATIONS], rows)
}

function ruleMarkup(rule: string | { readonly from: string; readonly to: string } | undefined): Markup {
  if (rule === undefined || rule === 'false') return html`<span class="note">closed</span>`
  if (rule === 'true') return html`everybody`
  if (typeof rule === 'string') return codeOr(rule)
  return html`before the change ${codeOr(rule.from)}, after it ${codeOr(rule.to)}`
}

function fieldRules({ entities }: WrittenDesign): Markup {
  const rows = Object.entries(entities).flatMap(([entity, { fields }]) =>
    Object.entries(fields).flatMap(([name, { read, write, type, set, immutable }]) => {
      const reading = type === 'password' ? html`nobody` : read === undefined ? html`as the row` : ruleMarkup(read)
      const writing = set !== undefined ? html`the server: ${codeOr(set)}` : write === undefined ? html`as the row` : ruleMarkup(write)
      const once = immutable === true ? ', once' : ''
      return read === undefined && write === undefined && type !== 'password' && set === undefined && once === ''
        ? []
        : [row([`${entity}.${name}`, reading, html`${writing}${once}`])]
    }),
  )
  return rows.length === 0
    ? html`<p>All fields are as their rows.</p>`
    : table('Rules of fields', ['field', 'who reads it', 'who sets it'], rows)
}

function actionRules({ actions }: Model): Markup {
  const rows = actions.map(({ entity, name, allowSource, as, transition }) =>
    row([
      entity === null ? name : `${entity}.${name}`,
      ruleMarkup(allowSource ?? undefined),
      transition === null ? '' : html`${transition.from.join(', ')} → ${transition.to}`,
      as === 'system' ? 'without the rules of entities' : 'with the rules of entities',
    ]),
  )
  return table('Rules of actions', ['action', 'who may call it', 'transition', 'its steps run'], rows)
}
