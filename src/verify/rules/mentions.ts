/** What the expressions of a design read: fields with the constants beside them, references, relations, and what the caller is. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { parseExpression } from './rule-tree.ts'

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])
const ALONE: Beside = { constants: [], clock: false }

/** What expressions read of an entity. */
export interface Mentioned {
  /** Constants that stand beside a field, by field; empty for a field that is read without one. */
  readonly fields: Map<string, Set<string | number | boolean>>
  /** Relations that a quantifier, `size` or an aggregate goes through. */
  readonly relations: Set<string>
  /** Fields that are compared with the present time. */
  readonly clocks: Set<string>
}

/** What all expressions read, by entity. Claims are fields of the entity that signs in. */
export type Mentions = ReadonlyMap<string, Mentioned>

/** An expression about rows of an entity. */
export interface About {
  readonly entity: string
  readonly source: string
}

/** Collects what expressions read. Names that mean nothing are skipped. */
export function mentionsOf(design: WrittenDesign, model: Model, expressions: readonly About[]): Mentions {
  const found = new Map<string, Mentioned>(
    model.entities.map(({ name }) => [name, { fields: new Map(), relations: new Set(), clocks: new Set() }]),
  )
  for (const { entity, source } of expressions) {
    const reader: Reader = { design, model, found, root: entity, bindings: new Map(), seen: new Set() }
    visit(reader, parseExpression(source))
  }
  return found
}

interface Reader {
  readonly design: WrittenDesign
  readonly model: Model
  readonly found: Map<string, Mentioned>
  readonly root: string
  readonly bindings: ReadonlyMap<string, string>
  /** The named rules and computed fields that are being read. */
  readonly seen: ReadonlySet<string>
}

type Constant = string | number | boolean

function visit(reader: Reader, node: ASTNode): void {
  if (COMPARISONS.has(node.op) || node.op === 'in') {
    const [left, right] = node.args as [ASTNode, ASTNode]
    note(reader, left, { constants: constantsIn(right), clock: isClock(right) })
    note(reader, right, { constants: constantsIn(left), clock: isClock(left) })
  } else if (node.op === 'id' || node.op === '.') note(reader, node, ALONE)
  else if (node.op === 'rcall') visitMethod(reader, node)
  else if (node.op === 'call') visitCall(reader, node)
  else for (const part of partsOf(node)) visit(reader, part)
}

/** A quantifier or an aggregate over related rows, or a function of a value. */
function visitMethod(reader: Reader, node: Extract<ASTNode, { op: 'rcall' }>): void {
  const [name, receiver, args] = node.args
  const [variable, body] = args
  if (variable?.op === 'id' && body !== undefined) {
    const rows = relationOf(reader, receiver)
    if (rows === null) visit(reader, receiver)
    else {
      mark(reader, rows)
      visit({ ...reader, bindings: new Map([...reader.bindings, [variable.args, rows.target]]) }, body)
    }
    return
  }
  const isTextTest = ['contains', 'startsWith', 'endsWith'].includes(name)
  note(reader, receiver, { constants: isTextTest ? args.flatMap(constantsIn) : [], clock: false })
  for (const arg of args) visit(reader, arg)
}

function visitCall(reader: Reader, node: Extract<ASTNode, { op: 'call' }>): void {
  const [name, args] = node.args
  for (const arg of args) {
    const rows = name === 'size' ? relationOf(reader, arg) : null
    if (rows === null) visit(reader, arg)
    else mark(reader, rows)
  }
}

/** The parts of an operator. */
export function partsOf(node: ASTNode): readonly ASTNode[] {
  if (Array.isArray(node.args)) return (node.args as readonly unknown[]).filter(isNode)
  return isNode(node.args) ? [node.args] : []
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value
}

