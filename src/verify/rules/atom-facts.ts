/** What an atom can be, from the design alone: whether it can be unknown, and whether its witness values are complete. */

import type { ASTNode } from '@marcbachmann/cel-js'
import type { Truth } from '../../model/expression.ts'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { type AccessRule, ruleOf, type WrittenDesign } from '../expected/written-design.ts'
import { partsOf } from './mentions.ts'
import { parseExpression } from './rule-tree.ts'

const SIMPLE: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])

/** Where a condition stands. */
export interface AtomPlace {
  readonly design: WrittenDesign
  readonly model: Model
  /** The entity of the row that the rule is about. */
  readonly entity: string
  /** The entities of the rows that quantifiers bind. */
  readonly bindings?: ReadonlyMap<string, string>
  /** The rules that are being followed by `can`. */
  readonly followed?: ReadonlySet<string>
  /** The caller has an account. Unless given, it may be anonymous, and then each claim may be missing. */
  readonly isSignedIn?: true
}

const WITH_UNKNOWN: readonly Truth[] = [true, false, null]
const KNOWN: readonly Truth[] = [true, false]

/** The values that the types of an atom allow. */
export function possibleValues(node: ASTNode, place: AtomPlace): readonly Truth[] {
  return canBeUnknown(node, place) ? WITH_UNKNOWN : KNOWN
}

function canBeUnknown(node: ASTNode, place: AtomPlace): boolean {
  switch (node.op) {
    case '==':
    case '!=':
      if (node.args.some((side) => side.op === 'value' && side.args === null)) return false
      return node.args.some((side) => canBeMissing(side, place))
    case '&&':
    case '||':
    case '?:':
      return node.args.some((part) => canBeUnknown(part, place))
    case '!_':
      return canBeUnknown(node.args, place)
    case 'call':
      return node.args[0] === 'can' ? canOfRule(node.args[1], place) : canBeMissing(node, place)
    case 'rcall':
      return quantifier(node, place) ?? canBeMissing(node, place)
    case 'id': {
      const rule = place.design.rules?.[node.args]
      if (rule !== undefined && !hasMember(entityNamed(place.model, place.entity), node.args))
        return canBeUnknown(parseExpression(rule), place)
      return canBeMissing(node, place)
    }
    default:
      return canBeMissing(node, place)
  }
}

/** `can` is false where the row is missing, and unknown where the rule that it asks for is. */
function canOfRule([operation, row]: readonly ASTNode[], place: AtomPlace): boolean {
  const target = row === undefined ? null : entityOf(row, place)
  const rule = operation?.op === 'value' ? String(operation.args) : ''
  const key = `${target}.${rule}`
  if (target === null || place.followed?.has(key) === true) return true
  const source = ruleOf(place.design.entities[target], rule === 'update' ? 'update.from' : (rule as AccessRule))
  if (source === null) return false
  const { bindings: _, ...rest } = place
  return canBeUnknown(parseExpression(source), { ...rest, entity: target, followed: new Set([...(place.followed ?? []), key]) })
}

/** `exists` and `all` are unknown where their condition can be, or where the row that has the relation can be missing. */
function quantifier(node: Extract<ASTNode, { op: 'rcall' }>, place: AtomPlace): boolean | null {
  const [name, receiver, [variable, body]] = node.args
  if ((name !== 'exists' && name !== 'all') || variable?.op !== 'id' || body === undefined) return null
  const target = relationTarget(receiver, place)
  if (target === null) return true
  const inside = { ...place, bindings: new Map([...(place.bindings ?? []), [variable.args, target]]) }
  return canBeUnknown(body, inside) || (receiver.op === '.' && canBeMissing(receiver.args[0], place))
}

