/** Rows after a combination of choices: the row of a condition, the rows that it refers to, its related rows, and the caller. */

import { type Entity, entityNamed } from '../../model/model.ts'
import { isLive } from '../expected/reference.ts'
import { uniquesOf } from '../expected/written-design.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import type { Read, RuleReads } from '../rules/reads.ts'
import { completeRow, freshParent, tryRow } from './add-row.ts'
import { axesOf, type Building } from './building.ts'
import { fewestFirst, MOST_STARTS } from './combined-values.ts'
import { NoSample, newRow, unusedSample } from './new-row.ts'
import type { Choice, Chosen } from './wish-axes.ts'

/** The rows that were made. */
export interface Placed {
  readonly row: PlainRow
  /** The account of the caller; null for an anonymous one. */
  readonly caller: PlainRow | null
}

/**
 * Why rows cannot be made: the chosen values contradict each other or the design (excluded), or a limit or a value that was not chosen is
 * in the way (taken).
 */
export type Obstacle = 'excluded' | 'taken'

/** The most accounts that make requests. */
const MOST_CALLERS = 14
/** The most of them with those that are made for one search. */
const MOST_NEW_CALLERS = 18
/** An answer with a list has at most 100 rows. */
const MOST_OF_ENTITY = 90

/** Who makes requests. */
export interface Callers {
  /** The accounts that may be callers. A new caller is added. */
  readonly accounts: string[]
  /** Whether one of them is taken that has the chosen values, or a new account while there may be one. */
  readonly callers: 'known' | 'new'
}

interface Making extends Callers {
  readonly building: Building
  readonly chosen: Chosen
  caller: PlainRow | null
}

type Values = Readonly<Record<string, PlainValue>>

class Hindered extends Error {
  readonly obstacle: Obstacle
  constructor(obstacle: Obstacle) {
    super(obstacle)
    this.obstacle = obstacle
  }
}

/** Adds the rows to a world, or nothing. */
export function placeRows(building: Building, { row, caller }: RuleReads, chosen: Chosen, callers: Callers): Placed | Obstacle {
  const { accounts } = callers
  const sizes = [...building.rows].map(([name, rows]) => [name, rows.length] as const)
  const making: Making = { building, chosen, ...callers, caller: null }
  const known = accounts.length
  try {
    if (chosen.get('auth')?.kind === 'caller' && caller !== null) making.caller = callerLike(making, caller)
    return { row: made(making, row, 'row', {}), caller: making.caller }
  } catch (error) {
    if (!(error instanceof Hindered) && !(error instanceof NoSample)) throw error
    for (const [name, size] of sizes) building.rows.get(name)?.splice(size)
    accounts.splice(known)
    return error instanceof Hindered ? error.obstacle : 'taken'
  }
}

/** The values that are chosen for a place, without references. */
function valuesAt(chosen: Chosen, prefix: string): Values {
  const own = [...chosen].filter(([key]) => key.startsWith(`${prefix}.`) && !key.slice(prefix.length + 1).includes('.'))
  return Object.fromEntries(own.flatMap(([key, choice]) => (choice.kind === 'value' ? [[key.slice(prefix.length + 1), choice.value]] : [])))
}

/** The account of the caller, with what is chosen for it here and where rows lead to it. */
function callerLike(making: Making, read: Read): PlainRow {
  const { building, accounts, chosen } = making
  const fields = new Set(entityNamed(building.model, read.entity).fields.map(({ name }) => name))
  const places = [...chosen].flatMap(([key, { kind }]) => (kind === 'caller' ? [key.endsWith('.id') ? key.slice(0, -3) : key] : []))
  const wanted: Record<string, PlainValue> = {}
  for (const place of places) {
    for (const [name, value] of Object.entries(valuesAt(chosen, place))) {
      if (!fields.has(name)) continue
      if (Object.hasOwn(wanted, name) && wanted[name] !== value) throw new Hindered('excluded')
      wanted[name] = value
    }
  }
  const live = (building.rows.get(read.entity) ?? []).filter(isLive)
  const known = live.filter((row) => accounts.includes(String(row.id)) && isLike(making, read, { row, prefix: 'auth', wanted }))
  // The one to which fewest rows refer has room for more.
  const [least] = known.map((row) => ({ row, uses: usesOf(building, read.entity, row) })).sort((a, b) => a.uses - b.uses)
  const most = making.callers === 'new' ? MOST_NEW_CALLERS : MOST_CALLERS
  if (least !== undefined && (making.callers === 'known' || accounts.length >= most)) return least.row
  if (accounts.length >= most) throw new Hindered('taken')
  const row = made(making, read, 'auth', wanted)
  accounts.push(String(row.id))
  return row
}

