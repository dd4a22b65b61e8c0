/** Rows and callers in which the conditions of a design take all the values that they can. The same design gives the same world. */

import { type Entity, entityNamed, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { ACCESS_RULES, ruleOf, uniquesOf, type WrittenDesign } from '../expected/written-design.ts'
import { oraclesOf } from '../oracle/oracle.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { type About, type Mentions, mentionsOf } from '../rules/mentions.ts'
import { type Assigned, type Making, NoSample, newRow } from './new-row.ts'
import { witnessValues } from './witness-values.ts'

/** The rows and callers of the cases of a design. */
export interface CaseWorld {
  readonly rows: ReadonlyMap<string, readonly PlainRow[]>
  /** Ids of the accounts that make requests. Anonymous callers come in addition. */
  readonly accounts: readonly string[]
  /** Entities with more combinations of values than rows. */
  readonly capped: ReadonlySet<string>
  /** Entities without rows, with the reason. */
  readonly empty: ReadonlyMap<string, string>
  readonly mentions: Mentions
}

const MOST_ROWS = 40
const MOST_ACCOUNTS = 10
/** Accounts that rows refer to. */
const REFERRED = 6
/** A page of related rows has 20. */
const MOST_CHILDREN = 12

/** Makes the world of a design. @param passwordHash the stored form of the password of all accounts. */
export function worldOf(design: WrittenDesign, model: Model, passwordHash: string): CaseWorld {
  const mentions = mentionsOf(design, model, expressionsOf(design))
  const rows = new Map<string, PlainRow[]>(model.entities.map(({ name }) => [name, []]))
  const building: Building = {
    design,
    model,
    passwordHash,
    rows,
    mentions,
    capped: new Set(),
    empty: new Map(),
    keeps: keeper(design, model),
  }
  for (const entity of inOrder(model)) {
    try {
      addRows(building, entity)
    } catch (error) {
      if (!(error instanceof NoSample)) throw error
      building.empty.set(entity.name, error.message)
    }
    if ((rows.get(entity.name) ?? []).length === 0 && !building.empty.has(entity.name))
      building.empty.set(entity.name, `no row of ${entity.name} satisfies its checks`)
  }
  // A row to which no other refers, so that it can be deleted.
  for (const entity of inOrder(model).toReversed()) {
    if (entity.name !== model.identity?.entity && !building.empty.has(entity.name)) addSpare(building, entity)
  }
  const accounts =
    model.identity === null ? [] : (rows.get(model.identity.entity) ?? []).slice(0, MOST_ACCOUNTS).map(({ id }) => String(id))
  return { rows, accounts, capped: building.capped, empty: building.empty, mentions }
}

/** The expressions that decide what requests answer, with the entity of their rows. */
function expressionsOf(design: WrittenDesign): readonly About[] {
  return Object.entries(design.entities).flatMap(([entity, own]) => {
    const rules = ACCESS_RULES.map((rule) => ruleOf(own, rule))
    const fields = Object.values(own.fields).flatMap(({ read, write }) => [read, write])
    const checks = Object.values(own.checks ?? {}).map(({ rule }) => rule)
    return [...rules, ...fields, ...checks].flatMap((source) => (typeof source === 'string' ? [{ entity, source }] : []))
  })
}

interface Building extends Making {
  readonly mentions: Mentions
  readonly rows: Map<string, PlainRow[]>
  readonly capped: Set<string>
  readonly empty: Map<string, string>
  /** Whether a row satisfies the checks on its own fields. */
  readonly keeps: (entity: Entity, row: PlainRow) => boolean
}

function keeper(design: WrittenDesign, model: Model): Building['keeps'] {
  const oracle = oraclesOf({ model, rules: new Map(Object.entries(design.rules ?? {})) })(new Map())
  const caller = { claims: new Map(), session: null }
  return ({ name, relationChecks }, row) =>
    Object.entries(design.entities[name]?.checks ?? {})
      .filter(([check]) => !relationChecks.some((one) => one.name === check))
      .every(([, { rule }]) => oracle.decide({ source: rule, entity: name, row, caller, input: {}, now: new Date() }) === true)
}

/** Entities after those that they need rows of. */
function inOrder(model: Model): readonly Entity[] {
  const placed = new Set<string>()
  const order: Entity[] = []
  const needs = (entity: Entity): readonly string[] =>
    entity.fields.flatMap(({ type, optional }) => (type.kind === 'ref' && !optional && type.entity !== entity.name ? [type.entity] : []))
  const place = (entity: Entity, trail: readonly string[]): void => {
    if (placed.has(entity.name) || trail.includes(entity.name)) return
    for (const name of needs(entity)) place(entityNamed(model, name), [...trail, entity.name])
    if (placed.has(entity.name)) return
    placed.add(entity.name)
    order.push(entity)
  }
  // Accounts come first, so that as many rows as possible can refer to them.
  if (model.identity !== null) place(entityNamed(model, model.identity.entity), [])
  for (const entity of model.entities) place(entity, [])
  return order
}

interface Axis {
  readonly field: string
  readonly values: readonly PlainValue[]
}

function addRows(building: Building, entity: Entity): void {
  const isAccount = building.model.identity?.entity === entity.name
  const axes = axesOf(building, entity)
  const own = ownParents(building, entity)
  const most = isAccount ? MOST_ACCOUNTS - 2 : MOST_ROWS
  const combinations = fewestFirst(axes, most + 1)
  if (combinations.length > most) building.capped.add(entity.name)
  const made: Assigned[] = []
  const room = own.length === 0 ? most : most / 2
  for (const assigned of combinations) {
    if (made.length >= room) break
    if (addRow(building, entity, { ...assigned, ...Object.fromEntries(own.map((field) => [field.name, freshParent(building, field)])) }))
      made.push(assigned)
  }
  // Two ordinary accounts more, and parents with two children.
  if (isAccount) for (let i = 0; i < 2; i++) addRow(building, entity, made[0] ?? {})
  for (const field of own) {
    for (const [first, second] of [
      [0, 1],
      [0, 2],
      [1, 2],
      [1, 1],
    ] as const) {
      const [a, b] = [made[first], made[second]]
      if (a === undefined || b === undefined) continue
      const others = Object.fromEntries(own.filter((one) => one !== field).map((one) => [one.name, freshParent(building, one)]))
      const parent = { ...others, [field.name]: freshParent(building, field) }
      addRow(building, entity, { ...a, ...parent })
      addRow(building, entity, { ...b, ...parent })
    }
  }
}

/** Adds one row like the first. */
function addSpare(building: Building, entity: Entity): void {
  const [usual = {}] = building.rows.get(entity.name) ?? []
  const kept = axesOf(building, entity).map(({ field }) => [field, usual[field] ?? null] as const)
  addRow(building, entity, Object.fromEntries(kept))
}

/** Adds a row unless it breaks a constraint. */
function addRow(building: Building, entity: Entity, assigned: Assigned): boolean {
  const row = newRow(building, entity, assigned)
  const rows = building.rows.get(entity.name) ?? []
  const isTaken = uniquesOf(building.design.entities[entity.name]).some(
    ({ names }) =>
      names.every((name) => (row[name] ?? null) !== null) &&
      rows.some((other) => names.every((name) => JSON.stringify(other[name]) === JSON.stringify(row[name]))),
  )
  if (isTaken || !building.keeps(entity, row) || isCrowded(building, entity, row)) return false
  rows.push(row)
  return true
}

/** Whether a row that this one refers to has as many such rows as an answer shows. */
function isCrowded({ rows, mentions }: Building, entity: Entity, row: PlainRow): boolean {
  return entity.fields.some(({ name, type }) => {
    if (type.kind !== 'ref' || type.inverse === null || mentions.get(entity.name)?.fields.has(name) !== true) return false
    const siblings = (rows.get(entity.name) ?? []).filter((other) => row[name] !== null && other[name] === row[name])
    return siblings.length >= MOST_CHILDREN
  })
}

/** The references whose relation a rule of the other entity goes through. Each row then gets a parent of its own there. */
function ownParents({ model, mentions }: Building, entity: Entity): readonly Field[] {
  return entity.fields.filter(({ type }) => {
    if (type.kind !== 'ref' || type.inverse === null || type.entity === model.identity?.entity || type.entity === entity.name) return false
    return mentions.get(type.entity)?.relations.has(type.inverse) === true
  })
}

/** The id of a new ordinary row for a reference. */
function freshParent(building: Building, { type }: Field): PlainValue {
  if (type.kind !== 'ref') throw new Error('only a reference has a parent')
  const target = entityNamed(building.model, type.entity)
  const rows = building.rows.get(target.name) ?? []
  const usual = rows[0] ?? {}
  const kept = [...(building.mentions.get(target.name)?.fields.keys() ?? [])].filter((name) => {
    const field = target.fields.find((one) => one.name === name)
    return field !== undefined && field.system === null && field.name !== 'id'
  })
  const before = rows.length
  addRow(building, target, Object.fromEntries(kept.map((name) => [name, usual[name] ?? null])))
  return rows[before]?.id ?? usual.id ?? null
}

function axesOf(building: Building, entity: Entity): readonly Axis[] {
  const mentioned = building.mentions.get(entity.name)
  const own = ownParents(building, entity)
  return [...(mentioned?.fields ?? [])].flatMap(([name, constants]): readonly Axis[] => {
    const field = entity.fields.find((one) => one.name === name)
    if (field === undefined || own.includes(field) || name === 'id') return []
    const { type, system } = field
    if (system === 'version') return [{ field: name, values: [1, 2] }]
    if (system !== null || type.kind === 'computed' || type.kind === 'file' || type.kind === 'password') return []
    if (type.kind === 'ref') return [{ field: name, values: targetsOf(building, entity, field) }]
    if (isUnique(building, entity, name) && constants.size === 0) return []
    const usual = newRow(building, entity, {})[name] ?? null
    return [{ field: name, values: witnessValues(field, usual, { constants, clock: mentioned?.clocks.has(name) === true }) }]
  })
}

function isUnique({ design }: Building, entity: Entity, field: string): boolean {
  return uniquesOf(design.entities[entity.name]).some(({ names }) => names.length === 1 && names[0] === field)
}

/** The rows that a reference may lead to. */
function targetsOf({ model, rows, capped }: Building, entity: Entity, field: Field): readonly PlainValue[] {
  const { type, optional } = fieldNamed(entity, field.name)
  if (type.kind !== 'ref') return []
  const all = (rows.get(type.entity) ?? []).map(({ id }) => id ?? null)
  const isAccount = model.identity?.entity === type.entity
  // The two ordinary accounts are at the end; the last one has no rows.
  const chosen = isAccount
    ? [...all.slice(0, 1), ...all.slice(-2, -1), ...all.slice(1, -2)].slice(0, REFERRED)
    : all.slice(0, MOST_CHILDREN)
  if (!isAccount && all.length > chosen.length) capped.add(entity.name)
  return optional ? [...chosen, null] : chosen
}

/** Combinations of values, those with the fewest unusual values first. */
function fewestFirst(axes: readonly Axis[], most: number): readonly Assigned[] {
  const found: Assigned[] = []
  const choose = (at: number, left: number, assigned: Assigned): void => {
    if (found.length >= most) return
    const axis = axes[at]
    if (axis === undefined) {
      if (left === 0) found.push(assigned)
      return
    }
    if (axes.length - at < left) return
    const [usual, ...unusual] = axis.values
    if (axis.values.length > 0) choose(at + 1, left, { ...assigned, [axis.field]: usual ?? null })
    else choose(at + 1, left, assigned)
    if (left > 0) for (const value of unusual) choose(at + 1, left - 1, { ...assigned, [axis.field]: value })
  }
  for (let deviations = 0; deviations <= axes.length && found.length < most; deviations++) choose(0, deviations, {})
  return found
}
