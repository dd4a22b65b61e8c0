/** Makes an account directly in the database, with a random password: for a design in which only accounts may create accounts. */

import { randomInt } from 'node:crypto'
import { EnvironmentError } from '../../base/environment-error.ts'
import { render } from '../../base/sql/render.ts'
import { ident, join, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { suggest } from '../../base/suggest.ts'
import { columnsOf } from '../../compile/tables/columns.ts'
import { columnType } from '../../compile/values/column-type.ts'
import { encodeJson } from '../../compile/values/encode.ts'
import { formatOf } from '../../compile/values/formats.ts'
import type { FieldType } from '../../model/field-type.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type IdentityModel, type Model, storedScalar } from '../../model/model.ts'
import { withClient } from '../../postgres/connect.ts'
import { explainError } from '../../postgres/sqlstate.ts'
import { checkPassword } from '../../services/identity/passwords/password-rules.ts'
import { DEFAULT_PASSWORD_OPTIONS, openPasswords } from '../../services/identity/passwords/passwords.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** The account to make. */
export interface NewAccount {
  readonly login: string
  readonly role: string
  /** Values of further fields, each as `field=value`. */
  readonly values: readonly string[]
}

/** An account that is ready to be inserted. */
export interface PreparedAccount {
  /** Random; only its hash is stored. */
  readonly password: string
  /**
   * Inserts the account; false when there is one with this login.
   *
   * @throws UsageError for another violated constraint; EnvironmentError for a database without the tables of the design.
   */
  readonly insert: (databaseUrl: string) => Promise<boolean>
}

/**
 * Prepares an account, before anything is written.
 *
 * @throws UsageError for a field that does not exist, a value that it does not take, a required field without a value, and a password
 * field whose pattern no random password fits.
 */
export async function prepareAccount(model: Model, identity: IdentityModel, account: NewAccount): Promise<PreparedAccount> {
  const entity = entityNamed(model, identity.entity)
  const given = givenValues(entity, { identity, texts: account.values })
  const login = fieldNamed(entity, identity.login)
  const encoded = encodeJson(login.type, account.login)
  if (!encoded.ok) throw unusableLogin(login, account.login, encoded.problems)
  const passwordType = fieldNamed(entity, identity.password).type
  if (passwordType.kind !== 'password') throw new Error(`${identity.password} is no password field`)
  const password = await randomPassword(passwordType, { backend: model.name, login: account.login })
  const values = new Map(given)
  values.set(identity.login, encoded.value)
  values.set(identity.password, await openPasswords(DEFAULT_PASSWORD_OPTIONS).hash(password))
  if (identity.role !== null) values.set(identity.role, account.role)
  const missing = missingFields(model, entity, values)
  if (missing.length > 0) {
    const hint = missing.map((name) => `--set ${name}=…`).join(' ')
    throw new UsageError(`a new ${entity.name} also needs ${missing.join(', ')}`, `add ${hint}`)
  }
  const { text, slots } = render(insertSql(entity, [...values.keys()]))
  const parameters = slots.map(({ key }) => values.get(key) ?? null)
  return { password, insert: (url) => insert(url, entity, { text, parameters }) }
}

/** Makes the error about a login that the field does not take. */
export function unusableLogin(login: Field, given: string, problems: readonly { readonly message: string }[]): UsageError {
  return new UsageError(
    `${JSON.stringify(given)} cannot be the ${login.name} of an account`,
    `it ${problems[0]?.message ?? 'is no value of the field'}`,
  )
}

interface Given {
  readonly identity: IdentityModel
  readonly texts: readonly string[]
}

/** @throws UsageError for a text without `=`, a field that is unknown or given twice, and a value that the field does not take. */
function givenValues(entity: Entity, { identity, texts }: Given): ReadonlyMap<string, unknown> {
  const fields = entity.fields.filter((field) => isSettable(field, identity))
  const values = new Map<string, unknown>()
  for (const text of texts) {
    const [name = '', ...rest] = text.split('=')
    const field = fields.find((one) => one.name === name)
    if (rest.length === 0 || field === undefined) {
      const names = fields.map((one) => one.name)
      const near = suggest(name, names)
      const hint = `--set takes field=value, for ${names.length === 0 ? 'no field of this design' : names.join(', ')}`
      const meant = near === undefined || near === name ? '' : `, did you mean ${JSON.stringify(near)}?`
      throw new UsageError(`${JSON.stringify(text)} sets no field of ${entity.name}${meant}`, hint)
    }
    if (values.has(name)) throw new UsageError(`${name} is given twice`, `leave one --set ${name}=… out`)
    const encoded = encodeJson(field.type, formatOf(storedScalar(field.type)).fromText(rest.join('=')))
    if (!encoded.ok) throw new UsageError(`${name}: ${encoded.problems[0]?.message ?? 'not a value of the field'}`, `--set ${name}=…`)
    values.set(name, encoded.value)
  }
  return values
}

/** The login and the role are arguments, the password is random, and Plinth maintains the rest. A list has no form as one text. */
function isSettable({ name, type, system }: Field, { login, role }: IdentityModel): boolean {
  if (system !== null || name === login || name === role) return false
  return type.kind !== 'computed' && type.kind !== 'password' && type.kind !== 'list'
}

/** Required fields to which neither the values nor the database give a value. */
function missingFields(model: Model, entity: Entity, values: ReadonlyMap<string, unknown>): readonly string[] {
  const columns = new Map(columnsOf(model, entity).map((column) => [column.name, column]))
  return entity.fields.flatMap((field) => {
    const column = columns.get(field.column)
    const isFilled = column === undefined || column.nullable || column.default !== null || column.generated !== null || column.identity
    return isFilled || values.has(field.name) ? [] : [field.name]
  })
}

function insertSql(entity: Entity, names: readonly string[]): Sql {
  const fields = names.map((name) => fieldNamed(entity, name))
  const columns = join(
    fields.map((field) => ident(field.column)),
    ', ',
    sql``,
  )
  const slots = join(
    fields.map((field) => slot(field.name, columnType(field.type))),
    ', ',
    sql``,
  )
  return sql`insert into ${ident(entity.table)} (${columns}) values (${slots}) on conflict do nothing`
}

interface Insert {
  readonly text: string
  readonly parameters: readonly unknown[]
}

async function insert(url: string, entity: Entity, statement: Insert): Promise<boolean> {
  try {
    const { rowCount } = await inTables(() => withClient(url, (client) => client.query(statement.text, [...statement.parameters])))
    return rowCount === 1
  } catch (error) {
    const { kind, message, detail } = explainError(error)
    const column = /^Key \((\w+)\)=/.exec(detail ?? '')?.[1]
    const field = entity.fields.find((one) => one.column === column)
    if (kind === 'foreign-key' && field?.type.kind === 'ref')
      throw new UsageError(
        `${field.name}: there is no ${field.type.entity} with this id`,
        `--set ${field.name}=… takes the id of a row that exists`,
      )
    if (kind === 'check' || kind === 'foreign-key' || kind === 'not-null') throw new UsageError(message, 'change the values of --set')
    throw error
  }
}

/** A table or a column that the database does not have. */
const NOT_THERE = new Set(['42P01', '42703'])

/** Runs a statement over the tables of the design. @throws EnvironmentError when the database does not have them yet. */
export async function inTables<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!NOT_THERE.has(explainError(error).sqlState ?? '')) throw error
    const hint = 'start the backend once with plinth up, or run plinth migrate; then repeat this command'
    throw new EnvironmentError('the database does not have the tables of this design yet', hint, { cause: error })
  }
}

/** Without characters that look alike. The last alphabet has signs, for patterns that ask for one. */
const ALPHABETS = ['ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789', '0123456789'] as const
const SIGNS = '-_.!#%+=?@'
const LENGTH = 24
const TRIES = 200

/** @throws UsageError when no random password fits the pattern. */
async function randomPassword(
  rules: Extract<FieldType, { kind: 'password' }>,
  context: { readonly backend: string; readonly login: string },
): Promise<string> {
  const length = Math.min(Math.max(LENGTH, rules.min), rules.max)
  for (const alphabet of [ALPHABETS[0], `${ALPHABETS[0]}${SIGNS}`, ALPHABETS[1]]) {
    for (let i = 0; i < TRIES; i++) {
      const password = Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('')
      if ((await checkPassword(password, rules, context)).length === 0) return password
    }
  }
  throw new UsageError('no random password fits the pattern of the password field', 'open create for the first account, and register')
}