/** How many references lead to a row. */
function usesOf({ model, rows }: Building, entity: string, { id }: PlainRow): number {
  const references = model.entities.flatMap(({ name, fields }) =>
    fields.flatMap((field) => (field.type.kind === 'ref' && field.type.entity === entity ? [{ name, field: field.name }] : [])),
  )
  return references.reduce((sum, { name, field }) => sum + (rows.get(name) ?? []).filter((row) => row[field] === id).length, 0)
}

interface Referring {
  readonly entity: string
  readonly field: string
}

/** An account other than the caller that has the chosen values: the one to which fewest rows refer, or a new one. */
function otherAccount(making: Making, read: Read, prefix: string, { entity, field }: Referring): PlainRow {
  const { building, chosen, caller } = making
  const wanted = valuesAt(chosen, prefix)
  const others = (building.rows.get(read.entity) ?? []).filter((row) => isLive(row) && row.id !== caller?.id)
  const fitting = others.filter((row) => isLike(making, read, { row, prefix, wanted }))
  const uses = (row: PlainRow): number => (building.rows.get(entity) ?? []).filter((one) => one[field] === row.id).length
  const [least] = fitting.map((row) => ({ row, uses: uses(row) })).sort((a, b) => a.uses - b.uses)
  return least?.row ?? made(making, read, prefix, {})
}

interface Likeness {
  readonly row: PlainRow
  readonly prefix: string
  readonly wanted: Values
}

/** Whether a row has the values, and references where some are chosen. */
function isLike({ chosen }: Making, read: Read, { row, prefix, wanted }: Likeness): boolean {
  const isReferring = (name: string): boolean => ['new', 'claim', 'caller'].includes(chosen.get(`${prefix}.${name}`)?.kind ?? '')
  return (
    Object.entries(wanted).every(([name, value]) => (row[name] ?? null) === value) &&
    [...read.fields.keys()].every((name) => name === 'id' || !isReferring(name) || (row[name] ?? null) !== null)
  )
}

/** Adds the row of a place, with the rows that it refers to and its related rows. */
function made(making: Making, read: Read, prefix: string, given: Values): PlainRow {
  const { building, chosen } = making
  const entity = entityNamed(building.model, read.entity)
  const rows = building.rows.get(entity.name) ?? []
  const values: Record<string, PlainValue> = { ...given }
  for (const name of read.fields.keys()) {
    const choice = chosen.get(`${prefix}.${name}`)
    if (choice !== undefined && name !== 'id') values[name] = valueOfChoice(making, { entity, read, name, prefix }, choice)
  }
  const isCaller = chosen.get(`${prefix}.id`)?.kind === 'caller'
  const row = isCaller ? callerWith(making, values) : added(building, entity, values)
  if (rows.length > MOST_OF_ENTITY) throw new Hindered('taken')
  try {
    relate(making, read, prefix, row)
  } finally {
    building.incomplete.delete(row)
  }
  if (!completeRow(building, entity, row)) throw new Hindered('taken')
  return row
}

/** Adds the related rows of a row. */
function relate(making: Making, read: Read, prefix: string, row: PlainRow): void {
  for (const [name, { of }] of read.relations) {
    const count = making.chosen.get(`${prefix}.${name}`)
    const many = count?.kind === 'value' ? Number(count.value) : 0
    for (let n = 0; n < many; n++) made(making, of, `${prefix}.${name}#${n}`, of.up === null ? {} : { [of.up.field]: row.id ?? null })
  }
}

/**
 * Adds a row with the values. What conditions read and nobody chose is as in the first row, which satisfies the checks. Those over
 * relations are not yet judged, because the row may get related rows.
 */
function added(building: Building, entity: Entity, values: Values): PlainRow {
  const [usual = {}] = building.rows.get(entity.name) ?? []
  const uniques = uniquesOf(building.design.entities[entity.name]).flatMap(({ names }) => (names.length === 1 ? names : []))
  const kept = entity.fields.filter(
    ({ name, type, system }) =>
      building.mentions.get(entity.name)?.fields.has(name) === true &&
      system === null &&
      !['ref', 'computed', 'password', 'file'].includes(type.kind) &&
      !uniques.includes(name),
  )
  const unchosen = Object.fromEntries(kept.map(({ name }) => [name, usual[name] ?? null]))
  let given: Values = { ...unchosen, ...values }
  let outcome = tryRow(building, entity, given, 'later')
  const freeOf = (names: readonly string[]) => names.filter((name) => !Object.hasOwn(values, name))
  // Values that are taken beside an ordinary parent are free beside a new one, and a value that nobody chose may be another one.
  if (outcome.kind === 'taken' && freeOf(outcome.names).some((name) => isReference(entity, name))) {
    const refs = freeOf(outcome.names).filter((name) => isReference(entity, name))
    given = { ...given, ...freshParents(building, entity, refs) }
    outcome = tryRow(building, entity, given, 'later')
  }
  if (outcome.kind === 'taken') {
    for (const other of otherValues(building, entity, freeOf(outcome.names))) {
      const next = tryRow(building, entity, { ...given, ...other }, 'later')
      if (next.kind === 'added') return next.row
    }
  }
  // What nobody chose may be another value with which the checks hold.
  if (outcome.kind === 'check') {
    const kept = keepingChecks(building, entity, { given, chosen: values })
    if (kept !== null) outcome = tryRow(building, entity, kept, 'later')
  }
  if (outcome.kind === 'added') return outcome.row
  const isChosen =
    (outcome.kind === 'taken' && outcome.names.every((name) => Object.hasOwn(values, name))) ||
    (outcome.kind === 'check' && checkedFields(building, entity).every((name) => Object.hasOwn(values, name)))
  throw new Hindered(isChosen ? 'excluded' : 'taken')
}

