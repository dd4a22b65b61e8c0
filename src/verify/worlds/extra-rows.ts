/** Rows of a world beside those that rules need: spare ones, deleted ones, and ones with related rows. */

import { sampleValue } from '../../compile/values/sample.ts'
import { type Entity, entityNamed, type Field, type Model } from '../../model/model.ts'
import { withComputed } from '../expected/expectation-write.ts'
import { isLive } from '../expected/reference.ts'
import { ruleOf, uniquesOf } from '../expected/written-design.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { addRow, freshParent, isFull } from './add-row.ts'
import { axesOf, type Building } from './building.ts'
import type { Assigned } from './new-row.ts'

/**
 * Adds rows that can be deleted, that were deleted, that others refer to, and that differ in the fields of indexes.
 *
 * @param spares how many rows of each entity can be deleted.
 */
export function addExtraRows(building: Building, spares: number): void {
  const order = entitiesInOrder(building.model).filter(({ name }) => !building.empty.has(name))
  const isAccount = ({ name }: Entity): boolean => building.model.identity?.entity === name
  // A row to which no other refers, so that it can be deleted.
  for (const entity of order.toReversed()) if (!isAccount(entity)) for (let i = 0; i < spares; i++) addSpare(building, entity)
  for (const entity of order) addForIndexes(building, entity)
  for (const entity of order) addChildren(building, entity)
  for (const entity of order) addStates(building, entity)
  for (const entity of order) if (building.design.entities[entity.name]?.softDelete === true) addDeleted(building, entity)
  for (const entity of order) giveKeys(building, entity)
}

/** Adds a row to which no other refers where rows may be deleted, and others refer to all of them. */
export function addFreeRows(building: Building): void {
  const { model, rows, design, empty } = building
  const isReferred = ({ name }: Entity, id: PlainValue): boolean =>
    model.entities.some((other) => {
      const fields = other.fields.filter(({ type }) => type.kind === 'ref' && type.entity === name)
      return (rows.get(other.name) ?? []).some((row) => fields.some((field) => row[field.name] === id))
    })
  for (const entity of entitiesInOrder(model).toReversed()) {
    const rule = ruleOf(design.entities[entity.name], 'delete')
    if (rule === null || rule === 'false' || empty.has(entity.name)) continue
    const live = (rows.get(entity.name) ?? []).filter(isLive)
    if (live.every(({ id }) => isReferred(entity, id ?? null))) addSpare(building, entity)
  }
}

/** Entities after those that they need rows of, and those that related rows for their checks need, where that is possible. */
export function entitiesInOrder(model: Model): readonly Entity[] {
  const placed = new Set<string>()
  const order: Entity[] = []
  const place = (entity: Entity, trail: readonly string[]): void => {
    if (placed.has(entity.name) || trail.includes(entity.name)) return
    const within = [...trail, entity.name]
    for (const name of requiredBy(entity)) place(entityNamed(model, name), within)
    for (const name of entity.relationChecks.length === 0 ? [] : requiredByRelated(model, entity))
      if (![...allRequired(model, name)].some((needed) => within.includes(needed))) place(entityNamed(model, name), within)
    if (placed.has(entity.name)) return
    placed.add(entity.name)
    order.push(entity)
  }
  // Accounts come first, so that as many rows as possible can refer to them.
  if (model.identity !== null) place(entityNamed(model, model.identity.entity), [])
  for (const entity of model.entities) place(entity, [])
  return order
}

/** The other entities of which a row needs a row. */
function requiredBy({ name, fields }: Entity): readonly string[] {
  return fields.flatMap(({ type, optional }) => (type.kind === 'ref' && !optional && type.entity !== name ? [type.entity] : []))
}

function requiredByRelated(model: Model, { relations }: Entity): readonly string[] {
  return relations.flatMap(({ entity }) => requiredBy(entityNamed(model, entity)))
}

/** An entity, and all that its rows need, directly or not. */
function allRequired(model: Model, entity: string, found = new Set<string>()): ReadonlySet<string> {
  if (found.has(entity)) return found
  found.add(entity)
  for (const name of requiredBy(entityNamed(model, entity))) allRequired(model, name, found)
  return found
}

/** The values of the first row that rules read. */
function usualValues(building: Building, entity: Entity): Assigned {
  const [usual = {}] = building.rows.get(entity.name) ?? []
  return Object.fromEntries(
    axesOf(building, entity).map(({ field }) => [field, roomyTarget(building, entity, field) ?? usual[field] ?? null]),
  )
}

