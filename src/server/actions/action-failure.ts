/** Turns an error of an action's statements into a failure with the names of the design. */

import { declaredFailure, Failure, failure, invalid } from '../../base/failure.ts'
import { aboutEntity } from '../../base/failures/failure-subject.ts'
import type { Rule } from '../../base/failures/rules.ts'
import { STOP_SETTING } from '../../base/sql/statement.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Stop } from '../../compile/actions/parts/stops.ts'
import type { ActionProgram } from '../../compile/actions/program.ts'
import { type EntityView, type View, viewOf } from '../../compile/rules/view.ts'
import { type ConstraintFact, factKey } from '../../compile/tables/tables.ts'
import type { Action } from '../../model/action.ts'
import { actionLabel } from '../../model/action-tree.ts'
import { inputPointer } from '../../model/address/action-address.ts'
import { type Caller, isKnown } from '../../model/caller.ts'
import { JOB_INPUT_BYTES } from '../../model/job.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { type ExplainedError, explainError } from '../../postgres/sqlstate.ts'
import type { PlanContext } from '../plan/planning.ts'
import { knownNames, readableNames } from '../plan/write-values.ts'
import { isOutOfRange, namedFields, statementFailure, TOO_LONG, takenDetail } from '../run/database-failure.ts'
import type { Stack } from '../run/stack.ts'
import { circular } from '../write/judge-write.ts'

const STOPPED = new RegExp(`${STOP_SETTING.replace('.', '\\.')}(\\d+)(?:__([A-Za-z0-9_]*))?`)

/** `cardinality_violation`: an `ensure` would change a row twice. */
const TWICE = '21000'

/** The failure of an action: one of its stops, a broken constraint, or an error of the database. */
export function actionFailure(
  { violations, context }: Pick<Stack, 'violations' | 'context'>,
  program: ActionProgram,
  { caller, error }: { readonly caller: Caller; readonly error: unknown },
): Failure {
  if (error instanceof Failure) return error
  const explained = explainError(error)
  const stopped = explained.sqlState === '42704' ? STOPPED.exec(explained.message) : null
  const stop = stopped === null ? undefined : program.stops[Number(stopped[1])]
  if (stop !== undefined) return stopFailure(stop, { program, caller, detail: stopped?.[2] ?? '', context })
  const fact = factOf(violations, explained)
  const note = `action ${actionLabel(program.action)}: ${explained.sqlState ?? explained.kind} ${explained.message}`
  if (fact !== undefined) return violation(fact, program, { model: context.model, view: context.viewFor(caller).view, note })
  if (explained.sqlState === TWICE)
    return new Failure('already_taken', 'two elements of a step are about the same row', { note, errors: [] })
  return refusedValue(explained, note) ?? statementFailure(`action ${actionLabel(program.action)}`, error)
}

/** The failure of a `require` that refused a call of the one statement of an action. */
export function requireFailure(
  { context }: Pick<Stack, 'context'>,
  program: ActionProgram,
  { caller, stop }: { readonly caller: Caller; readonly stop: Stop },
): Failure {
  return stopFailure(stop, { program, caller, detail: '', context })
}

interface Stopped {
  readonly program: ActionProgram
  readonly caller: Caller
  readonly detail: string
  readonly context: PlanContext
}

function stopFailure(stop: Stop, { program: { action }, caller, detail, context }: Stopped): Failure {
  const explains = context.explainDenials
  switch (stop.kind) {
    case 'reference':
      return missingReference(action, stop.input)
    case 'no-row':
    case 'none':
      return failure('not_found', { entity: stop.entity })
    case 'not-allowed':
      return notAllowed(action, caller, explains)
    case 'stale':
      return failure('stale_version', { entity: stop.entity })
    case 'illegal':
      return failure('illegal_transition', { entity: stop.entity, state: detail, transition: stop.transition })
    case 'requirement':
      return failure('requirement_failed', { condition: explains ? stop.source : null, entity: action.entity })
    case 'declared':
      return declaredFailure(stop.failure, action.entity)
    case 'forbidden':
      return failure('forbidden', { what: `${stop.operation} this ${stop.entity}`, rule: null, entity: stop.entity })
    case 'circular':
      return circle(stop, viewOf(context.viewFor(caller).view, stop.entity))
    case 'check':
      return failure('check_failed', { message: stop.message, entity: action.entity })
    case 'too-many':
      return invalid([
        {
          pointer: '',
          rule: 'maxItems',
          message: `${action.name} handles at most ${stop.most} ${stop.what} at once, and here are more`,
          limit: stop.most,
        },
      ])
    case 'job-input':
      return failure(
        'job_input_too_large',
        { limit: JOB_INPUT_BYTES },
        `the input of the job ${stop.job}: give ids, and read the rows in the job`,
      )
    default:
      return unreachable(stop)
  }
}

