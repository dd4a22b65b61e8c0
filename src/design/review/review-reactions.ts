/** Reviews for whom reactions run: whether callers may choose the account whose rights a reaction has. */

import { type Action, type ActionStep, inputBinding, STEP_ROW, type StepRows } from '../../model/action.ts'
import { actionLabel, actionNamed, withCalled } from '../../model/action-tree.ts'
import type { Predicate, RowPath, Term } from '../../model/expression.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import type { ModelEvent } from '../../model/reaction.ts'
import { mapPredicate, mapTerm, type Parts } from '../../model/tree.ts'
import type { Report } from '../findings/report.ts'
import { anonymousMayPass, mayNameOthers, signedInMayPass } from './rule-bounds.ts'
import { termsIn } from './walk.ts'

/** Adds a warning for each reaction whose account a caller may choose. */
export function reviewReactions(model: Model, report: Report): void {
  for (const event of model.events) {
    for (const reaction of event.reactions) {
      if (!('as' in reaction) || reaction.as.kind === 'system') continue
      const how = howChosen(reaction.as.row, { model, action: actionOf(model, event), seen: new Set() })
      if (how !== null)
        report.add('PLN-D576', [...reaction.at, 'as'], `${how}, so they could let the reaction run with the rights of another account`)
    }
  }
}

/** How callers without a role may choose the account to which a field refers, as the beginning of a sentence; null if they may not. */
export function callersChoose(model: Model, entity: string, field: string): string | null {
  return howWritten({ entity, field, path: [field] }, { model, action: null, seen: new Set() })
}

function actionOf(model: Model, { entity, happening }: ModelEvent): Action | null {
  return actionNamed(model.actions, { entity, name: happening }) ?? null
}

interface Choosing {
  readonly model: Model
  /** The action whose names the path may begin with. */
  readonly action: Action | null
  /** Fields that are under review already. */
  readonly seen: ReadonlySet<string>
  /** Whether the row is looked at only when it is created. */
  readonly isNew?: boolean
}

/** How callers may choose the row at a path, as the beginning of a sentence; null when they may not. */
function howChosen(row: RowPath, choosing: Choosing): string | null {
  const { model, action, seen, isNew = false } = choosing
  const path = row.hops.map(({ field }) => field)
  const begun = action === null ? null : howBegun(row, action)
  if (begun !== null) return begun
  let entity = row.root
  for (const [i, { field, entity: next }] of row.hops.entries()) {
    const how = howWritten({ entity, field, path: path.slice(i) }, { model, action, seen, isNew: isNew && i === 0 })
    if (how !== null) return how
    entity = next
  }
  return null
}

/** How callers choose the row with which a path begins: by an input, or by one with which a step finds it. */
function howBegun(row: RowPath, action: Action): string | null {
  const { binding } = row
  const input = action.inputs.find(({ name }) => inputBinding(name) === binding)
  const step = action.steps.find(({ as }) => as === binding)
  const own = input?.type.kind === 'reference' ? [input.type.where] : step?.verb === 'find' ? [step.where] : []
  if (!mayBeOther(row, binding, conditionsOf(action)) || !mayBeOther(row, STEP_ROW, own)) return null
  if (input !== undefined) return `callers of ${actionLabel(action)} choose input.${input.name}`
  const found = step ?? action.steps.find(({ each }) => each?.name === binding)
  return found !== undefined && isFoundByInput(found, action)
    ? `callers of ${actionLabel(action)} choose by an input which row ${binding} is`
    : null
}

/** Whether an input decides which row a step finds, or which elements it has. */
function isFoundByInput(step: ActionStep, action: Action): boolean {
  const over = step.each?.over
  if (over?.kind === 'rows' && beginsWithInput(over.rows, action)) return true
  if (step.verb === 'find' || step.verb === 'list') return namesInput(step.where) || beginsWithInput(step.from, action)
  return step.verb === 'ensure' && step.set.some(({ field, value }) => step.unique.includes(field) && namesInput(value))
}

function beginsWithInput(rows: StepRows, action: Action): boolean {
  if (rows.kind === 'entity') return false
  const { binding } = rows.set.of
  const earlier = action.steps.find(({ as }) => as === binding)
  return binding.startsWith(inputBinding('')) || (earlier !== undefined && isFoundByInput(earlier, action))
}

/** What holds for every run of an action: its `allow`, and the conditions of its steps. */
export function conditionsOf({ allow, steps }: Action): readonly Predicate[] {
  return [allow, ...steps.flatMap((step) => (step.verb === 'require' && step.each === null && step.when === null ? [step.condition] : []))]
}

/** Whether the row at a path may be another than the caller, in spite of conditions about it under a name. */
function mayBeOther({ hops }: RowPath, binding: string, rules: readonly Predicate[]): boolean {
  const fields = hops.map(({ field }) => field)
  return mayNameOthers(rules, { path: fields.length === 0 ? ['id'] : fields, claim: 'id', binding })
}

