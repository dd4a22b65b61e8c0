/**
 * The parts of a create that must not show whether another account has the login. A row with a taken login is left out without an error.
 * All else that can refuse the row is decided before, so a refusal does not depend on the login; and the statement does the same work
 * for a taken login, including the wait for the disk at the commit.
 */

import { empty, ident, join, literal, type Sql, sql } from '../../base/sql/sql.ts'
import { type ConditionalUnique, type Entity, type Field, fieldNamed, type Model, type Unique } from '../../model/model.ts'
import { rowScope, whenTrue } from '../rules/predicate-sql.ts'

/** The unique constraints of the entity apart from that of the login, in the order in which a statement checks them. */
export function guardedUniques(entity: Entity, login: Field): readonly (Unique | ConditionalUnique)[] {
  const isLogin = ({ fields }: Unique) => fields.length === 1 && fields[0] === login.name
  const id: Unique = { fields: ['id'], blame: 'id', named: true }
  return [id, ...entity.uniques.filter((unique) => !isLogin(unique)), ...entity.conditionalUniques]
}

/**
 * The position of the first of these constraints that the row `n` would violate, as a JSON list; an empty list when there is none.
 */
export function takenSql(model: Model, entity: Entity, login: Field): Sql {
  const cases = guardedUniques(entity, login).map(
    (unique, i) => sql` when exists (${others(model, entity, unique)}) then ${literal(`[${i}]`)}`,
  )
  return sql`case${join(cases, '', empty)} else '[]' end`
}

function others(model: Model, entity: Entity, unique: Unique | ConditionalUnique): Sql {
  const same = unique.fields.map((name) => {
    const column = ident(fieldNamed(entity, name).column)
    return sql`u.${column} = n.${column}`
  })
  // A number or an id stays taken when its row is deleted.
  const outlives = unique.blame === 'id' || fieldNamed(entity, unique.blame).default?.kind === 'sequence'
  const alive = outlives ? [] : notDeleted(entity, 'u')
  const where =
    'where' in unique ? (['u', 'n'] as const).map((alias) => sql`(${whenTrue(unique.where, rowScope(model, ident(alias)))})`) : []
  return sql`select from ${ident(entity.table)} u where ${join([...same, ...alive, ...where], ' and ', empty)}`
}

function notDeleted(entity: Entity, alias: string | null): readonly Sql[] {
  const deleted = entity.fields.find((field) => field.system === 'deletedAt')
  if (deleted === undefined) return []
  return [alias === null ? sql`${ident(deleted.column)} is null` : sql`${ident(alias)}.${ident(deleted.column)} is null`]
}

/** The end of the insert: leaves out a row whose login is taken. */
export function unlessLoginTaken(entity: Entity, login: Field): Sql {
  const [where] = notDeleted(entity, null)
  return sql` on conflict (${ident(login.column)})${where === undefined ? empty : sql` where ${where}`} do nothing`
}

/**
 * A column that makes every commit wait for the disk. A transaction that inserts nothing writes nothing to the log of the database, so its
 * commit would be faster; the message in the log makes it equal.
 */
export const loggedSql: Sql = sql`pg_logical_emit_message(true, 'plinth', '')`