/** The failure of a call that `allow` refuses. `explains`: whether the text of the rule may be shown. */
export function notAllowed(action: Action, caller: Caller, explains: boolean): Failure {
  if (!isKnown(caller)) return failure('not_signed_in', {})
  return failure('forbidden', { what: action.name, rule: explains ? action.allowSource : null, entity: action.entity })
}

/** A row that the path names is missing as a whole; one that another part of the request names is a problem of that part. */
function missingReference({ inputs }: ActionProgram['action'], name: string): Failure {
  const input = inputs.find((one) => one.name === name)
  if (input?.from.in === 'path' && input.type.kind === 'reference') return failure('not_found', { entity: input.type.entity })
  const pointer = input === undefined ? '' : inputPointer(input.from)
  return invalid([{ pointer, rule: 'reference', message: 'refers to a row that does not exist' }])
}

function factOf(violations: Stack['violations'], { constraint, table, column }: ExplainedError): ConstraintFact | undefined {
  if (constraint !== null) return violations.get(factKey({ constraint }))
  return table === null || column === null ? undefined : violations.get(factKey({ table, column }))
}

interface Violating {
  readonly model: Model
  /** What the caller may see. */
  readonly view: View
  readonly note: string
}

function violation(fact: ConstraintFact, { action }: ActionProgram, { model, view, note }: Violating): Failure {
  const entity = viewOf(view, fact.entity)
  if (fact.kind === 'unique') {
    const fields = namedFields(fact, { named: readableNames(entity), known: knownNames(entity) })
    const message = fields.length < 2 ? fact.message : 'is already taken in this combination'
    const errors = fields.flatMap((name) => pointersOf(name, fact, action)).map((pointer) => ({ pointer, rule: fact.rule, message }))
    return new Failure('already_taken', takenDetail(fact, fields), { note, errors, subject: aboutEntity(fact.entity) })
  }
  if (fact.rule === 'acyclic') return circle({ entity: fact.entity, field: fact.blame ?? '' }, entity)
  const deletes = action.steps.find((step) => step.verb === 'delete')
  if (fact.kind === 'foreign-key' && deletes !== undefined)
    return failure('still_referenced', { entity: referredTo(model, fact) ?? deletes.entity }, note)
  return invalid([{ pointer: pointerOf(fact, action, tellable(entity)), rule: fact.rule, message: fact.message }], note)
}

/** The failure of a row that would become its own ancestor. It names the reference if its name may be told. */
function circle({ entity, field }: { readonly entity: string; readonly field: string }, view: EntityView): Failure {
  return tellable(view).has(field) ? circular({ name: entity }, field) : failure('circular_reference', { entity, field: null })
}

/** The entity that the reference of a foreign key leads to. */
function referredTo(model: Model, { entity, fields: [name = ''] }: ConstraintFact): string | null {
  const { type } = fieldNamed(entityNamed(model, entity), name)
  return type.kind === 'ref' ? type.entity : null
}

/** The failure for a value that the database refuses, but no constraint of this version of the design; null for another error. */
function refusedValue({ kind, sqlState }: ExplainedError, note: string): Failure | null {
  const refuse = (rule: Rule, message: string): Failure => invalid([{ pointer: '', rule, message }], note)
  if (isOutOfRange(sqlState)) return refuse('range', 'leads to a value that does not fit into the database')
  if (kind === 'index-row-too-large') return refuse('maxLength', TOO_LONG)
  if (kind === 'unique') return new Failure('already_taken', 'another row already has one of these values', { note })
  const isConstraint = kind === 'check' || kind === 'foreign-key' || kind === 'not-null'
  return isConstraint ? refuse('check', 'is refused by a newer version of this service') : null
}

/** The fields whose names a failure may tell: those that the caller may read on some row, or send in some write. */
function tellable(view: EntityView): ReadonlySet<string> {
  const { create, updateFrom, updateTo } = view
  const writes = !isNever(create) || !(isNever(updateFrom) || isNever(updateTo))
  return writes ? knownNames(view) : readableNames(view)
}

/** The pointer to the input that gives the field its value, or else to the field if its name may be told. */
function pointerOf(fact: ConstraintFact, action: ActionProgram['action'], told: ReadonlySet<string>): string {
  const name = fact.blame ?? fact.fields[0]
  if (name === undefined) return ''
  return pointersOf(name, fact, action)[0] ?? (told.has(name) ? `/${name}` : '')
}

/** The pointer to the input that gives a field its value; none for a value that is computed. */
function pointersOf(name: string, { entity }: ConstraintFact, { inputs, steps }: ActionProgram['action']): readonly string[] {
  const given = steps
    .flatMap((step) => ('set' in step && step.entity === entity ? step.set : []))
    .map(({ field, value }) => ({ field, value }))
  const value = given.find((one) => one.field === name && one.value.kind === 'input')?.value
  const input =
    value?.kind === 'input'
      ? inputs.find((one) => one.name === value.field)
      : inputs.find(({ type }) => type.kind === 'value' && type.of?.entity === entity && type.of.field === name)
  return input === undefined ? [] : [inputPointer(input.from)]
}
