/** The JSON of what the code of an action returns. */

import { isObject } from '../../base/is-object.ts'
import { parseJson } from '../../base/number/exact-json.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import type { ActionInput } from '../../model/action.ts'
import { storedScalar } from '../../model/model.ts'

/** The answer as JSON, null for none, or why the value is no answer of the action. */
export type OutputJson = { readonly json: string | null } | { readonly wrong: string }

/** Checks a value against the outputs of an action. An action without outputs may answer any JSON value, or nothing. */
export function outputJson(outputs: readonly ActionInput[], value: unknown): OutputJson {
  if (value === undefined && outputs.length === 0) return { json: null }
  const json = textOf(value)
  if (json === undefined) return { wrong: 'the code returned a value that JSON does not have' }
  if (outputs.length === 0) return { json }
  const given = parseJson(json)
  if (!isObject(given)) return { wrong: `the code returned no object with ${outputs.map(({ name }) => name).join(', ')}` }
  const extra = Object.keys(given).find((name) => !outputs.some((output) => output.name === name))
  if (extra !== undefined) return { wrong: `the code returned ${JSON.stringify(extra)}, which output does not have` }
  const members: string[] = []
  for (const output of outputs) {
    const member = memberOf(output, Object.hasOwn(given, output.name) ? given[output.name] : undefined)
    if ('wrong' in member) return member
    members.push(...(member.json === null ? [] : [`${JSON.stringify(output.name)}:${member.json}`]))
  }
  return { json: `{${members.join(',')}}` }
}

function textOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function memberOf({ name, type, optional, nullable }: ActionInput, value: unknown): OutputJson {
  if (value === undefined) return optional ? { json: null } : { wrong: `the code returned no ${name}` }
  if (value === null) return nullable || optional ? { json: 'null' } : { wrong: `the code returned null for ${name}` }
  const encoded = encodeJson(type.type, value)
  if (!encoded.ok) return { wrong: `the code returned a wrong ${name}: ${encoded.problems.map(({ message }) => message).join(', ')}` }
  // Decimals are texts in JSON.
  const isDecimal = type.type.kind !== 'list' && storedScalar(type.type) === 'decimal'
  return { json: JSON.stringify(isDecimal ? String(encoded.value) : value) }
}
