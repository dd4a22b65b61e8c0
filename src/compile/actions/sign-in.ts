/**
 * Actions that sign in: after the step, `auth` is the account. The claims of the caller are slots of the statements. In the statements
 * after the step, these slots become the claims of the account. If the account was there before the transaction, they have other slots. If
 * a step has made it, they are read from its row.
 */

import { ident, replaceSlots, type Sql, slot, sql } from '../../base/sql/sql.ts'
import type { Statement } from '../../base/sql/statement.ts'
import type { SessionPart } from '../../model/caller.ts'
import { entityNamed, fieldNamed, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'
import { derivedViews } from '../rules/derived-view.ts'
import { idColumn } from '../rules/term-sql.ts'
import type { Output } from '../statements/plan.ts'
import type { HookedStep } from './hooked-program.ts'

/** How a program signs in. */
export type ProgramSignIn =
  /** With these inputs, before the transaction. */
  | { readonly by: 'password'; readonly login: string; readonly password: string }
  /**
   * As an account that it makes: the statement that begins the session, the number of the account among the kept ids, and the input with
   * its password, which a repetition needs; null when no input has it.
   */
  | { readonly by: 'row'; readonly at: number; readonly kept: number; readonly password: string | null }

/** Gives a claim of the account that has signed in, in the type of the slot. */
export type AccountClaims = (claim: string, type: string) => Sql

const REQUEST = 'auth.'
const SIGNED = 'signed.'

/** The slot of the id of an account that has signed in with its password. */
export const SIGNED_ID = `${SIGNED}id`

/** The claims of an account that the server has signed in before the statements run. */
export const signedClaims: AccountClaims = (claim, type) => slot(`${SIGNED}${claim}`, type)

/** The values of the slots of `signedClaims`. @param values the slots of a caller, as `callerValues` makes them */
export function signedValues<V>(values: Readonly<Record<string, V>>): Readonly<Record<string, V>> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [`${SIGNED}${key.slice(REQUEST.length)}`, value]))
}

/** The claims of the account with an id, read from its row. */
export function accountOf(model: Model, id: Sql): AccountClaims {
  const entity = entityNamed(model, model.identity?.entity ?? '')
  return (claim) => {
    if (claim === 'id') return sql`(${id})`
    const field = model.claims.find(({ name }) => name === claim)?.field ?? claim
    const column = ident(fieldNamed(entity, field).column)
    return sql`(select "#account".${column} from ${ident(entity.table)} "#account" where "#account".${idColumn(entity)} = ${id})`
  }
}

/** The same statement about the account in place of the caller of the request. */
export function asAccount(part: Sql, account: AccountClaims): Sql {
  return replaceSlots(part, ({ key, type }) => (key.startsWith(REQUEST) ? account(key.slice(REQUEST.length), type) : null))
}

/** The same step with hooks, about the account. */
export function hookedAs(step: HookedStep, account: AccountClaims): HookedStep {
  const seen = <S extends Statement | null>(statement: S): S =>
    statement === null ? statement : { ...statement, sql: asAccount(statement.sql, account) }
  return {
    ...step,
    drafts: step.drafts.map(seen),
    again: seen(step.again),
    write: step.write.map(seen),
    collect: seen(step.collect),
    look: seen(step.look),
    existing: step.existing === null ? null : hookedAs(step.existing, account),
  }
}

const SESSION = 'session.'

/** The slot of a token in the answer. */
export function sessionSlot(part: SessionPart): string {
  return `${SESSION}${part}`
}

/** The statement that begins a session, with slots that no other statement of an action has. */
export function openingSql(opening: Sql): Sql {
  return replaceSlots(opening, ({ key, type }) => slot(openingSlot(key), type))
}

/** The slot of a value of the statement that begins a session. */
export function openingSlot(key: string): string {
  return `${SESSION}opening.${key}`
}

/** A row of an entity with the rules of all fields, for an account whose kind is not known when the statement is made. */
export function rowWithRules(model: Model, name: string): Output {
  const entity = entityNamed(model, name)
  const stored = entity.fields
    .filter(({ type, read }) => type.kind !== 'password' && !isNever(read))
    .map((field) => ({ field, visible: field.read }))
  const derived = derivedViews(model, entity, (rule) => rule).map(([, { field, rule, value }]) => ({ field, visible: rule, value }))
  return { entity, fields: [...stored, ...derived], includes: [] }
}
