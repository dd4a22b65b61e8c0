/**
 * Whether an action can be one statement: the request names every row that it locks, its expressions use these rows and the request alone,
 * and its conditions come before its writes. Then the database reads each row once, when it locks it.
 */

import { unreachable } from '../../../base/unreachable.ts'
import { ACTION_ROW, type Action, type ActionStep, type AnswerTree, inputBinding, STEP_ROW } from '../../../model/action.ts'
import type { Predicate, Term } from '../../../model/expression.ts'
import { type Entity, entityNamed, fieldNamed, type Model } from '../../../model/model.ts'
import { setAt, writeRulesOf } from '../../rules/write-rules.ts'
import { showsOtherRows } from '../../statements/answer-meter.ts'
import { computes } from '../../statements/plan.ts'
import type { OutputOf } from '../answer-sql.ts'
import type { Locked } from '../locks/locks.ts'
import { type Using, usesOnly } from '../locks/uses-only.ts'
import { type ReferenceInput, referencesOf, rulesOfKey } from '../look-up.ts'
import { treeFields } from '../parts/trees.ts'
import { type RowOfStep, writtenRows } from './written-rows.ts'

/** Whether an action can be one statement. `locks` are all locks that it needs, also for checks. */
export function fitsOneStatement(
  model: Model,
  action: Action,
  { locks, outputOf }: { readonly locks: readonly Locked[]; readonly outputOf: OutputOf },
): boolean {
  const references = referencesOf(action.inputs)
  const known = new Set([...(action.entity === null ? [] : [ACTION_ROW]), ...references.map(({ name }) => inputBinding(name))])
  const written = writtenRows(model, action)
  return (
    action.run === null &&
    locks.every(({ anchor, rows }) => known.has(anchor) && rows.kind === 'row' && rows.row.hops.length === 0) &&
    hasPlainSteps(action.steps) &&
    written.every((row) => row.operation === 'create' || known.has(row.name ?? '')) &&
    written.every((row) => isPlainWrite(model, row)) &&
    writesApart(written, action) &&
    usesKnownRows(model, action, { references, written, known, outputOf })
  )
}

/** Whether the steps have no `when` and no `each`, and are conditions first, then new rows and changes of single rows. */
function hasPlainSteps(steps: readonly ActionStep[]): boolean {
  const firstWrite = steps.findIndex(({ verb }) => verb !== 'require')
  const conditionsFirst = firstWrite < 0 || steps.slice(firstWrite).every(({ verb }) => verb !== 'require')
  return conditionsFirst && steps.every((step) => step.when === null && step.each === null && isPlainStep(step))
}

function isPlainStep(step: ActionStep): boolean {
  if (step.verb === 'update') {
    const isWhole = step.where.kind === 'const' && step.where.value === true
    return isWhole && step.target.kind === 'row' && step.target.row.hops.length === 0
  }
  return step.verb === 'require' || step.verb === 'create'
}

/** Whether the row can be made without asking the database: it has no number of a sequence, and its id is made by the server. */
function isPlainWrite({ identity }: Model, { entity, operation, set }: RowOfStep): boolean {
  if (entity.hooks.length > 0) return false
  // The sessions of a changed account end after the action, so the ids of the accounts must be in its result.
  // A circle of acyclic references is looked for in a further statement.
  if (operation === 'update') return identity?.entity !== entity.name && treeFields(entity, set).length === 0
  const id = fieldNamed(entity, 'id').default
  return id?.kind === 'generated' && id.by === 'uuidv7' && entity.fields.every(({ default: preset }) => !isCounted(preset))
}

function isCounted(preset: Entity['fields'][number]['default']): boolean {
  if (preset === null) return false
  switch (preset.kind) {
    case 'sequence':
      return true
    case 'generated':
      return preset.by === 'identity' || preset.by === 'token'
    case 'expression':
    case 'set':
    case 'value':
      return false
    default:
      return unreachable(preset)
  }
}

/**
 * Whether the order of the writes does not matter: no entity has both new and changed rows, no row is changed twice, and changes of several
 * rows of one entity keep their unique values. A step may change the row of a transition again if no check could refuse the row in between.
 */