/** The row to which fewest rows refer, where the first row of an entity refers to one that has as many as an answer shows; else null. */
function roomyTarget(building: Building, entity: Entity, name: string): PlainValue {
  const field = entity.fields.find((one) => one.name === name)
  const rows = building.rows.get(entity.name) ?? []
  if (field?.type.kind !== 'ref' || rows[0] === undefined || !isFull(building, entity, { name, id: rows[0][name] ?? null })) return null
  const countOf = (id: PlainValue): number => rows.filter((row) => row[name] === id).length
  const targets = (building.rows.get(field.type.entity) ?? []).map(({ id }) => id ?? null)
  return targets.toSorted((a, b) => countOf(a) - countOf(b))[0] ?? null
}

/** Adds one row like the first. */
function addSpare(building: Building, entity: Entity): void {
  addRow(building, entity, usualValues(building, entity))
}

/** Adds one row like the first that was deleted softly. */
function addDeleted(building: Building, entity: Entity): void {
  addRow(building, entity, { ...usualValues(building, entity), deletedAt: '2026-01-02T00:00:00.000Z' })
}

/** A row in each state of the workflows of an entity. */
function addStates(building: Building, entity: Entity): void {
  const { model, design, rows } = building
  for (const { field } of model.workflows.filter((workflow) => workflow.entity === entity.name)) {
    const states = design.entities[entity.name]?.fields[field]?.values ?? []
    const isThere = (state: string): boolean => (rows.get(entity.name) ?? []).some((row) => row[field] === state)
    for (const state of states) if (!isThere(state)) addRow(building, entity, { ...usualValues(building, entity), [field]: state })
  }
}

/** For each reference of an entity, a row to which one row refers, and a row to which two do. */
function addChildren(building: Building, entity: Entity): void {
  const isAccount = (name: string): boolean => building.model.identity?.entity === name
  for (const field of entity.fields) {
    if (field.type.kind !== 'ref' || field.type.entity === entity.name || isAccount(field.type.entity)) continue
    for (const count of [1, 2]) {
      const parent = freshParent(building, field)
      for (let i = 0; i < count; i++) addRow(building, entity, { ...usualValues(building, entity), [field.name]: parent })
    }
  }
}

/** Adds rows with and without a value in the optional fields of declared indexes, where all rows are alike. */
function addForIndexes(building: Building, entity: Entity): void {
  const { design, rows } = building
  const names = new Set((design.entities[entity.name]?.indexes ?? []).flat().map((key) => key.replace(/^-/, '')))
  for (const field of entity.fields) {
    if (names.has(field.name) && field.type.kind === 'list') addItems(building, entity, field)
    if (!names.has(field.name) || !field.optional || field.system !== null || field.type.kind === 'computed') continue
    const present = rows.get(entity.name) ?? []
    const kept = usualValues(building, entity)
    if (!present.some((row) => (row[field.name] ?? null) !== null)) {
      const value =
        field.type.kind === 'ref' ? (rows.get(field.type.entity)?.[0]?.id ?? null) : (sampleValue(field.type, 1) as PlainValue | undefined)
      for (let i = 0; i < 2; i++) addRow(building, entity, { ...kept, [field.name]: value ?? null })
    }
    if (!present.some((row) => (row[field.name] ?? null) === null)) addRow(building, entity, { ...kept, [field.name]: null })
  }
}

/** Gives the last row a value in each optional field that is unique alone, where no row has one, so that the value can be taken. */
function giveKeys(building: Building, entity: Entity): void {
  const { design, rows } = building
  const own = rows.get(entity.name) ?? []
  const keys = uniquesOf(design.entities[entity.name]).flatMap(({ names: [name = ''], names }) => (names.length === 1 ? [name] : []))
  for (const { name, type, optional, system } of entity.fields) {
    const isKey = keys.includes(name) && optional && system === null && type.kind === 'scalar'
    const last = own.findLastIndex(isLive)
    if (!isKey || last === -1 || own.some((row) => (row[name] ?? null) !== null)) continue
    const value = sampleValue(type, own.length) as PlainValue | undefined
    const row = withComputed(building, entity, { ...own[last], [name]: value ?? null })
    if (building.keeps(entity, row)) own[last] = row
  }
}

/** Adds two rows with items in a list, where all lists are empty. */
function addItems(building: Building, entity: Entity, field: Field): void {
  const hasItems = (building.rows.get(entity.name) ?? []).some(({ [field.name]: value }) => Array.isArray(value) && value.length > 0)
  const items = sampleValue(field.type, 1) as PlainValue | undefined
  if (hasItems || !Array.isArray(items) || items.length === 0) return
  for (let i = 0; i < 2; i++) addRow(building, entity, { ...usualValues(building, entity), [field.name]: items })
}
