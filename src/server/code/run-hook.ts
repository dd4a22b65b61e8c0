/** Runs the code of a hook, and reads the values that it sets. */

import { failure } from '../../base/failure.ts'
import { isObject } from '../../base/is-object.ts'
import { suggest } from '../../base/suggest.ts'
import { type Entity, type HookMoment, settableFields } from '../../model/model.ts'
import type { HookCall, JsonRow, RanHook } from '../run/hook-call.ts'
import type { Stack } from '../run/stack.ts'
import { deepFreeze } from './deep-freeze.ts'
import { runCode, wrongAnswer } from './run-code.ts'

/** Runs a hook in the transaction of its write. */
export const runHook: Stack['runHook'] = async (stack, call): Promise<RanHook> => {
  const { entity, hook, caller, runner, now, about } = call
  const name = `hook ${entity.name}.${hook.moment}`
  const { code } = hook
  if (typeof code === 'string') throw failure('not_implemented', { what: name })
  const called = { stack, caller, runner, writes: true, as: hook.as, now, withinMs: hook.withinMs * stack.patience }
  const { value, after } = await runCode({ name, code }, called, deepFreeze({ ...about }))
  return { changes: changesOf(stack, call, { name, value }), after }
}

/** The operation whose values a hook may set; null for hooks that set none. */
const SETS: Readonly<Record<HookMoment, 'create' | 'update' | null>> = {
  beforeCreate: 'create',
  beforeUpdate: 'update',
  beforeDelete: null,
  afterCreate: null,
  afterUpdate: null,
  afterDelete: null,
}

/** The values that a hook has returned. @throws Failure `internal_error` for an answer that sets no fields. */
function changesOf(
  stack: Stack,
  { entity, hook }: HookCall,
  { name, value }: { readonly name: string; readonly value: unknown },
): JsonRow | null {
  if (value === undefined || value === null) return null
  const operation = SETS[hook.moment]
  if (operation === null)
    throw wrongAnswer(stack, name, 'the hook returned a value, and only hooks before a create or an update set values')
  const given: unknown = jsonOf(value)
  if (!isObject(given)) throw wrongAnswer(stack, name, 'the hook returned no object with the values that it sets')
  const fields = settableFields(stack.model, entity, operation).map((field) => field.name)
  const wrong = Object.keys(given).find((one) => !fields.includes(one))
  if (wrong !== undefined) throw wrongAnswer(stack, name, whyNot(entity, wrong, fields))
  return given
}

/** Dates become texts, and what is undefined is left out. A value that JSON does not have is undefined. */
function jsonOf(value: unknown): unknown {
  try {
    const text = JSON.stringify(value)
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function whyNot(entity: Entity, name: string, settable: readonly string[]): string {
  if (entity.fields.some((field) => field.name === name)) return `a hook may not set ${entity.name}.${name}`
  const near = suggest(name, settable)
  return `${entity.name} has no field ${JSON.stringify(name)}${near === undefined ? '' : `, did you mean ${JSON.stringify(near)}?`}`
}
