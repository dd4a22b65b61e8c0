/** Resolves names: fields and relations of a row, `auth`, `input`, names that `exists` binds, and named rules. */

import type { ASTNode } from '@marcbachmann/cel-js'
import { suggest } from '../../base/suggest.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Hop, RowPath, Term } from '../../model/expression.ts'
import { rootRow, rowBefore } from '../../model/expression.ts'
import { rebaseTerm } from '../../model/rebase.ts'
import { fieldAndStep, namedValue, ownersOf, totalValue } from './action-names.ts'
import { article, describe } from './constants.ts'
import type { ExpressionContext, ExpressionValue } from './context.ts'
import { FAILED, fail, failWith, isVisible, predicateValue, termValue, visibleField } from './context.ts'
import type { BoundValue } from './scope.ts'
import type { FieldShape } from './shape.ts'
import { parseSource } from './source.ts'

/** Resolves a name without a dot: first names that `exists` binds, then names of the row, then named rules. */
export function nameValue(context: ExpressionContext, node: ASTNode, name: string): ExpressionValue {
  const { scope } = context
  const bound = scope.constants?.get(name)
  if (bound !== undefined) return boundConstant(bound)
  const binding = context.bindings.get(name)
  if (binding !== undefined) {
    if (binding.kind === 'item') return termValue({ kind: 'item', type: binding.type, binding: binding.name }, binding.choices)
    return rowValue(context, node, binding.path)
  }
  if (name === 'auth' && scope.auth) return { kind: 'auth' }
  if (name === 'input' && scope.input) return { kind: 'input' }
  const named = scope.names?.get(name)
  if (named !== undefined) {
    const { entity } = scope
    if (entity !== null && namesOf(context, entity).includes(name)) return fieldAndStep(context, node, { name, entity })
    return namedValue(context, node, { name, named, row: (path) => rowValue(context, node, path) })
  }
  if (scope.entity !== null) {
    const found = memberOfRow(context, node, { ...rootRow(scope.entity), binding: scope.binding ?? 'row' }, name)
    if (found !== null) return found
  }
  const rule = scope.shape.rules.get(name)
  if (rule !== undefined) return ruleValue(context, node, name, rule)
  if (name === 'auth') return fail(context, node, 'PLN-D308', 'the caller is not known here, so auth cannot be used')
  if (name === 'input') return fail(context, node, 'PLN-D308', 'nothing is being written here, so input cannot be used')
  if (name === 'before' && scope.names !== undefined)
    return fail(
      context,
      node,
      'PLN-D308',
      'before is the row before an update, and there is none here',
      'use it in a reaction to Entity.updated',
    )
  if (scope.names !== undefined && scope.entity === null) {
    const owners = ownersOf(context, name)
    if (owners.length > 0) return fail(context, node, 'PLN-D504', `${JSON.stringify(name)} is no name here`, `write ${owners.join(' or ')}`)
  }
  const what = scope.entity === null ? 'name' : 'field'
  return unknown(context, node, { what, name, known: knownNames(context) })
}

function boundConstant({ kind, text }: BoundValue): ExpressionValue {
  if (kind === 'text') return { kind: 'constant', value: text, answered: true }
  return { kind: 'constant', value: /^-?\d+$/.test(text) ? BigInt(text) : { digits: text } }
}

/** Resolves `left.name`. */
export function memberValue(context: ExpressionContext, node: ASTNode, left: ExpressionValue, name: string): ExpressionValue {
  switch (left.kind) {
    case 'failed':
      return FAILED
    case 'auth':
      return claimValue(context, node, name)
    case 'input':
      return inputValue(context, node, name)
    case 'row':
      return (
        memberOfRow(context, node, left.path, name) ??
        unknown(context, node, { what: `field of ${left.path.entity}`, name, known: namesOf(context, left.path.entity) })
      )
    case 'rows':
      if (name === 'total' && left.set.via === null && left.where === null) return totalValue(context, left.set)
      return fail(
        context,
        node,
        'PLN-D303',
        `${left.set.relation} is many rows, not one`,
        `write ${left.set.relation}.exists(x, x.${name} …) or size(${left.set.relation})`,
      )
    case 'term':
      return fail(context, node, 'PLN-D303', `${article(describe(left.term.type))} has no fields`, claimHint(left.term))
    case 'predicate':
    case 'constant':
    case 'null':
    case 'list':
    case 'choice':
      return fail(context, node, 'PLN-D303', 'this has no fields')
    default:
      return unreachable(left)
  }
}

