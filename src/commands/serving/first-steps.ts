/** What to try first on a running backend: commands for curl that work as they stand, made from the design. */

import { encodeJson } from '../../compile/values/encode.ts'
import { sampleValue } from '../../compile/values/sample.ts'
import type { Predicate } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'

/** Registering, signing in and a list that anybody may read; fewer for a design that does not offer them. */
export function firstSteps(model: Model, url: string): readonly string[] {
  const steps: string[] = []
  const identity = model.identity
  const account = model.entities.find((entity) => entity.name === identity?.entity)
  const registration = account === undefined ? null : sampleBody(account)
  if (identity !== null && account !== undefined && registration !== null && mayAnybody(account.access.create)) {
    const { login, password } = identity
    const credentials = { [login]: registration[login], [password]: registration[password] }
    steps.push(post(`${url}/api/auth/register`, registration), post(`${url}/api/auth/login`, credentials))
  }
  const listed = model.entities.filter((entity) => mayAnybody(entity.access.read) && entity.name !== identity?.entity)[0] ?? account
  if (listed !== undefined && mayAnybody(listed.access.read)) steps.push(`curl '${url}/api/${listed.path}'`)
  return steps
}

function post(url: string, body: object): string {
  return `curl ${url} --json '${JSON.stringify(body).replaceAll("'", "'\\''")}'`
}

/** False only for a rule that is false for everybody; what it says of a caller or a row, an answer will tell. */
function mayAnybody(rule: Predicate): boolean {
  return rule.kind !== 'const' || rule.value === true
}

/** A body with every required field that a caller may set; null when a value cannot be guessed from the field's type. */
function sampleBody(entity: Entity): Record<string, unknown> | null {
  const body: Record<string, unknown> = {}
  for (const field of entity.fields) {
    if (field.system !== null || field.optional || field.default !== null || field.type.kind === 'computed') continue
    const value = valueFor(field)
    if (value === undefined) return null
    body[field.name] = value
  }
  return body
}

/** Values that read well, where the field takes them. */
const PLEASANT: readonly unknown[] = ['Ada', 'ada@example.com']
const PLEASANT_PASSWORD = 'Lantern-Otter-42'

function valueFor({ type }: Field): unknown {
  const candidates = type.kind === 'password' ? [PLEASANT_PASSWORD] : type.kind === 'computed' ? [] : PLEASANT
  return candidates.find((value) => encodeJson(type, value).ok) ?? sampleValue(type)
}
