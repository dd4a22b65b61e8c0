/** Reviews actions: what an action that runs as system opens to all callers, and what actions read without an index. */

import { ACTION_ROW, type Action, type ActionStep, inputBinding, type ListStep, STEP_ROW } from '../../model/action.ts'
import { visitAnswer, writesOf } from '../../model/action-tree.ts'
import type { Predicate, Term } from '../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed, isToken, type Model } from '../../model/model.ts'
import { indexAdvice } from '../../model/names/index-width.ts'
import { isAlways } from '../../model/predicate.ts'
import { conjuncts, visitPredicate } from '../../model/tree.ts'
import { either, quote, type Report } from '../findings/report.ts'
import { anonymousMayPass, everyoneSignedInPasses } from './rule-bounds.ts'

/** Adds the findings about the actions of a model. */
export function reviewActions(model: Model, report: Report): void {
  for (const action of model.actions) if (action.as === 'system' && action.address.signed === null) reviewSystem(action, model, report)
  // Nobody calls a job, so what it may change as system is open to nobody.
  for (const action of [...model.actions, ...model.jobs.map((job) => job.action)])
    for (const step of action.steps) {
      reviewLookUp(step, action, { model, report })
      // Serializable transactions find out whether what they counted has changed.
      if (action.isolation === 'read committed') reviewCount(step, action, report)
    }
}

/** Findings about an action to which the rules of the entities do not apply. */
function reviewSystem(action: Action, model: Model, report: Report): void {
  const changed = [...new Set(writesOf(action, model.actions).map(({ entity }) => entity))]
  const at = [...action.at, 'allow']
  if (changed.length > 0 && anonymousMayPass(action.allow) && !needsToken(action, model))
    report.add(
      'PLN-D520',
      at,
      `${action.name} runs as system, and callers who are not signed in pass its allow: anybody could change ${either(changed)}`,
      'say in allow who may call it, such as auth.id != null',
    )
  else if (everyoneSignedInPasses(action.allow, 'any-row')) reviewOpenRow(action, report)
  reviewShown(action, model, report)
  for (const input of action.inputs) {
    const { type } = input
    if (type.kind !== 'reference' || !isAlways(type.where) || !isPersonal(model, type.entity, type.by)) continue
    const message = `a caller learns whether there is one ${type.entity} with this ${type.by}`
    report.add('PLN-D523', [...action.at, 'input', input.name], message, 'add where to the reference if they should not')
  }
}

/** Whether callers need the secret of a token: no one else knows it, so it says who calls. */
function needsToken({ inputs }: Action, model: Model): boolean {
  return inputs.some(({ type, optional }) => {
    const isNamed = type.kind === 'reference' && type.by !== 'id' && !optional
    return isNamed && isToken(fieldNamed(entityNamed(model, type.entity), type.by))
  })
}

/** Whether a value of the field identifies a person: an address, a private value, or a value of an account. Nobody can guess a token. */
function isPersonal(model: Model, name: string, by: string): boolean {
  if (by === 'id') return false
  const field = fieldNamed(entityNamed(model, name), by)
  if (isToken(field)) return false
  return model.identity?.entity === name || field.private || (field.type.kind === 'scalar' && field.type.scalar === 'email')
}

/** Reports an action with which every account may change any row that it can name by its id. */
function reviewOpenRow(action: Action, report: Report): void {
  const open = new Map<string, string>()
  if (action.entity !== null) open.set(ACTION_ROW, action.entity)
  for (const { name, type } of action.inputs)
    if (type.kind === 'reference' && type.by === 'id' && isAlways(type.where)) open.set(inputBinding(name), type.entity)
  const changed = action.steps.flatMap((step) => {
    if (step.verb !== 'update' && step.verb !== 'delete') return []
    const row = step.target.kind === 'row' ? step.target.row : step.target.rows.kind === 'set' ? step.target.rows.set.of : null
    return row !== null && row.hops.length === 0 && isAlways(step.where) ? [row.binding] : []
  })
  const moved = action.transition === null || action.transition.guard !== null ? [] : [ACTION_ROW]
  const [binding] = [...moved, ...changed].filter((name) => open.has(name))
  if (binding === undefined) return
  const message = `every account may change any ${open.get(binding)} that it can name, as the action runs as system`
  report.add(
    'PLN-D521',
    [...action.at, 'allow'],
    message,
    'narrow the row: with a condition on it in allow, or with where at the reference',
  )
}

