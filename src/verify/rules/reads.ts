/**
 * What an expression reads, as a tree from its row: fields, the rows that it refers to, and its related rows. Rows made from this tree
 * give each condition all values that it can have.
 */

import type { ASTNode } from '@marcbachmann/cel-js'
import { type Entity, entityNamed, type Model } from '../../model/model.ts'
import { type AccessRule, ruleOf, type WrittenDesign } from '../expected/written-design.ts'
import { constantsIn, isClock, partsOf } from './mentions.ts'
import { parseExpression } from './rule-tree.ts'

/** What stands beside a field in the conditions that read it. */
export interface ReadField {
  readonly constants: Set<string | number | boolean>
  /** The field is compared with the present time. */
  clock: boolean
}

/** What is read of one row. */
export interface Read {
  readonly entity: string
  readonly fields: Map<string, ReadField>
  /** The rows that it refers to, by field. */
  readonly refs: Map<string, Read>
  /** Its related rows, by relation, with the number of conditions about them. */
  readonly relations: Map<string, { readonly of: Read; conditions: number }>
  /** The field of a related row that refers back, and the row that it refers to. */
  readonly up: { readonly field: string; readonly of: Read } | null
}

/** What expressions about a row read of it and of the caller. */
export interface RuleReads {
  readonly row: Read
  /** The account of the caller; null where the design has none. */
  readonly caller: Read | null
  /** Fields that are compared with each other; what stands beside one of them matters to the other. */
  readonly linked: (readonly [ReadField, ReadField])[]
  /** Whether all conditions are of the kinds of which a few values show every truth: comparisons, quantifiers, and `can`. */
  regular: boolean
}

interface Place {
  readonly design: WrittenDesign
  readonly model: Model
  readonly reads: RuleReads
  readonly root: Read
  readonly bindings: ReadonlyMap<string, Read>
  /** The named rules, computed fields and rules of `can` that are being read. */
  readonly seen: ReadonlySet<string>
}

/** The reads of a row of an entity, before any expression was added. */
export function noReads(model: Model, entity: string): RuleReads {
  const { identity } = model
  return { row: emptyRead(entity), caller: identity === null ? null : emptyRead(identity.entity), linked: [], regular: true }
}

/** Adds what an expression about the row reads. */
export function addReads(design: WrittenDesign, model: Model, reads: RuleReads, source: string): void {
  visit({ design, model, reads, root: reads.row, bindings: new Map(), seen: new Set() }, parseExpression(source))
}

/** Adds what the checks on the fields of the rows read, where they are about a field that is read. */
export function addChecks(design: WrittenDesign, model: Model, reads: RuleReads): void {
  const all: Read[] = []
  const collect = (read: Read): void => {
    all.push(read)
    for (const below of read.refs.values()) collect(below)
    for (const { of } of read.relations.values()) collect(of)
  }
  collect(reads.row)
  const { regular } = reads
  for (const root of all) {
    const overRelations = entityNamed(model, root.entity).relationChecks.map(({ name }) => name)
    for (const [name, { rule }] of Object.entries(design.entities[root.entity]?.checks ?? {})) {
      const isAbout = [...root.fields.keys()].some((field) => new RegExp(`\\b${field}\\b`).test(rule))
      if (isAbout && !overRelations.includes(name))
        visit({ design, model, reads, root, bindings: new Map(), seen: new Set() }, parseExpression(rule))
    }
  }
  reads.regular = regular
  for (const [a, b] of reads.linked) {
    for (const value of a.constants) b.constants.add(value)
    for (const value of b.constants) a.constants.add(value)
    const isClocked = a.clock || b.clock
    a.clock = isClocked
    b.clock = isClocked
  }
}

function emptyRead(entity: string, up: Read['up'] = null): Read {
  return { entity, fields: new Map(), refs: new Map(), relations: new Map(), up }
}

const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>='])

