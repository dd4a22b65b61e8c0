/** The testing strategy of a design: the kinds of test cases and the number of each. */

import { unreachable } from '../../base/unreachable.ts'
import type { Operation } from '../../model/expression.ts'
import type { FieldType } from '../../model/field-type.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { count } from '../terminal/layout.ts'

/** The strategy. */
export interface Strategy {
  /** The kinds of caller: `anonymous`, and every role. */
  readonly callers: readonly string[]
  readonly kinds: readonly StrategyKind[]
  readonly total: number
}

/** A kind of test cases. */
export interface StrategyKind {
  readonly kind: string
  readonly cases: number
  /** The factors of the number, for people. */
  readonly from: string
}

const OPERATIONS: readonly Operation[] = ['read', 'create', 'update', 'delete']

/** Counts the cases of each kind; kinds without cases are left out. Deterministic: depends only on the model. */
export function strategyOf(model: Model): Strategy {
  const callers = callerNames(model)
  const kinds = [
    accessCases(model, callers),
    fieldCases(model, callers, 'read'),
    fieldCases(model, callers, 'write'),
    constraintCases(model),
    uniqueCases(model),
    checkCases(model),
    relationCases(model, callers),
    listCases(model),
    concurrencyCases(model),
    identityCases(model),
    targetCases(model),
  ].filter((kind) => kind.cases > 0)
  return { callers, kinds, total: kinds.reduce((sum, kind) => sum + kind.cases, 0) }
}

/** Returns the kinds of caller that a rule can distinguish by role. */
export function callerNames(model: Model): readonly string[] {
  const { identity } = model
  if (identity === null) return ['anonymous']
  const entity = model.entities.find((e) => e.name === identity.entity)
  const role = entity?.fields.find((f) => f.name === identity.role)?.type
  return ['anonymous', ...(role?.kind === 'choice' ? role.values : ['signed in'])]
}

/** Own and foreign rows are separate cases, because a rule may distinguish them. */
function accessCases(model: Model, callers: readonly string[]): StrategyKind {
  const rules = model.entities.length * OPERATIONS.length
  const from = `${count(rules, 'operation')} x ${count(callers.length, 'caller')} x own and foreign rows`
  return { kind: 'access rules', cases: rules * callers.length * 2, from }
}

function fieldCases(model: Model, callers: readonly string[], use: 'read' | 'write'): StrategyKind {
  const fields = fieldsOf(model).filter((field) => (use === 'read' ? !isAlways(field.read) : field.system === null))
  const ways = use === 'read' ? ['output', 'filter', 'sort', 'search', 'include'] : ['create', 'update']
  return {
    kind: use === 'read' ? 'fields that some callers may not see' : 'fields and who may set them',
    cases: fields.length * callers.length * ways.length,
    from: `${count(fields.length, 'field')} x ${count(callers.length, 'caller')} x ${ways.join(', ')}`,
  }
}

function constraintCases(model: Model): StrategyKind {
  const fields = fieldsOf(model).filter((field) => field.system === null)
  const required = fields.filter((field) => !field.optional && field.default === null && field.type.kind !== 'computed').length
  const limits = fields.reduce((sum, field) => sum + limitsOf(field.type), 0)
  return {
    kind: 'values out of bounds',
    cases: required + limits,
    from: `${count(required, 'required field')}, ${limits} limits and types`,
  }
}

/** Counts one case for the type itself, and one for each further limit. */
function limitsOf(type: FieldType): number {
  const given = (...limits: readonly unknown[]): number => limits.filter((limit) => limit !== null).length
  switch (type.kind) {
    case 'scalar':
      return 1 + given(type.min, type.max, type.pattern)
    case 'choice':
    case 'ref':
      return 1
    case 'password':
      return 1 + given(type.min, type.max, type.pattern)
    case 'list':
      return 1 + given(type.min, type.max)
    case 'file':
      return 1 + given(type.max, type.accept)
    case 'computed':
      return 0
    default:
      return unreachable(type)
  }
}

function uniqueCases(model: Model): StrategyKind {
  const uniques = model.entities.reduce((sum, entity) => sum + entity.uniques.length + entity.conditionalUniques.length, 0)
  return { kind: 'unique values', cases: uniques * 2, from: `${uniques} unique constraints, one request after the other and at once` }
}

function checkCases(model: Model): StrategyKind {
  const checks = model.entities.reduce((sum, entity) => sum + entity.checks.length, 0)
  return { kind: 'checks across fields', cases: checks * 2, from: `${count(checks, 'check')}, kept and broken` }
}

function relationCases(model: Model, callers: readonly string[]): StrategyKind {
  const references = fieldsOf(model).filter((field) => field.type.kind === 'ref').length
  return {
    kind: 'references',
    cases: references * callers.length * 3,
    from: `${count(references, 'reference')} x ${count(callers.length, 'caller')} x visible, hidden and missing rows`,
  }
}

function listCases(model: Model): StrategyKind {
  const indexes = model.entities.reduce((sum, entity) => sum + entity.indexes.length, 0)
  const entities = model.entities.length
  return {
    kind: 'lists',
    cases: entities * 3 + indexes * 2,
    from: `${count(entities, 'list')}: pages, count, limits; ${count(indexes, 'index', 'indexes')}: filter, sort`,
  }
}

function concurrencyCases(model: Model): StrategyKind {
  const entities = model.entities.length
  return {
    kind: 'writes at the same time',
    cases: entities * 2,
    from: `${count(entities, 'entity', 'entities')}: stale version, lost update`,
  }
}

function identityCases(model: Model): StrategyKind {
  const operations = ['register', 'login', 'refresh', 'logout', 'me']
  const attacks = ['guessing', 'unknown account', 'token reuse', 'forged token']
  if (model.identity === null) return { kind: 'signing in', cases: 0, from: '' }
  return { kind: 'signing in', cases: operations.length + attacks.length, from: [...operations, ...attacks].join(', ') }
}

function targetCases(model: Model): StrategyKind {
  const { rows, p99Ms, throughput } = model.targets
  const named = [...(rows.size > 0 ? ['rows'] : []), ...(p99Ms === null ? [] : ['p99']), ...(throughput === null ? [] : ['throughput'])]
  return { kind: 'targets', cases: named.length, from: named.join(', ') }
}

function fieldsOf(model: Model): readonly Field[] {
  return model.entities.flatMap((entity: Entity) => entity.fields)
}
