/** SQL pieces that read the user. Other statements include them, so that they read the user at the same time. */

import { ident, join, type Sql, slot, sql } from '../../../base/sql/sql.ts'
import type { Statement } from '../../../base/sql/statement.ts'
import { jsonColumn } from '../../../compile/statements/json/json-sql.ts'
import type { Caller, ClaimValue } from '../../../model/caller.ts'
import { type Entity, entityNamed, type Field, fieldNamed, type IdentityModel, type Model, storedScalar } from '../../../model/model.ts'
import { SCALARS } from '../../../model/scalar.ts'

/** SQL pieces of the identity entity; its table has the alias `u`. */
export interface IdentityRow {
  readonly table: Sql
  readonly login: Field
  readonly id: Sql
  readonly idType: string
  /** The column of the password, without an alias. */
  readonly password: Sql
  readonly loginColumn: Sql
  /** A condition that is true for rows that are not soft-deleted. */
  readonly live: Sql
  /** The user's claims as JSON text; null when the join found no user. */
  readonly claims: Sql
}

/** Returns the identity of a model and its entity. @throws Error for a model without an identity (a defect of the caller). */
export function identityOf(model: Model): { readonly identity: IdentityModel; readonly entity: Entity } {
  if (model.identity === null) throw new Error('this design has no identity')
  return { identity: model.identity, entity: entityNamed(model, model.identity.entity) }
}

/** Makes the SQL pieces for a model's identity. @throws Error for a model without one. */
export function identityRow(model: Model): IdentityRow {
  const { identity, entity } = identityOf(model)
  const column = (field: Field) => ident('u', field.column)
  const idField = fieldNamed(entity, 'id')
  const claims = model.claims.map(({ name, field }) => {
    const claim = fieldNamed(entity, field)
    return sql`${jsonColumn(claim, column(claim))} as ${ident(name)}`
  })
  const id = column(idField)
  const deletedAt = entity.fields.find((field) => field.system === 'deletedAt')
  return {
    table: sql`${ident(entity.table)} u`,
    login: fieldNamed(entity, identity.login),
    id,
    idType: SCALARS[storedScalar(idField.type)].column,
    password: ident(fieldNamed(entity, identity.password).column),
    loginColumn: column(fieldNamed(entity, identity.login)),
    live: deletedAt === undefined ? sql`true` : sql`${column(deletedAt)} is null`,
    claims: sql`case when ${id} is not null then
      (select row_to_json(c)::text from (select ${join(claims, ', ', sql`${id} as "id"`)}) c) end`,
  }
}

/** The condition that a user has the id in the slot `user_id`. The slot is a text for every type of id. */
export function isUser(row: IdentityRow): Sql {
  return sql`${row.id} = ${slot('user_id', row.idType)} and ${row.live}`
}

/** A user with the current claims from the database. */
export interface SignedInUser {
  readonly userId: string
  readonly caller: Caller
}

/** The statement that reads a user's claims as JSON. Slot: user_id. No row when there is no such user. */
export function callerStatement(model: Model): Statement {
  const row = identityRow(model)
  return { name: 'identity.caller', sql: sql`select ${row.claims} from ${row.table} where ${isUser(row)}`, merge: 'lateral' }
}

/**
 * The statement that reads the claims of the account whose field has a value, as JSON. Slot: value, of the type of the field. No row when
 * there is no such account.
 *
 * @param name a field that tells accounts apart
 */
export function accountByStatement(model: Model, name: string): Statement {
  const row = identityRow(model)
  const { type, column } = fieldNamed(identityOf(model).entity, name)
  const value = slot('value', SCALARS[storedScalar(type)].column)
  return {
    name: `identity.account.${column}`,
    sql: sql`select ${row.claims} from ${row.table} where ${ident('u', column)} = ${value} and ${row.live}`,
    merge: 'lateral',
  }
}

/** Makes a user from the JSON that `claims` of `IdentityRow` selected. */
export function readUser(userId: string, claims: string, session: string | null): SignedInUser {
  const values: Readonly<Record<string, ClaimValue>> = JSON.parse(claims)
  return { userId, caller: { claims: new Map(Object.entries(values)), session } }
}