/** Whether an expression reads the present time. */
export function isClock(node: ASTNode): boolean {
  return /\b(now|today)\(/.test(node.input.slice(node.range.start, node.range.end))
}

/** The constants of an expression: one, or those of a list. */
export function constantsIn(node: ASTNode): readonly Constant[] {
  if (node.op === 'value') {
    const { args } = node
    if (typeof args === 'bigint') return [Number(args)]
    return typeof args === 'string' || typeof args === 'number' || typeof args === 'boolean' ? [args] : []
  }
  if (node.op === '-_') return constantsIn(node.args).map((value) => (typeof value === 'number' ? -value : value))
  return node.op === 'list' ? node.args.flatMap(constantsIn) : []
}

/** What stands beside a value: constants, or the present time. */
interface Beside {
  readonly constants: readonly Constant[]
  readonly clock: boolean
}

/** Notes a value that an expression reads, and what stands beside it. */
function note(reader: Reader, node: ASTNode, { constants, clock }: Beside): void {
  const field = fieldAt(reader, node)
  if (field === null) {
    if (node.op === 'id') noteName(reader, node.args)
    else if (node.op !== 'value' && node.op !== '.') visit(reader, node)
    return
  }
  const mentioned = reader.found.get(field.entity)
  const known = mentioned?.fields.get(field.name) ?? new Set()
  for (const value of constants) known.add(value)
  mentioned?.fields.set(field.name, known)
  if (clock) mentioned?.clocks.add(field.name)
  const computed = reader.design.entities[field.entity]?.fields[field.name]?.expression
  if (computed !== undefined) follow(reader, `${field.entity}.${field.name}`, { source: computed, root: field.entity })
}

/** Reads the text behind a name once. */
function follow(reader: Reader, key: string, { source, root }: { readonly source: string; readonly root: string }): void {
  if (reader.seen.has(key)) return
  const bindings = root === reader.root ? reader.bindings : new Map<string, string>()
  visit({ ...reader, root, bindings, seen: new Set([...reader.seen, key]) }, parseExpression(source))
}

function noteName(reader: Reader, name: string): void {
  const source = reader.design.rules?.[name]
  if (source !== undefined) follow(reader, name, { source, root: reader.root })
}

interface FieldPlace {
  readonly entity: string
  readonly name: string
}

/** The field that a name or a path ends in; the references on the way are noted too. */
function fieldAt(reader: Reader, node: ASTNode): FieldPlace | null {
  if (node.op === 'id') return memberOf(reader, reader.root, node.args)
  if (node.op !== '.') return null
  const [of, name] = node.args
  if (of.op === 'id' && of.args === 'auth') return claimOf(reader, name)
  if (of.op === 'id' && of.args === 'input') return memberOf(reader, reader.root, name)
  const entity = entityAt(reader, of)
  return entity === null ? null : memberOf(reader, entity, name)
}

function claimOf({ model }: Reader, name: string): FieldPlace | null {
  const claim = model.claims.find((one) => one.name === name)
  return claim === undefined || model.identity === null ? null : { entity: model.identity.entity, name: claim.field }
}

function memberOf({ model }: Reader, entity: string, name: string): FieldPlace | null {
  const { fields, derived } = entityNamed(model, entity)
  return fields.some((field) => field.name === name) || derived.some((field) => field.name === name) ? { entity, name } : null
}

/** The entity of the row that a name or a path leads to. */
function entityAt(reader: Reader, node: ASTNode): string | null {
  if (node.op === 'id' && reader.bindings.has(node.args)) return reader.bindings.get(node.args) ?? null
  const field = fieldAt(reader, node)
  if (field === null) return null
  const type = entityNamed(reader.model, field.entity).fields.find(({ name }) => name === field.name)?.type
  if (type?.kind !== 'ref') return null
  note(reader, node, ALONE)
  return type.entity
}

interface RelationPlace extends FieldPlace {
  readonly target: string
}

function relationOf(reader: Reader, node: ASTNode): RelationPlace | null {
  const found = (of: string, name: string): RelationPlace | null => {
    const entity: Entity = entityNamed(reader.model, of)
    const relation = entity.relations.find((one) => one.name === name)
    return relation === undefined ? null : { entity: of, name, target: relation.entity }
  }
  if (node.op === 'id') return found(reader.root, node.args)
  if (node.op !== '.') return null
  const [of, name] = node.args
  const entity = entityAt(reader, of)
  return entity === null ? null : found(entity, name)
}

function mark({ found, model }: Reader, { entity, name, target }: RelationPlace): void {
  found.get(entity)?.relations.add(name)
  const via = entityNamed(model, entity).relations.find((one) => one.name === name)?.via
  const child = found.get(target)
  if (via !== undefined && child !== undefined && !child.fields.has(via)) child.fields.set(via, new Set())
}