/** A claim that is a reference is an id, from which no path leads on. */
function claimHint(term: Term): string | undefined {
  return term.kind === 'auth'
    ? `auth.${term.claim} is a value, not a row: list what you need of it in identity.claims, or find the row in a step of an action`
    : undefined
}

/** A row that a path leads to. Used as a value, the row stands for its id. The row before stores this id, so no further table is read. */
function rowValue(context: ExpressionContext, node: ASTNode, path: RowPath): ExpressionValue {
  const hop = path.hops.at(-1)
  const before = rowBefore(path) ?? path
  const field = hop === undefined ? 'id' : hop.field
  const shape = context.scope.shape.entities.get(before.entity)?.fields.get(field)
  if (shape === undefined || shape.kind === 'hidden') return fail(context, node, 'PLN-D303', `${path.entity} has no id`)
  return { kind: 'row', path, key: { kind: 'field', type: shape.type, row: before, field } }
}

/** A field or relation of a row; null when the row has no such name, or when the caller may not use it. */
function memberOfRow(context: ExpressionContext, node: ASTNode, row: RowPath, name: string): ExpressionValue | null {
  const field = visibleField(context, row.entity, name)
  if (field !== undefined) {
    if (field.kind === 'hidden') return fail(context, node, 'PLN-D313', `${row.entity}.${name} is a ${field.of} and may not be used`)
    if (field.kind === 'derived' && context.scope.derived === false)
      return fail(context, node, 'PLN-D308', `${row.entity}.${name} is computed when it is read, and cannot be used here`)
    if (field.kind === 'derived') return derivedValue(context, node, { row, name, field })
    if (field.kind === 'ref') return refValue(context, node, { row, hop: { field: name, entity: field.entity } })
    // The id of a row that a reference leads to is the value of the reference.
    if (name === 'id' && row.hops.length > 0) {
      const value = rowValue(context, node, row)
      return value.kind === 'row' ? termValue(value.key) : value
    }
    if (row.hops.length > 0 && !context.scope.relations) return noRelations(context, node)
    return termValue({ kind: 'field', type: field.type, row, field: name }, field.choices)
  }
  const relation = context.scope.shape.entities.get(row.entity)?.relations.get(name)
  if (relation === undefined || !isVisible(context, row.entity, name)) return null
  if (!context.scope.relations) return noRelations(context, node)
  if (!mayStep(context, node, row)) return FAILED
  return { kind: 'rows', set: { of: row, relation: name, entity: relation.entity, via: relation.via }, where: null }
}

/** A computed field that is no column, as its value about the row. */
function derivedValue(
  context: ExpressionContext,
  node: ASTNode,
  { row, name, field }: { readonly row: RowPath; readonly name: string; readonly field: Extract<FieldShape, { kind: 'derived' }> },
): ExpressionValue {
  if (!context.scope.relations) return noRelations(context, node)
  const value = rebaseTerm(field.term, row)
  if (field.named) return termValue({ kind: 'derived', type: value.type, row, field: name, of: value })
  return value.kind === 'predicate' ? predicateValue(value.of) : termValue(value)
}

function refValue(context: ExpressionContext, node: ASTNode, step: { readonly row: RowPath; readonly hop: Hop }): ExpressionValue {
  const { row, hop } = step
  if (row.hops.length > 0 && !context.scope.relations) return noRelations(context, node)
  if (!mayStep(context, node, row)) return FAILED
  const path: RowPath = { ...row, hops: [...row.hops, hop], entity: hop.entity }
  const shape = context.scope.shape.entities.get(row.entity)?.fields.get(hop.field)
  if (shape?.kind !== 'ref') return FAILED
  return { kind: 'row', path, key: { kind: 'field', type: shape.type, row, field: hop.field } }
}

function noRelations(context: ExpressionContext, node: ASTNode): ExpressionValue {
  return fail(context, node, 'PLN-D308', 'only the row itself can be used here, not rows that it relates to')
}

/** The number of relations between the rule's row and a path. */
export function stepsTo(context: ExpressionContext, row: RowPath): number {
  for (const binding of context.bindings.values()) {
    if (binding.kind === 'row' && binding.path.binding === row.binding) return binding.steps + row.hops.length
  }
  return row.hops.length
}

/** Whether one more step over a relation is within the limit; reports the problem if not. */
function mayStep(context: ExpressionContext, node: ASTNode, row: RowPath): boolean {
  if (stepsTo(context, row) < context.limits.relations) return true
  fail(context, node, 'PLN-D309', `more than ${context.limits.relations} relations in one path`)
  return false
}