/** A field of an entity, and the fields from there on to the account. */
interface NamingField {
  readonly entity: string
  readonly field: string
  readonly path: readonly string[]
}

/** How callers may write a reference on the path to the account; null when they may not. */
function howWritten(named: NamingField, { model, seen, isNew = false }: Choosing): string | null {
  const key = `${named.entity}.${named.path.join('.')}`
  if (seen.has(key)) return null
  const inner: Choosing = { model, action: null, seen: new Set([...seen, key]) }
  return howSent(named, { model, isNew }) ?? howSet(named, inner) ?? howAssigned(named, inner)
}

/** A create or an update in which a caller sends the field: over REST or GraphQL, nested, as an upsert, or by a step as caller. */
function howSent({ entity: name, field, path }: NamingField, { model, isNew }: Pick<Choosing, 'model' | 'isNew'>): string | null {
  const { access, fields } = entityNamed(model, name)
  const found = fields.find((each) => each.name === field)
  if (found === undefined || isNever(found.write) || found.default?.kind === 'set') return null
  const named = { path, claim: 'id' }
  if (mayNameOthers([access.create, found.write], named)) return `callers who create a ${name} may send ${name}.${field}`
  const mayUpdate = isNew !== true && !found.immutable && mayNameOthers([access.update.to], named, [access.update.from, found.write])
  return mayUpdate ? `callers who update a ${name} may change ${name}.${field}` : null
}

/** A value that the server takes from a row that the caller has named. */
function howSet({ entity, field, path }: NamingField, choosing: Choosing): string | null {
  const { default: preset } = fieldNamed(entityNamed(choosing.model, entity), field)
  return preset?.kind === 'set' ? howValue(preset.term, path.slice(1), { ...choosing, isNew: preset.on === 'create' }) : null
}

/** A step of an action as system, to which the rules do not apply. */
function howAssigned(named: NamingField, choosing: Choosing): string | null {
  const { model } = choosing
  for (const action of systemActions(model)) {
    for (const step of action.steps) {
      for (const value of assigned(step, named)) {
        const how = howValue(value, named.path.slice(1), { ...choosing, action })
        if (how !== null) return `${how} (${actionLabel(action)} sets ${named.entity}.${named.field})`
      }
    }
  }
  return null
}

/** The actions whose steps run as system for callers without a role: those of the design, and those that they call. */
export function systemActions({ actions }: Model): ReadonlySet<Action> {
  const open = actions.filter(({ as, allow }) => as === 'system' && (signedInMayPass(allow, 'any-row') || anonymousMayPass(allow)))
  return new Set(open.flatMap((action) => withCalled(action, actions)))
}

function assigned(step: ActionStep, { entity, field }: NamingField): readonly Term[] {
  if (step.verb !== 'create' && step.verb !== 'update' && step.verb !== 'ensure') return []
  if (step.entity !== entity) return []
  const all = step.verb === 'ensure' ? [...step.set, ...step.existing] : step.set
  return all.flatMap((one) => (one.field === field ? [one.value] : []))
}

/** How callers may choose a value that names a row from which `rest` leads to the account; null when they may not. */
function howValue(value: Term, rest: readonly string[], choosing: Choosing): string | null {
  const { action, model } = choosing
  for (const term of termsIn(value)) {
    if (term.kind === 'input') {
      const isCaller = action !== null && rest.length === 0 && !mayNameOthers(conditionsOf(action), { path: [term.field], claim: 'id' })
      if (!isCaller) return action === null ? `callers send ${term.field}` : `callers of ${actionLabel(action)} choose input.${term.field}`
    }
    if (term.kind !== 'field') continue
    const how = howChosen(pathOf(term, rest, model), choosing)
    if (how !== null) return how
  }
  return null
}

/** The path of a value that is a reference, or the id of a row, with the fields that follow. */
function pathOf({ row, field }: Extract<Term, { kind: 'field' }>, rest: readonly string[], model: Model): RowPath {
  const fields = field === 'id' ? rest : [field, ...rest]
  const hops = [...row.hops]
  let { entity } = row
  for (const name of fields) {
    const { type } = fieldNamed(entityNamed(model, entity), name)
    if (type.kind !== 'ref') break
    entity = type.entity
    hops.push({ field: name, entity })
  }
  return { ...row, hops, entity }
}

/** Whether a condition or value names an input of the action. */
export function namesInput(of: Predicate | Term): boolean {
  let names = false
  const parts: Parts = {
    predicate: (p) => mapPredicate(p, parts),
    term: (t) => {
      names ||= t.kind === 'input'
      return mapTerm(t, parts)
    },
    row: (row) => {
      names ||= row.binding.startsWith(inputBinding(''))
      return row
    },
  }
  if ('type' in of) parts.term(of)
  else parts.predicate(of)
  return names
}