/** The values with others for what nobody chose and the checks read, so that they hold; null if no combination does. */
function keepingChecks(
  building: Building,
  entity: Entity,
  { given, chosen }: { readonly given: Values; readonly chosen: Values },
): Values | null {
  const checked = checkedFields(building, entity)
  const free = axesOf(building, entity).filter(({ field }) => checked.includes(field) && !Object.hasOwn(chosen, field))
  const all = fewestFirst(free, MOST_STARTS).map((others) => ({ ...given, ...others }))
  return all.find((values) => building.keeps(entity, newRow(building, entity, values))) ?? null
}

function isReference({ fields }: Entity, name: string): boolean {
  return fields.some((field) => field.name === name && field.type.kind === 'ref')
}

function freshParents(building: Building, { fields }: Entity, names: readonly string[]): Values {
  return Object.fromEntries(fields.flatMap((field) => (names.includes(field.name) ? [[field.name, freshParent(building, field)]] : [])))
}

/** For each field a value that no row has, where a sample is found; first those of fields that no check reads. */
function otherValues(building: Building, entity: Entity, names: readonly string[]): readonly Values[] {
  const rows = building.rows.get(entity.name) ?? []
  const checked = checkedFields(building, entity)
  const fields = entity.fields.filter(({ name, default: preset }) => names.includes(name) && preset?.kind !== 'sequence')
  const sorted = fields.toSorted((a, b) => Number(checked.includes(a.name)) - Number(checked.includes(b.name)))
  return sorted.flatMap(({ name, type }) => {
    if (type.kind !== 'scalar') return []
    const value = unusedSample(type, rows.length, (one) => rows.some((row) => row[name] === one)) as PlainValue | undefined
    return value === undefined ? [] : [{ [name]: value }]
  })
}

/** The fields that the checks of an entity read. */
function checkedFields({ design }: Building, { name, fields }: Entity): readonly string[] {
  const rules = Object.values(design.entities[name]?.checks ?? {}).map(({ rule }) => rule)
  return fields.map((field) => field.name).filter((field) => rules.some((rule) => new RegExp(`\\b${field}\\b`).test(rule)))
}

/** The caller, if the values are its own. */
function callerWith({ caller }: Making, values: Values): PlainRow {
  if (caller === null || Object.entries(values).some(([name, value]) => (caller[name] ?? null) !== value)) throw new Hindered('excluded')
  return caller
}

interface At {
  readonly entity: Entity
  readonly read: Read
  readonly name: string
  readonly prefix: string
}

function valueOfChoice(making: Making, { entity, read, name, prefix }: At, choice: Choice): PlainValue {
  if (choice.kind === 'value') return choice.value
  const type = entity.fields.find((field) => field.name === name)?.type
  if (type?.kind !== 'ref') throw new Error(`${entity.name}.${name} refers to nothing`)
  const of: Read = read.refs.get(name) ?? { entity: type.entity, fields: new Map(), refs: new Map(), relations: new Map(), up: null }
  const key = `${prefix}.${name}`
  const { building, caller } = making
  if (choice.kind === 'new') {
    const isPlainAccount = building.model.identity?.entity === type.entity && of.relations.size + of.refs.size === 0
    return (isPlainAccount ? otherAccount(making, of, key, { entity: entity.name, field: name }) : made(making, of, key, {})).id ?? null
  }
  const target = choice.kind === 'caller' ? caller : rowWith(building, type.entity, caller?.[choice.field] ?? null)
  // What is chosen for the row must be what it is.
  const differs = [...of.fields.keys()].some((field) => {
    const wanted = making.chosen.get(`${key}.${field}`)
    return wanted?.kind === 'value' && (target?.[field] ?? null) !== wanted.value
  })
  if (target === null || differs) throw new Hindered('excluded')
  relate(making, of, key, target)
  return target.id ?? null
}

function rowWith({ rows }: Building, entity: string, id: PlainValue): PlainRow | null {
  return id === null ? null : ((rows.get(entity) ?? []).find((row) => row.id === id) ?? null)
}