function claimValue(context: ExpressionContext, node: ASTNode, name: string): ExpressionValue {
  const { claims, signsIn } = context.scope.shape
  const claim = claims.get(name)
  if (claim !== undefined)
    return termValue({ kind: 'auth', type: { scalar: claim.scalar, list: claim.list }, claim: name }, claim.choices ?? null)
  if (claims.size === 0)
    return fail(context, node, 'PLN-D302', `unknown claim auth.${name}`, 'no entity of the design has an identity, so nobody signs in')
  if (name === 'token' || name === 'refreshToken')
    return fail(context, node, 'PLN-D302', `auth.${name} is no value of an expression`, `use auth.${name} alone, as a part of an answer`)
  if (signsIn?.fields.has(name) === true) {
    const hint = `${name} is a field of ${signsIn.entity}; to use it here, list it in identity.claims of ${signsIn.entity}`
    return fail(context, node, 'PLN-D302', `unknown claim ${JSON.stringify(name)}`, hint)
  }
  // A claim may come from a field that its caller cannot read.
  const known = context.scope.visible === undefined ? claims.keys() : []
  return unknown(context, node, { what: 'claim', name, known })
}

function inputValue(context: ExpressionContext, node: ASTNode, name: string): ExpressionValue {
  const { entity, inputs } = context.scope
  if (inputs !== undefined) {
    const named = inputs.get(name)
    if (named === undefined) return unknown(context, node, { what: 'input', name, known: inputs.keys() })
    return namedValue(context, node, { name: `input.${name}`, named, row: (path) => rowValue(context, node, path) })
  }
  const field = entity === null ? undefined : visibleField(context, entity, name)
  if (field === undefined) return unknown(context, node, { what: 'input', name, known: entity === null ? [] : namesOf(context, entity) })
  if (field.kind === 'hidden') return fail(context, node, 'PLN-D313', `input.${name} is a ${field.of} and may not be used`)
  return termValue({ kind: 'input', type: field.type, field: name }, field.kind === 'value' ? field.choices : null)
}

/** Compiles a named rule where it is used. It may name the row, but not the names that an `exists` around it binds. */
function ruleValue(context: ExpressionContext, node: ASTNode, name: string, source: string): ExpressionValue {
  if (context.rules.includes(name)) {
    const circle = [...context.rules.slice(context.rules.indexOf(name)), name].join(' → ')
    return fail(context, node, 'PLN-D310', `the rule leads back to itself: ${circle}`)
  }
  const { names: _names, inputs: _inputs, ...scope } = context.scope
  const inside: ExpressionContext = {
    ...context,
    scope,
    bindings: new Map(),
    rules: [...context.rules, name],
    ruleNode: context.ruleNode ?? node,
  }
  const parsed = parseSource(source, context.limits)
  if (!parsed.ok) {
    for (const problem of parsed.problems) failWith(inside, problem)
    return FAILED
  }
  return context.lower(parsed.value, inside)
}

/** Reports a name that does not exist or is hidden from the caller, and suggests the nearest visible name. */
export function unknown(
  context: ExpressionContext,
  node: ASTNode,
  about: { readonly what: string; readonly name: string; readonly known: Iterable<string> },
): ExpressionValue {
  const near = context.scope.suggestions === false ? undefined : suggest(about.name, about.known)
  return fail(
    context,
    node,
    'PLN-D302',
    `unknown ${about.what} ${JSON.stringify(about.name)}`,
    near === undefined ? undefined : `did you mean ${JSON.stringify(near)}?`,
  )
}

function knownNames(context: ExpressionContext): readonly string[] {
  const { scope } = context
  return [
    ...context.bindings.keys(),
    ...(scope.names?.keys() ?? []),
    ...(scope.entity === null ? [] : namesOf(context, scope.entity)),
    ...scope.shape.rules.keys(),
    ...(scope.auth ? ['auth'] : []),
    ...(scope.input ? ['input'] : []),
    ...['null', 'true', 'false'],
  ]
}

function namesOf(context: ExpressionContext, entity: string): readonly string[] {
  const shape = context.scope.shape.entities.get(entity)
  if (shape === undefined) return []
  return [...shape.fields.keys(), ...shape.relations.keys()].filter(
    (name) => isVisible(context, entity, name) && shape.fields.get(name)?.kind !== 'hidden',
  )
}