/** Whether a value can be missing. */
function canBeMissing(node: ASTNode, place: AtomPlace): boolean {
  switch (node.op) {
    case 'value':
      return false
    case 'id':
      return place.bindings?.has(node.args) === true ? false : memberCanBeMissing(place.entity, node.args, place)
    case '.': {
      const [of, name] = node.args
      if (of.op === 'id' && of.args === 'auth') return place.isSignedIn !== true || claimCanBeMissing(name, place)
      if (of.op === 'id' && of.args === 'input') return true
      const target = entityOf(of, place)
      if (target === null || canBeMissing(of, place)) return true
      if (name === 'id') return false
      // Of a soft-deleted row only the id is known.
      return (of.op !== 'id' || place.bindings?.has(of.args) !== true) && place.design.entities[target]?.softDelete === true
        ? true
        : memberCanBeMissing(target, name, place)
    }
    case '/':
    case '%':
      return true
    case 'call':
      return node.args[1].some((arg) => canBeMissing(arg, place))
    case 'rcall':
      return true
    default:
      return partsOf(node).some((part) => canBeMissing(part, place))
  }
}

/** Whether an account may be without a claim. */
function claimCanBeMissing(name: string, place: AtomPlace): boolean {
  const { claims, identity } = place.model
  const field = claims.find((one) => one.name === name)?.field
  return field === undefined || identity === null || (field !== 'id' && memberCanBeMissing(identity.entity, field, place))
}

function memberCanBeMissing(entity: string, name: string, { design, model }: AtomPlace): boolean {
  const written = design.entities[entity]?.fields[name]
  if (written === undefined) return name === 'deletedAt'
  if (written.type === 'computed') return true
  return written.optional === true || entityNamed(model, entity).derived.some((field) => field.name === name)
}

function hasMember({ fields, derived, relations }: Entity, name: string): boolean {
  return [fields, derived, relations].some((members) => members.some((member) => member.name === name))
}

/** The entity of the row that a name or a path leads to; null if it leads to no row. */
function entityOf(node: ASTNode, place: AtomPlace): string | null {
  if (node.op === 'id') return place.bindings?.get(node.args) ?? targetOf(place.entity, node.args, place)
  if (node.op !== '.') return null
  const from = entityOf(node.args[0], place)
  return from === null ? null : targetOf(from, node.args[1], place)
}

function targetOf(entity: string, field: string, { model }: AtomPlace): string | null {
  const type = entityNamed(model, entity).fields.find(({ name }) => name === field)?.type
  return type?.kind === 'ref' ? type.entity : null
}

function relationTarget(node: ASTNode, place: AtomPlace): string | null {
  const [from, name] =
    node.op === 'id' ? [place.entity, node.args] : node.op === '.' ? [entityOf(node.args[0], place), node.args[1]] : [null, '']
  if (from === null) return null
  return entityNamed(place.model, from).relations.find((one) => one.name === name)?.entity ?? null
}

/**
 * Whether the values of a world reach every truth that the atom can have: comparisons of fields, claims, references and constants. Texts,
 * sums, the clock, numbers of rows and quantifiers are only sampled.
 */
export function isComplete(node: ASTNode, place: AtomPlace): boolean {
  if (SIMPLE.has(node.op)) return (node.args as readonly ASTNode[]).every((side) => isPlain(side, place))
  return isPlain(node, place)
}

/** A constant, a claim, or a stored field. */
function isPlain(node: ASTNode, place: AtomPlace): boolean {
  if (node.op === 'value') return true
  if (node.op === '-_') return isPlain(node.args, place)
  if (node.op === 'id') return !isComputed(place.entity, node.args, place)
  if (node.op !== '.') return false
  const [of, name] = node.args
  if (of.op === 'id' && (of.args === 'auth' || of.args === 'input')) return true
  const target = entityOf(of, place)
  return target !== null && isPlain(of, place) && !isComputed(target, name, place)
}

function isComputed(entity: string, name: string, { design }: AtomPlace): boolean {
  return design.entities[entity]?.fields[name]?.type === 'computed'
}
