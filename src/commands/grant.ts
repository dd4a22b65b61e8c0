/**
 * `plinth grant`: sets the role of an account directly in the database. No account is an administrator by default, so the first
 * administrator is made in this way.
 */

import { render } from '../base/sql/render.ts'
import { ident, slot, sql } from '../base/sql/sql.ts'
import { encodeJson } from '../compile/values/encode.ts'
import { restBase } from '../model/address/served.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type IdentityModel, type Model } from '../model/model.ts'
import { withClient } from '../postgres/connect.ts'
import { inTables, prepareAccount, unusableLogin } from './setup/create-account.ts'
import { databaseOf, withDatabase } from './setup/database.ts'
import { unusableDesign } from './setup/describe-design.ts'
import { loadDesign } from './setup/load-design.ts'
import { readDatabaseUrl } from './setup/settings/settings.ts'
import type { Io, Outcome } from './terminal/command.ts'
import { UsageError } from './terminal/usage-error.ts'

/** The arguments of the command. */
export interface GrantInput {
  readonly login: string
  readonly role: string
  readonly design: string | undefined
  /** Null for an account that exists. Otherwise the account is created, with these values of further fields (`field=value`). */
  readonly create: { readonly values: readonly string[] } | null
}

/**
 * Sets the role of a registered account, or makes an account with it. A running backend applies it within 5 s. Exit code 1 when there is
 * no such account, or with `create` when there is one.
 *
 * @throws UsageError for a design without roles, or a role that it does not have; EnvironmentError for a database that cannot be used or
 *   does not have the tables of the design yet.
 */
export async function grant(input: GrantInput, io: Io): Promise<Outcome> {
  const url = readDatabaseUrl(io.env)
  const design = await loadDesign(input.design, io.cwd)
  const { model } = design
  if (model === null) return unusableDesign(design, io.style)
  const { identity, entity, login, role } = accountsOf(model, input.role)
  if (input.create !== null) {
    const account = await prepareAccount(model, identity, { login: input.login, role: input.role, values: input.create.values })
    const created = await withDatabase(databaseOf(design, url, io), (database) => account.insert(database.url))
    return createdOutcome(input, { created, password: account.password, what: `${entity.name} with ${login.name} ${input.login}` })
  }
  // The login in the form that registration stores, for example an address in lower case.
  const encoded = encodeJson(login.type, input.login)
  if (!encoded.ok) throw unusableLogin(login, input.login, encoded.problems)
  const { text, slots } = render(grantStatement(entity, { login, role }))
  const values: Readonly<Record<string, unknown>> = { login: encoded.value, role: input.role }
  const granted = await withDatabase(databaseOf(design, url, io), (database) =>
    inTables(() =>
      withClient(database.url, (client) =>
        client.query(
          text,
          slots.map(({ key }) => values[key]),
        ),
      ),
    ),
  )
  const name = io.style.bold(input.login)
  if (granted.rowCount === 0) {
    const hint = model.served.rest === null ? 'add --create' : `register first: POST ${restBase(model)}/auth/register, or add --create`
    const missing = (shown: string): string => `there is no ${entity.name} with ${login.name} ${shown}`
    return {
      exit: 1,
      reason: { message: missing(input.login), hint },
      data: { granted: false, login: input.login, role: input.role },
      text: `${missing(name)}; ${hint}`,
    }
  }
  return { exit: 0, data: { granted: true, login: input.login, role: input.role }, text: `${name} now has the role ${input.role}` }
}

/** The only place that shows the password: the outcome is printed once, and logged nowhere. */
function createdOutcome(
  { login, role }: GrantInput,
  { created, password, what }: { readonly created: boolean; readonly password: string; readonly what: string },
): Outcome {
  if (!created) {
    const message = `there is a ${what} already`
    const hint = 'leave out --create to give it the role'
    return { exit: 1, reason: { message, hint }, data: { created: false, login, role }, text: `${message}; ${hint}` }
  }
  return {
    exit: 0,
    data: { created: true, login, role, password },
    text: `${login} now has an account with the role ${role}\nIts password, which is not shown again: ${password}\nChange it after signing in.`,
  }
}

interface Accounts {
  readonly identity: IdentityModel
  readonly entity: Entity
  readonly login: Field
  readonly role: Field
}

function accountsOf(model: Model, wanted: string): Accounts {
  const { identity } = model
  if (identity === null || identity.role === null) {
    throw new UsageError('this design has no roles', 'name the field that holds the role: identity: { login: …, password: …, role: … }')
  }
  const entity = entityNamed(model, identity.entity)
  const role = fieldNamed(entity, identity.role)
  if (role.type.kind === 'choice' && !role.type.values.includes(wanted)) {
    throw new UsageError(`${JSON.stringify(wanted)} is not a role of this design`, `the roles are ${role.type.values.join(', ')}`)
  }
  return { identity, entity, login: fieldNamed(entity, identity.login), role }
}

/** The statement increases the version like every write, so that clients with the old version of the row get a conflict. */
function grantStatement(entity: Entity, { login, role }: Pick<Accounts, 'login' | 'role'>) {
  const column = (name: string) => ident(fieldNamed(entity, name).column)
  const deletedAt = entity.fields.find((field) => field.system === 'deletedAt')
  const live = deletedAt === undefined ? sql`true` : sql`${ident(deletedAt.column)} is null`
  return sql`update ${ident(entity.table)} set ${ident(role.column)} = ${slot('role', 'text')},
    ${column('version')} = ${column('version')} + 1,
    ${column('updatedAt')} = now() where ${ident(login.column)} = ${slot('login', 'text')} and ${live}`
}
