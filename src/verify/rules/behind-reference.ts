/** Conditions about a row, written for another row that refers to it, or without the rules that they ask by name. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { ruleOf, type WrittenDesign } from '../expected/written-design.ts'
import { partsOf } from './mentions.ts'
import { parseExpression, textOf } from './rule-tree.ts'

/** The row that a condition is about, and the reference of the other row that leads to it. */
export interface Behind {
  readonly design: WrittenDesign
  readonly model: Model
  readonly entity: string
  readonly reference: string
}

/** A name in an expression, and whether a quantifier binds it. */
interface Name {
  readonly node: Extract<ASTNode, { op: 'id' }>
  readonly isBound: boolean
}

/** `customer == auth.id` of an order as `order.customer == auth.id` of a row that refers to it by `order`. Named rules are written out. */
export function behindReference(source: string, behind: Behind): string {
  const members = namesOf(entityNamed(behind.model, behind.entity))
  const names = namesIn(parseExpression(source), new Set()).filter(({ isBound }) => !isBound)
  const changes = names.flatMap(({ node }) => {
    const rule = behind.design.rules?.[node.args]
    const text = members.has(node.args)
      ? `${behind.reference}.${node.args}`
      : rule === undefined
        ? null
        : `(${behindReference(rule, behind)})`
    return text === null ? [] : [{ ...node.range, text }]
  })
  return changes
    .toSorted((a, b) => b.start - a.start)
    .reduce((text, change) => text.slice(0, change.start) + change.text + text.slice(change.end), source)
}

/** Whether the truth of a condition is the same for all rows: it reads nothing but claims of the caller. */
export function readsOnlyCaller(source: string, rules: WrittenDesign['rules']): boolean {
  if (/\b(can|now|today)\(/.test(source)) return false
  return namesIn(parseExpression(source), new Set()).every(({ node }) => {
    const rule = rules?.[node.args]
    return node.args === 'auth' || (rule !== undefined && readsOnlyCaller(rule, rules))
  })
}

/** A condition that is `can("read", product)`, with the rule of that row in its place; any other condition as it is. */
export function withoutCan(source: string, place: Omit<Behind, 'reference'>): string {
  const [, reference] = source.trim().match(/^can\("read", (\w+)\)$/) ?? []
  const type = entityNamed(place.model, place.entity).fields.find(({ name }) => name === reference)?.type
  if (reference === undefined || type?.kind !== 'ref') return source
  const rule = ruleOf(place.design.entities[type.entity], 'read') ?? 'false'
  return `(${reference} != null && (${behindReference(rule, { ...place, entity: type.entity, reference })}))`
}

function namesOf({ fields, derived, relations }: Entity): ReadonlySet<string> {
  return new Set([...fields, ...derived, ...relations].map(({ name }) => name))
}

function namesIn(node: ASTNode, bound: ReadonlySet<string>): readonly Name[] {
  switch (node.op) {
    case 'id':
      return textOf(node) === node.args ? [{ node, isBound: bound.has(node.args) }] : []
    case '.':
      return namesIn(node.args[0], bound)
    case 'call':
      return node.args[1].flatMap((arg) => namesIn(arg, bound))
    case 'rcall': {
      const [, receiver, args] = node.args
      const [variable] = args
      const inside = variable?.op === 'id' && args.length > 1 ? new Set([...bound, variable.args]) : bound
      return [...namesIn(receiver, bound), ...args.flatMap((arg) => namesIn(arg, inside))]
    }
    default:
      return partsOf(node).flatMap((part) => namesIn(part, bound))
  }
}