function visit(at: Place, node: ASTNode): void {
  if (COMPARISONS.has(node.op) || node.op === 'in') compare(at, node.args as [ASTNode, ASTNode])
  else if (node.op === 'id' || node.op === '.') readValue(at, node)
  else if (node.op === 'rcall') visitMethod(at, node)
  else if (node.op === 'call') visitCall(at, node)
  else {
    if (!['&&', '||', '!_', '?:', 'value', 'list'].includes(node.op)) at.reads.regular = false
    for (const part of partsOf(node)) visit(at, part)
  }
}

function compare(at: Place, [left, right]: readonly [ASTNode, ASTNode]): void {
  if (comparesNumberOfRows(at, left, right) || comparesNumberOfRows(at, right, left)) return
  const sides = [left, right].map((side) => ({ side, found: isName(side) ? readValue(at, side) : null }))
  const [first, second] = sides.map(({ found }) => (found?.kind === 'field' ? found.field : null))
  if (first != null && second != null) at.reads.linked.push([first, second])
  for (const [i, { side, found }] of sides.entries()) {
    const other = i === 0 ? right : left
    if (found?.kind === 'field') {
      for (const value of constantsIn(other)) found.field.constants.add(value)
      if (isClock(other)) found.field.clock = true
      const type = entityNamed(at.model, found.read.entity).fields.find(({ name }) => name === found.name)?.type
      // A few values do not show all outcomes of two fields, except of references, which are equal or not.
      if (isName(other) && type?.kind !== 'ref' && found.name !== 'id') at.reads.regular = false
      if (type?.kind === 'list') at.reads.regular = false
    } else if (found === null && !isClock(side)) visit(at, side)
  }
}

/** `size(rows) > 0` and the like: no, one and two rows show all its outcomes. */
function comparesNumberOfRows(at: Place, size: ASTNode, other: ASTNode): boolean {
  if (size.op !== 'call' || size.args[0] !== 'size' || other.op !== 'value' || Number(other.args) > 1) return false
  const [of] = size.args[1]
  const rows = of !== undefined && isName(of) ? relationAt(at, of) : null
  if (rows !== null) rows.conditions = Math.max(rows.conditions, Number(other.args) + 1)
  return rows !== null
}

function isName(node: ASTNode): boolean {
  return node.op === 'id' || node.op === '.'
}

function visitMethod(at: Place, node: Extract<ASTNode, { op: 'rcall' }>): void {
  const [name, receiver, args] = node.args
  const [variable, body] = args
  const rows = isName(receiver) ? relationAt(at, receiver) : null
  if (variable?.op === 'id' && body !== undefined && rows !== null) {
    if (name !== 'exists' && name !== 'all') at.reads.regular = false
    rows.conditions++
    visit({ ...at, bindings: new Map([...at.bindings, [variable.args, rows.of]]) }, body)
    return
  }
  at.reads.regular = false
  if (rows !== null) rows.conditions++
  else if (isName(receiver)) {
    const found = readValue(at, receiver)
    if (found?.kind === 'field') for (const value of args.flatMap(constantsIn)) found.field.constants.add(value)
  } else visit(at, receiver)
  // The variable of a list of values means nothing here.
  if (variable?.op !== 'id' || body === undefined) for (const arg of args) visit(at, arg)
}

function visitCall(at: Place, node: Extract<ASTNode, { op: 'call' }>): void {
  const [name, args] = node.args
  const [first, second] = args
  if (name === 'can' && first?.op === 'value' && second !== undefined) {
    const target = rowAt(at, second)
    const rule = first.args === 'update' ? 'update.from' : (String(first.args) as AccessRule)
    const source = target === null ? null : ruleOf(at.design.entities[target.entity], rule)
    if (target !== null && source !== null) follow({ ...at, root: target }, `${target.entity}.${rule}`, source)
    return
  }
  if (name === 'now' || name === 'today') return
  at.reads.regular = false
  for (const arg of args) {
    const rows = name === 'size' && isName(arg) ? relationAt(at, arg) : null
    if (rows === null) visit(at, arg)
    else rows.conditions++
  }
}

