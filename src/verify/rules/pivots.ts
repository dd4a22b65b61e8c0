/**
 * The values that the conditions of rules read, as far as the design alone says what they can be: claims, and fields at the end of a path
 * of references. Conditions that read the same value depend on each other.
 */

import type { ASTNode } from '@marcbachmann/cel-js'
import { type Entity, entityNamed, type Field } from '../../model/model.ts'
import { type AtomPlace, isComplete } from './atom-facts.ts'

/** Which row of a write a rule is judged on. A read, a create and a delete have one row. */
export type Moment = 'before' | 'after'

/** What is compared: a constant, or the value of a pivot; null for a missing value. */
export type Compared = { readonly constant: Constant } | { readonly pivot: string }

/** A constant of a rule. */
export type Constant = string | number | boolean | null

/** A value that conditions read. */
export interface Pivot {
  readonly key: string
  /** The pivot that it is a field of; null for a claim and for a field of the row itself. */
  readonly of: string | null
  readonly field: Field | null
  /** Whether it can be missing although the row that it is a field of is there. */
  readonly optional: boolean
  /** A number that every value is above: a change counts the version. */
  readonly above: number | null
}

/** A comparison of two operands. */
export interface Comparison {
  readonly op: string
  readonly left: Compared
  readonly right: Compared
  readonly pivots: readonly Pivot[]
}

/** What callers do not choose: a constant, or a claim. */
export type Given = { readonly constant: Constant } | { readonly claim: string }

/** Where the row of a rule comes from. */
export interface Origin extends AtomPlace {
  readonly moment: Moment
  /** The value of a field of the row that callers do not choose: a claim, or a constant; undefined for any other field. */
  readonly given: (field: Field) => Given | undefined
  /** Whether a field has the same value before and after a write. */
  readonly isKept: (field: Field) => boolean
}

/** The comparison that a condition is; null for a condition of another form. */
export function comparisonOf(node: ASTNode, origin: Origin): Comparison | null {
  if (!isComplete(node, origin)) return null
  const pivots: Pivot[] = []
  if (['==', '!=', '<', '<=', '>', '>='].includes(node.op)) {
    const [left, right] = (node.args as readonly ASTNode[]).map((side) => operandOf(side, origin, pivots))
    return left == null || right == null ? null : { op: node.op, left, right, pivots }
  }
  const alone = operandOf(node, origin, pivots)
  return alone === null ? null : { op: '==', left: alone, right: { constant: true }, pivots }
}

function operandOf(node: ASTNode, origin: Origin, pivots: Pivot[]): Compared | null {
  if (node.op === 'value') return { constant: constantOf(node.args) }
  if (node.op === '-_' && node.args.op === 'value') return { constant: -Number(node.args.args) }
  if (node.op === 'id') return memberOf(entityNamed(origin.model, origin.entity), node.args, origin, pivots)
  if (node.op !== '.') return null
  const [of, name] = node.args
  if (of.op === 'id' && of.args === 'input') return null
  if (of.op === 'id' && of.args === 'auth') return claimOf(name, origin, pivots)
  const from = operandOf(of, origin, pivots)
  if (from === null || !('pivot' in from)) return null
  // A reference holds the id of its row.
  if (name === 'id') return from
  const target = entityBehind(
    pivots.find(({ key }) => key === from.pivot),
    origin,
  )
  const field = target?.fields.find((one) => one.name === name)
  if (target === null || field === undefined) return null
  const key = `${from.pivot}.${name}`
  // Of a soft-deleted row only the id is known.
  pivots.push({ key, of: from.pivot, field, optional: field.optional || target.softDelete, above: null })
  return { pivot: key }
}

function constantOf(value: unknown): Constant {
  return typeof value === 'bigint' ? Number(value) : (value as Constant)
}

function claimOf(name: string, { model }: Origin, pivots: Pivot[]): Compared {
  const claim = model.claims.find((one) => one.name === name)
  const account = model.identity === null ? null : entityNamed(model, model.identity.entity)
  const field = account?.fields.find((one) => one.name === (claim?.field ?? name)) ?? null
  const key = `auth.${name}`
  // All claims of an anonymous caller are missing.
  pivots.push({ key: 'auth.id', of: null, field: account?.fields[0] ?? null, optional: true, above: null })
  if (name !== 'id') pivots.push({ key, of: 'auth.id', field, optional: field?.optional ?? true, above: null })
  return { pivot: key }
}

/** A field of the row itself. */
function memberOf(entity: Entity, name: string, origin: Origin, pivots: Pivot[]): Compared | null {
  const field = entity.fields.find((one) => one.name === name)
  if (field === undefined) return null
  const given = origin.given(field)
  if (given !== undefined) return 'claim' in given ? claimOf(given.claim, origin, pivots) : given
  const key = `${origin.isKept(field) ? 'row' : origin.moment}:${name}`
  const above = field.system === 'version' && origin.moment === 'after' ? 1 : null
  pivots.push({ key, of: null, field, optional: field.optional, above })
  return { pivot: key }
}

/** The entity of the row that a value is the id of. */
function entityBehind(from: Pivot | undefined, { model }: Origin): Entity | null {
  const type = from?.field?.type
  return type?.kind === 'ref' ? entityNamed(model, type.entity) : null
}
