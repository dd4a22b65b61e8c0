/** The values of a write as its hooks see them, and a write with the values that hooks have set. */

import { isDeepStrictEqual } from 'node:util'
import { compositeKey } from '../../base/composite-key.ts'
import { type FieldProblem, invalid } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import type { Value, Values } from '../../base/sql/statement.ts'
import { unescapedPart } from '../../base/texts/json-pointer.ts'
import type { CreatePlan, UpdatePlan, WritePlan, WrittenField } from '../../compile/statements/plan.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import { pointerTo } from '../../compile/values/validate.ts'
import { ALWAYS } from '../../model/expression.ts'
import { type Entity, type Field, fieldNamed, storedScalar } from '../../model/model.ts'
import { type Batch, type PlanContext, prepare } from '../plan/planning.ts'
import type { JsonRow } from '../run/hook-call.ts'

/** A batch with one call. */
export type Single<P extends WritePlan = WritePlan> = Batch<P>

/**
 * The values that a call writes, as JSON: those that were sent, and in a replacement also those of fields that were left out. Values are as
 * in answers, so an email address has small letters. An amount is as it was sent (`{ "increment": 1 }`).
 *
 * @param body the whole body of the request, in which the pointer of the call finds its values.
 */
export function hookInput({ plan, calls: [call = {}], pointers: [pointer = ''] }: Single<CreatePlan | UpdatePlan>, body: unknown): JsonRow {
  const found = valueAt(body, pointer)
  const sent = isObject(found) ? found : {}
  const input: Record<string, unknown> = {}
  for (const written of plan.fields) {
    const { name, type } = written.field
    if (call[`given.${name}`] === true && type.kind !== 'password') input[name] = shown(written, sent[name], call[`value.${name}`] ?? null)
  }
  // The copy has ordinary numbers in place of exact ones, and the code cannot change the objects of the request.
  return JSON.parse(JSON.stringify(input))
}

/** The value of a field: what was sent, in the form of answers; of a field that was left out, the bound value. */
function shown({ field: { type, default: preset }, change }: WrittenField, sent: unknown, bound: Value): unknown {
  if (change === 'add') return sent
  if (bound === null) return null
  if (type.kind === 'file') return sent
  if (type.kind === 'list' || (type.kind === 'scalar' && type.scalar === 'json'))
    return sent === undefined && preset?.kind === 'value' ? preset.value : sent
  switch (storedScalar(type)) {
    case 'integer':
    case 'number':
      return Number(bound)
    case 'boolean':
      return bound === true || bound === 'true'
    default:
      return String(bound)
  }
}

/** The part of a body that a JSON pointer (RFC 6901) names; undefined when there is none. */
function valueAt(body: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map(unescapedPart)
    .reduce<unknown>((value, part) => (Array.isArray(value) ? value[Number(part)] : isObject(value) ? value[part] : undefined), body)
}

/** The values that differ from what the hook got. Others are not set by the hook: the rules about sent values still judge them. */
export function changedFrom(input: JsonRow, changes: JsonRow): JsonRow {
  return Object.fromEntries(
    Object.entries(changes).filter(([name, value]) => !Object.hasOwn(input, name) || !isDeepStrictEqual(value, input[name])),
  )
}

/**
 * The same call with values that a hook has set. The rules of the entity judge them like sent values, the write rules of the fields do not.
 *
 * @throws Failure `validation_failed` for values that the fields do not take.
 */
export function withChanges(context: PlanContext, single: Single<CreatePlan | UpdatePlan>, changes: JsonRow): Single {
  const { plan, calls, pointers } = single
  const names = Object.keys(changes).toSorted()
  if (names.length === 0) return single
  const values = encodedChanges(plan.entity, changes, pointers[0] ?? '')
  const call: Values = { ...calls[0], ...values }
  const key = compositeKey(['hooked', plan.key, names])
  const fields: readonly WrittenField[] = [
    ...plan.fields.filter(({ field }) => !names.includes(field.name)),
    ...names.map((name): WrittenField => ({ field: fieldNamed(plan.entity, name), change: 'set', write: ALWAYS, target: null })),
  ]
  const prepared =
    plan.kind === 'create'
      ? prepare<CreatePlan>(context, key, () => ({ ...plan, key, fields }))
      : prepare<UpdatePlan>(context, key, () => ({ ...plan, key, fields }))
  const { guard: _, ...unguarded } = single
  return { ...unguarded, ...prepared, calls: [call] }
}

/**
 * The values that a hook has set, as values of statements.
 *
 * @param at the pointer to the row in the body.
 * @throws Failure `validation_failed` for values that the fields do not take.
 */
export function encodedChanges(entity: Entity, changes: JsonRow, at: string): Values {
  const values: Record<string, Value> = {}
  const problems: FieldProblem[] = []
  for (const [name, value] of Object.entries(changes)) {
    const field = fieldNamed(entity, name)
    const encoded = value === null ? nullFor(field) : encodeJson(field.type, value)
    if (!encoded.ok) problems.push(...encoded.problems.map((one) => ({ ...one, pointer: `${pointerTo(at, name)}${one.pointer}` })))
    else Object.assign(values, { [`value.${name}`]: encoded.value, [`input.${name}`]: encoded.value, [`given.${name}`]: true })
  }
  if (problems.length > 0) throw invalid(problems)
  return values
}

function nullFor({ optional }: Field): ReturnType<typeof encodeJson> {
  if (optional) return { ok: true, value: null }
  return { ok: false, problems: [{ pointer: '', rule: 'type', message: 'must not be null', empty: true }] }
}