function writesApart(written: readonly RowOfStep[], { transition }: Action): boolean {
  return written.every((row, i) =>
    written.slice(i + 1).every((other) => {
      if (other.entity !== row.entity) return true
      if (row.operation !== other.operation) return false
      const isAgain = row.operation === 'update' && row.name === other.name
      if (isAgain && (i > 0 || transition === null || row.entity.checks.length > 0)) return false
      return row.operation === 'create' || (keepsUnique(row) && keepsUnique(other))
    }),
  )
}

function keepsUnique({ entity, set }: RowOfStep): boolean {
  const uniques = entity.uniques.flatMap(({ fields }) => fields)
  return entity.conditionalUniques.length === 0 && set.every(({ field }) => !uniques.includes(field))
}

interface Uses {
  readonly references: readonly ReferenceInput[]
  readonly written: readonly RowOfStep[]
  readonly known: ReadonlySet<string>
  readonly outputOf: OutputOf
}

/** Whether all expressions use fields of rows that the request names, of rows that the action makes, and values of the request. */
function usesKnownRows(model: Model, action: Action, { references, written, known, outputOf }: Uses): boolean {
  const rules: Predicate[] = []
  const addRules = (...more: readonly Predicate[]): void => {
    rules.push(...more)
  }
  const named = references.map(({ type }) => ({ entity: type.entity, by: type.by }))
  const own = action.entity === null ? [] : [{ entity: action.entity, by: action.address.row?.by ?? 'id' }]
  for (const { entity: name, by } of [...own, ...named]) {
    const entity = entityNamed(model, name)
    addRules(entity.access.read, ...rulesOfKey(entity, by))
  }
  for (const { entity, operation } of written) {
    const { create, updateFrom, updateTo } = writeRulesOf(entity)
    addRules(...(operation === 'create' ? [create] : [updateFrom, updateTo]), ...entity.fields.map(({ write }) => write))
  }
  const onKnown = usesOnly(new Set([...known, STEP_ROW, ...written.flatMap(({ name }) => (name === null ? [] : [name]))]))
  const onRow = usesOnly(new Set(['row']))
  const onStep = usesOnly(new Set([STEP_ROW]))
  return (
    onKnown.predicate(action.allow) &&
    references.every(({ type }) => onStep.predicate(type.where)) &&
    (action.transition?.guard == null || onKnown.predicate(action.transition.guard)) &&
    action.steps.every((step) => (step.verb === 'require' ? onKnown.predicate(step.condition) : true)) &&
    written.every(({ set }) => set.every(({ value }) => onKnown.term(value))) &&
    written.every((row) => presetsOf(row).every(onRow.term)) &&
    answerUses(model, action.answer, { outputOf, onKnown, onRow }) &&
    (action.as === 'system' || rules.every(onRow.predicate))
  )
}

/** The expressions of fields that the server sets in a write. */
function presetsOf({ entity, operation }: RowOfStep): readonly Term[] {
  return entity.fields.flatMap((field) => {
    if (operation === 'create' && field.default?.kind === 'expression') return [field.default.term]
    const term = setAt(field, operation)
    return term === null ? [] : [term]
  })
}

interface ShownUses {
  readonly outputOf: OutputOf
  readonly onKnown: Using
  readonly onRow: Using
}

function answerUses(model: Model, answer: AnswerTree, uses: ShownUses): boolean {
  const { outputOf, onKnown, onRow } = uses
  switch (answer.kind) {
    case 'none':
    case 'constant':
    case 'session':
      return true
    case 'value':
      return onKnown.term(answer.value)
    case 'object':
      return answer.members.every(({ of }) => answerUses(model, of, uses))
    case 'row': {
      const output = outputOf(answer)
      const isOwn = !showsOtherRows(output) && !computes(output) && (output.extras ?? []).every(({ kind }) => kind === 'constant')
      const rules = [entityNamed(model, answer.row.entity).access.read, ...output.fields.map(({ visible }) => visible)]
      return isOwn && answer.row.hops.length === 0 && onKnown.names.has(answer.row.binding) && rules.every(onRow.predicate)
    }
    case 'shape': {
      const isKnown = answer.row.hops.length === 0 && onKnown.names.has(answer.row.binding)
      const inner = { ...uses, onKnown: usesOnly(new Set([...onKnown.names, answer.as])) }
      return isKnown && onRow.predicate(entityNamed(model, answer.row.entity).access.read) && answerUses(model, answer.of, inner)
    }
    case 'list':
    case 'token':
    case 'output':
      return false
    default:
      return unreachable(answer)
  }
}
