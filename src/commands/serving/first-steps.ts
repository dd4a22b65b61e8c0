/** Example commands for a new backend, with values that fit the design, so that they can be run as they are. */

import { encodeJson } from '../../compile/values/encode.ts'
import { sampleValue } from '../../compile/values/sample.ts'
import { anonymousMayCreate, exampleRole, requiredOfFirstAccount } from '../../design/review/first-account.ts'
import { anonymousMayPass } from '../../design/review/rule-bounds.ts'
import { restBase } from '../../model/address/served.ts'
import type { Predicate } from '../../model/expression.ts'
import type { Entity, Field, IdentityModel, Model } from '../../model/model.ts'

/**
 * Returns commands to register, to sign in and to read a list; or to make the first account, where registration is closed. An operation
 * that the design refuses to all callers has no command.
 */
export function firstSteps(model: Model, url: string): readonly string[] {
  const steps: string[] = []
  if (model.served.rest === null) return steps
  const base = `${url}${restBase(model)}`
  const identity = model.identity
  const account = model.entities.find((entity) => entity.name === identity?.entity)
  const registration = account === undefined ? null : sampleBody(account)
  if (identity !== null && account !== undefined && registration !== null && mayAnyCaller(account.access.create)) {
    const { login, password } = identity
    const credentials = { [login]: registration[login], [password]: registration[password] }
    if (anonymousMayCreate(account)) steps.push(post(`${base}/auth/register`, registration), post(`${base}/auth/login`, credentials))
    else steps.push(...makeFirst(account, identity, String(registration[login])))
  }
  const others = model.entities.filter((entity) => mayAnyCaller(entity.access.read) && entity.name !== identity?.entity)
  const listed = others.find((entity) => anonymousMayPass(entity.access.read)) ?? others[0] ?? account
  if (listed !== undefined && mayAnyCaller(listed.access.read)) steps.push(`curl '${base}/${listed.path}'`)
  return steps
}

/** The command that makes the first account where registration is closed; none for an identity without roles. */
function makeFirst(account: Entity, identity: IdentityModel, login: string): readonly string[] {
  const role = exampleRole(account, identity)
  if (role === null) return []
  const values = requiredOfFirstAccount(account, identity).map((field) => ` --set ${shellWord(`${field.name}=${valueFor(field) ?? '…'}`)}`)
  return [`npx plinth grant --create ${shellWord(login)} ${shellWord(role)}${values.join('')}`]
}

function shellWord(text: string): string {
  return /^[\w@.=:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function post(url: string, body: object): string {
  return `curl ${url} --json '${JSON.stringify(body).replaceAll("'", "'\\''")}'`
}

/** Whether the rule may allow some caller. A rule about callers or rows counts as true; only a constant can be false. */
function mayAnyCaller(rule: Predicate): boolean {
  return rule.kind !== 'const' || rule.value === true
}

/** Makes a body with every required field that a caller may set; null when no value can be derived from a field's type. */
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

/** Readable values, used where the field accepts them. */
const READABLE: readonly unknown[] = ['Ada', 'ada@example.com']
const READABLE_PASSWORD = 'Lantern-Otter-42'

function valueFor({ type }: Field): unknown {
  const candidates = type.kind === 'password' ? [READABLE_PASSWORD] : type.kind === 'computed' ? [] : READABLE
  return candidates.find((value) => encodeJson(type, value).ok) ?? sampleValue(type)
}
