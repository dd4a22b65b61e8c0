/** Makes an account directly in the database, with a random password: for a design in which only accounts may create accounts. */

import { randomInt } from 'node:crypto'
import { render } from '../../base/sql/render.ts'
import { ident, join, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { columnsOf } from '../../compile/tables/columns.ts'
import { columnType } from '../../compile/values/column-type.ts'
import { encodeJson, encodeText } from '../../compile/values/encode.ts'
import type { FieldType } from '../../model/field-type.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type IdentityModel, type Model } from '../../model/model.ts'
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
  /** Inserts the account; false when there is one with this login. @throws Error of the driver for another violated constraint. */
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
  const given = givenValues(entity, account.values)
  const login = fieldNamed(entity, identity.login)
  const encoded = encodeJson(login.type, account.login)
  if (!encoded.ok) throw new UsageError(`${JSON.stringify(account.login)} is not a ${login.name}`, usage(login))
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
  return { password, insert: (url) => insert(url, { text, parameters }) }
}

function usage(login: Field): string {
  return `plinth grant --create <${login.name}> <role>`
}

/** @throws UsageError for a text without `=`, an unknown field, and a value that the field does not take. */
function givenValues(entity: Entity, texts: readonly string[]): ReadonlyMap<string, unknown> {
  return new Map(
    texts.map((text): [string, unknown] => {
      const [name = '', ...rest] = text.split('=')
      const field = entity.fields.find((one) => one.name === name)
      const settable = field !== undefined && field.type.kind !== 'computed' && field.type.kind !== 'password' && field.type.kind !== 'list'
      if (rest.length === 0 || !settable) throw new UsageError(`${JSON.stringify(text)} sets no field of ${entity.name}`, '--set name=Ada')
      const encoded = encodeText(field.type, rest.join('='))
      if (!encoded.ok) throw new UsageError(`${name}: ${encoded.problems[0]?.message ?? 'not a value of the field'}`, `--set ${name}=…`)
      return [name, encoded.value]
    }),
  )
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

async function insert(url: string, statement: { readonly text: string; readonly parameters: readonly unknown[] }): Promise<boolean> {
  try {
    const { rowCount } = await withClient(url, (client) => client.query(statement.text, [...statement.parameters]))
    return rowCount === 1
  } catch (error) {
    const { kind, message } = explainError(error)
    if (kind === 'check' || kind === 'foreign-key' || kind === 'not-null') throw new UsageError(message, 'change the values of --set')
    throw error
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