/** Reports fields of the answer that have a read rule of their own, which does not apply. */
function reviewShown(action: Action, model: Model, report: Report): void {
  const shown = new Map<string, string>()
  visitAnswer(action.answer, {
    term: (term) => {
      if (term.kind !== 'field') return
      const entity = entityNamed(model, term.row.entity)
      const field = entity.fields.find(({ name }) => name === term.field)
      if (field !== undefined && !isAlways(field.read)) shown.set(`${entity.name}.${field.name}`, field.name)
    },
  })
  for (const name of shown.keys())
    report.add(
      'PLN-D522',
      [...action.at, 'answer'],
      `the answer shows ${name}, which has a read rule of its own (as system)`,
      `leave ${name} out`,
    )
}

/**
 * Reports a lookup in a table that no index serves. In an action that only reads, a filter such as `input.tag == null || …` is a lookup of
 * its own, because a call without the input does not have it.
 */
function reviewLookUp(step: ActionStep, { reads }: Action, { model, report }: { readonly model: Model; readonly report: Report }): void {
  if (!('from' in step || 'target' in step)) return
  const rows = 'from' in step ? step.from : step.target.kind === 'rows' ? step.target.rows : null
  if (rows?.kind === 'entity' && step.verb === 'list' && step.distinct !== null && isAlways(step.where)) reviewValues(step, report)
  if (rows?.kind !== 'entity' || isAlways(step.where)) return
  const entity = entityNamed(model, rows.entity)
  const parts = conjuncts(step.where).map((of) => ({ of, filter: reads ? optionalFilter(of) : null }))
  const always = parts.flatMap(({ of, filter }) => (filter === null ? comparedField(of) : []))
  if (parts.some(({ of, filter }) => filter === null && isLookUp(of, entity))) return
  const filters = parts.flatMap(({ filter }) => (filter === null || isFound(filter, { model, entity }) ? [] : [filter]))
  if (filters.length === 0 && parts.every(({ filter }) => filter !== null)) return
  const compared = [...always, ...filters.flatMap(comparedField)]
  const sort = step.verb === 'find' || step.verb === 'list' ? step.sort : []
  const inOrs = parts.flatMap(({ of, filter }) => (filter === null ? fieldsOfOr(of) : [])).filter((field) => !isServed(entity, field))
  const [first] = [...compared, ...inOrs]
  const order = sort
    .filter(({ field }) => field !== first && field !== 'id')
    .map(({ field, descending }) => `${descending ? '-' : ''}${field}`)
  const advice = first === undefined ? null : indexAdvice(model, entity, [first, ...order])
  report.add('PLN-D529', [...step.at, 'where'], `no index serves this lookup in ${entity.name}, so it reads all rows`, advice ?? NO_ADVICE)
}

const NO_ADVICE = 'add a condition that compares a field with a value, and an index that begins with this field'

/** Whether indexes find all rows for which a condition holds. PostgreSQL combines the indexes of the parts of an "or". */
function isLookUp(p: Predicate, entity: Entity): boolean {
  if (p.kind === 'any') return p.of.length > 0 && p.of.every((part) => isLookUp(part, entity))
  if (p.kind === 'all') return p.of.some((part) => isLookUp(part, entity))
  return comparedField(p).some((field) => isServed(entity, field))
}