/** Reads the text behind a name, once. */
function follow(at: Place, key: string, source: string): void {
  if (at.seen.has(key)) return
  visit({ ...at, bindings: new Map(), seen: new Set([...at.seen, key]) }, parseExpression(source))
}

type Found = { readonly kind: 'field'; readonly read: Read; readonly name: string; readonly field: ReadField } | { readonly kind: 'row' }

/** Notes the value that a name or a path ends in. Null where it is none of a row. */
function readValue(at: Place, node: ASTNode): Found | null {
  if (node.op === 'id') {
    const bound = at.bindings.get(node.args)
    if (bound !== undefined) return fieldOf(at, bound, 'id')
    const own = fieldOf(at, at.root, node.args)
    if (own !== null) return own
    const rule = at.design.rules?.[node.args]
    if (rule !== undefined) follow(at, node.args, rule)
    return null
  }
  if (node.op !== '.') return null
  const [of, name] = node.args
  if (of.op === 'id' && of.args === 'auth') {
    const claim = at.model.claims.find((one) => one.name === name)
    return claim === undefined || at.reads.caller === null ? null : fieldOf(at, at.reads.caller, claim.field)
  }
  if (of.op === 'id' && of.args === 'input') {
    at.reads.regular = false
    return fieldOf(at, at.root, name)
  }
  // `author.id` is the reference itself.
  if (name === 'id' && !(of.op === 'id' && at.bindings.has(of.args))) return readValue(at, of)
  const row = rowAt(at, of)
  return row === null ? null : fieldOf(at, row, name)
}

/** Notes a field of a row; a computed one by what it is computed from. Null if the row has no such field. */
function fieldOf(at: Place, read: Read, name: string): Found | null {
  const entity = entityNamed(at.model, read.entity)
  if (!isMember(entity, name)) return null
  const computed = at.design.entities[read.entity]?.fields[name]?.expression
  if (computed !== undefined) {
    at.reads.regular = false
    follow({ ...at, root: read }, `${read.entity}.${name}`, computed)
    return { kind: 'row' }
  }
  const field = read.fields.get(name) ?? { constants: new Set(), clock: false }
  read.fields.set(name, field)
  return { kind: 'field', read, name, field }
}

function isMember({ fields, derived }: Entity, name: string): boolean {
  return fields.some((field) => field.name === name) || derived.some((field) => field.name === name)
}

/** The row that a name or a path leads to; null if it leads to none. */
function rowAt(at: Place, node: ASTNode): Read | null {
  if (node.op === 'id') return at.bindings.get(node.args) ?? behind(at, at.root, node.args)
  if (node.op !== '.') return null
  const row = rowAt(at, node.args[0])
  return row === null ? null : behind(at, row, node.args[1])
}

/** The row behind a reference of another one, which is noted. */
function behind(at: Place, read: Read, name: string): Read | null {
  if (read.up?.field === name) return read.up.of
  const type = entityNamed(at.model, read.entity).fields.find((field) => field.name === name)?.type
  if (type?.kind !== 'ref') return null
  fieldOf(at, read, name)
  const known = read.refs.get(name) ?? emptyRead(type.entity)
  read.refs.set(name, known)
  return known
}

function relationAt(at: Place, node: ASTNode): { readonly of: Read; conditions: number } | null {
  const [from, name] = node.op === 'id' ? [at.root, node.args] : node.op === '.' ? [rowAt(at, node.args[0]), node.args[1]] : [null, '']
  const relation = from === null ? undefined : entityNamed(at.model, from.entity).relations.find((one) => one.name === name)
  if (from === null || relation === undefined) return null
  const known = from.relations.get(name) ?? { of: emptyRead(relation.entity, { field: relation.via, of: from }), conditions: 0 }
  from.relations.set(name, known)
  return known
}