/** The fields that the parts of an "or" compare; none if a part compares none, because an index then cannot serve the whole. */
function fieldsOfOr(p: Predicate): readonly string[] {
  if (p.kind !== 'any') return []
  const compared = p.of.map(comparedField)
  return compared.every((fields) => fields.length > 0) ? compared.flat() : []
}

/** Reports different values of all rows of an entity. */
function reviewValues({ at, entity, distinct }: ListStep, report: Report): void {
  const name = distinct?.kind === 'field' ? distinct.field : ''
  const message = `the different values of ${entity}.${name} are found by reading all rows of ${entity}`
  report.add('PLN-D529', [...at, 'distinct'], message, 'say with where which rows, or keep the values in an entity of their own')
}

/** The condition of a filter that a call may leave out, such as `input.tag == null || input.tag in tags`; null for any other. */
function optionalFilter(p: Predicate): Predicate | null {
  if (p.kind !== 'any') return null
  const others = p.of.filter((one) => !(one.kind === 'missing' && one.of.kind === 'input'))
  const [only] = others
  return only !== undefined && others.length === 1 && p.of.length > 1 ? only : null
}

/** Whether an index finds the rows of a filter: by a field of the row, or by a unique field behind a reference. */
function isFound(filter: Predicate, { model, entity }: { readonly model: Model; readonly entity: Entity }): boolean {
  if (comparedField(filter).some((field) => isServed(entity, field))) return true
  if (filter.kind !== 'compare' || filter.op !== '=') return false
  return [filter.left, filter.right].some((side) => {
    if (side.kind !== 'field' || side.row.binding !== STEP_ROW || side.row.hops.length === 0) return false
    const { field, row } = side
    return field === 'id' || entityNamed(model, row.entity).uniques.some(({ fields }) => fields.length === 1 && fields[0] === field)
  })
}

function comparedField(p: Predicate): readonly string[] {
  if (p.kind === 'compare' && p.op !== '!=') return [p.left, p.right].flatMap(ownField)
  if (p.kind === 'member') return [p.of, p.list].flatMap(ownField)
  return p.kind === 'truth' || p.kind === 'missing' ? ownField(p.of) : []
}

function ownField(term: Term): readonly string[] {
  return term.kind === 'field' && term.row.binding === STEP_ROW && term.row.hops.length === 0 ? [term.field] : []
}

function isServed(entity: Entity, field: string): boolean {
  const references = entity.fields.some(({ name, type }) => name === field && type.kind === 'ref')
  const lists = [...entity.indexes.map(({ parts }) => parts.map((part) => part.field)), ...entity.uniques.map(({ fields }) => fields)]
  return field === 'id' || references || lists.some(([first]) => first === field)
}

/** Reports a condition that counts rows of a whole entity. No lock keeps these rows from changing. */
function reviewCount(step: ActionStep, action: Action, report: Report): void {
  const conditions = step.verb === 'require' ? [step.condition, step.when] : [step.when]
  const listed = new Map(
    action.steps.flatMap((each) =>
      each.verb === 'list' && each.from.kind === 'entity' && each.as !== null ? [[each.as, each.entity] as const] : [],
    ),
  )
  const counted = new Set<string>()
  for (const condition of conditions) {
    if (condition === null) continue
    visitPredicate(condition, {
      term: (term) => {
        if ((term.kind === 'count' || term.kind === 'aggregate') && term.over.via === null)
          counted.add(listed.get(term.over.relation) ?? '')
        if (term.kind === 'item') counted.add(listed.get(term.binding) ?? '')
      },
    })
  }
  for (const entity of counted) {
    if (entity === '') continue
    const message = `the condition counts rows of ${quote(entity)}, which no lock keeps from changing, so it cannot be exact`
    report.add(
      'PLN-D528',
      [...step.at, step.verb === 'require' ? 'require' : 'when'],
      message,
      'count a relation of a row, write a check, or say isolation: serializable',
    )
  }
}
