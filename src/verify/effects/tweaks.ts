/** Situations beside another one: rows with another value, further rows, rows that are gone, and other inputs. */

import { type Entity, entityNamed, type Field, type Model } from '../../model/model.ts'
import { type AllRows, isLive } from '../expected/reference.ts'
import type { NamesAt } from '../fold/action-world.ts'
import { inputsOf, resolvedInput } from '../fold/input.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { tryRow } from '../worlds/add-row.ts'
import type { Building } from '../worlds/building.ts'
import { NoSample } from '../worlds/new-row.ts'
import type { Situation, Tried } from './situation.ts'
import { isInLimits, otherValues } from './tweak-values.ts'

/** Makes rows; each building begins with rows of its own. */
export type BuildingOver = (rows: AllRows) => Building

/** What is changed around. */
export interface Focus {
  readonly tried: Tried
  /** The expressions of the step. */
  readonly texts: readonly string[]
  /** The names there. */
  readonly names: NamesAt
  readonly buildingOver: BuildingOver
}

/** How far rows may be from those that have names. */
const DISTANCE = 3
/** The most rows of an entity that are changed. */
const MOST_ROWS = 4

/** Situations beside one, the likeliest first. */
export function* tweaks(focus: Focus): Generator<Situation> {
  yield* inputTweaks(focus)
  yield* rowTweaks(focus)
  yield* fieldTweaks(focus)
  yield* removals(focus)
}

function wordsOf({ texts }: Focus): ReadonlySet<string> {
  return new Set(texts.flatMap((text) => text.match(/[A-Za-z_]\w*/g) ?? []))
}

/** The ids of rows with names, and of the caller, by entity. */
function namedIds({ names, tried }: Focus): ReadonlyMap<string, ReadonlySet<PlainValue>> {
  const { model } = tried.folded.world.reference
  const found = new Map<string, Set<PlainValue>>(model.entities.map(({ name }) => [name, new Set()]))
  const add = (entity: string, id: PlainValue): void => {
    if (id !== null) found.get(entity)?.add(id)
  }
  if (model.identity !== null) add(model.identity.entity, tried.situation.call.user)
  for (const name of names.values()) {
    if (name.kind === 'row') add(name.entity, name.id)
    if (name.kind === 'rows') for (const id of name.ids) add(name.entity, id)
  }
  return found
}

/** The rows near those that have names, the nearest first. */
function nearRows(focus: Focus): readonly (readonly [Entity, PlainRow])[] {
  const { rows } = focus.tried.situation
  const { model } = focus.tried.folded.world.reference
  const reached = new Map([...namedIds(focus)].map(([entity, ids]) => [entity, new Set(ids)] as const))
  const found: (readonly [Entity, PlainRow])[] = []
  const known = new Set<PlainRow>()
  for (let i = 0; i <= DISTANCE; i++) {
    const next: (readonly [string, PlainValue])[] = []
    for (const entity of model.entities) {
      const refs = entity.fields.filter(({ type }) => type.kind === 'ref')
      for (const row of (rows.get(entity.name) ?? []).filter(isLive)) {
        const isNamed = reached.get(entity.name)?.has(row.id ?? null) === true
        const isBeside = refs.some(({ name, type }) => type.kind === 'ref' && reached.get(type.entity)?.has(row[name] ?? null) === true)
        if (!isNamed && !isBeside) continue
        if (!known.has(row)) found.push([entity, row])
        known.add(row)
        next.push([entity.name, row.id ?? null])
        for (const { name, type } of refs) if (type.kind === 'ref' && isNamed) next.push([type.entity, row[name] ?? null])
      }
    }
    for (const [entity, id] of next) if (id !== null) reached.get(entity)?.add(id)
  }
  return found
}

function isOpen(focus: Focus, { name: entity }: Entity, { name, type, system }: Field): boolean {
  const { model } = focus.tried.folded.world.reference
  // The claims of sessions are remembered for seconds.
  if (model.identity?.entity === entity || system !== null || name === 'id') return false
  return ['ref', 'choice', 'scalar'].includes(type.kind)
}

function numbersNear(rows: readonly (readonly [Entity, PlainRow])[], words: ReadonlySet<string>): readonly number[] {
  const numbers = rows.flatMap(([{ fields }, row]) =>
    fields.flatMap(({ name, type }) => {
      const isNumber = type.kind === 'scalar' && ['integer', 'number', 'decimal'].includes(type.scalar)
      return isNumber && words.has(name) && row[name] !== null ? [Number(row[name])] : []
    }),
  )
  return [...new Set(numbers)].slice(0, 6)
}

/** Rows with another value: first all that are near, as a condition may be about each of several, then single ones. */
function* fieldTweaks(focus: Focus): Generator<Situation> {
  const { tried, texts } = focus
  const { design } = tried.folded.world.reference
  const words = wordsOf(focus)
  const near = nearRows(focus)
  const named = namedIds(focus)
  const numbers = numbersNear(near, words)
  const fields = [...Map.groupBy(near, ([entity]) => entity)].flatMap(([entity, pairs]) => {
    const rows = pairs.map(([, row]) => row)
    return entity.fields.filter((field) => words.has(field.name) && isOpen(focus, entity, field)).map((field) => ({ entity, rows, field }))
  })
  const valuesFor = ({ entity, field }: (typeof fields)[number], row: PlainRow): readonly PlainValue[] => {
    const targets = field.type.kind === 'ref' ? [...(named.get(field.type.entity) ?? [])] : []
    const written = design.entities[entity.name]?.fields[field.name]
    return otherValues({ field, written, texts, now: row[field.name] ?? null, numbers, targets })
  }
  for (const one of fields) {
    if (one.rows.length < 2) continue
    for (const value of new Set(one.rows.flatMap((row) => valuesFor(one, row)))) {
      const next = changed(focus, one.entity, one.rows, { [one.field.name]: value })
      if (next !== null) yield next
    }
  }
  for (const one of fields) {
    for (const row of one.rows.slice(0, MOST_ROWS)) {
      for (const value of valuesFor(one, row)) {
        const next = changed(focus, one.entity, [row], { [one.field.name]: value })
        if (next !== null) yield next
      }
    }
  }
}

/** The situation with rows changed as far as constraints allow it; null if nothing changes. */
function changed(
  { tried: { situation }, buildingOver }: Focus,
  entity: Entity,
  rows: readonly PlainRow[],
  values: PlainRow,
): Situation | null {
  let now = situation.rows
  for (const row of rows) {
    const others = (now.get(entity.name) ?? []).filter((one) => one !== row)
    const building = buildingOver(new Map([...now, [entity.name, others]]))
    if (isAdded(building, entity, { ...row, ...values })) now = building.rows
  }
  return now === situation.rows ? null : { ...situation, rows: now }
}

function isAdded(building: Building, entity: Entity, values: PlainRow): boolean {
  try {
    return tryRow(building, entity, values).kind === 'added'
  } catch (error) {
    if (error instanceof NoSample) return false
    throw error
  }
}

/** A further row of an entity that the texts name, also by a relation, which refers to the rows that have names. */
function rowTweaks(focus: Focus): readonly Situation[] {
  const { tried, texts, buildingOver } = focus
  const { model } = tried.folded.world.reference
  const words = wordsOf(focus)
  const named = namedIds(focus)
  const relations = model.entities.flatMap((one) => one.relations.filter(({ name }) => words.has(name)).map(({ entity }) => entity))
  const entities = model.entities.filter(({ name }) => (words.has(name) || relations.includes(name)) && name !== model.identity?.entity)
  return entities.flatMap((entity) => {
    const refs = Object.fromEntries(
      entity.fields.flatMap(({ name, type }) => {
        const ids = type.kind === 'ref' ? [...(named.get(type.entity) ?? [])] : []
        return ids.length === 0 ? [] : [[name, ids.at(-1) ?? null]]
      }),
    )
    const equal = Object.fromEntries(
      texts.flatMap((text) =>
        [...text.matchAll(/\b(?:\w+\.)?(\w+) == (?:'([^']*)'|"([^"]*)"|(true|false|\d+))/g)].flatMap(([, name = '', one, other, bare]) => {
          if (!entity.fields.some((field) => field.name === name)) return []
          return [[name, one ?? other ?? (JSON.parse(bare ?? 'null') as PlainValue)] as const]
        }),
      ),
    )
    return [{ ...refs, ...equal }, refs].flatMap((values) => {
      const building = buildingOver(tried.situation.rows)
      return isAdded(building, entity, values) ? [{ ...tried.situation, rows: building.rows }] : []
    })
  })
}

/** Rows are taken away, with those that refer to them: first all that are near, then single ones. */
function* removals(focus: Focus): Generator<Situation> {
  const { tried } = focus
  const { model } = tried.folded.world.reference
  const words = wordsOf(focus)
  const relations = model.entities.flatMap((one) => one.relations.filter(({ name }) => words.has(name)).map(({ entity }) => entity))
  const isMeant = ({ name }: Entity): boolean => (relations.includes(name) || words.has(name)) && name !== model.identity?.entity
  for (const [entity, pairs] of Map.groupBy(nearRows(focus), ([one]) => one)) {
    if (!isMeant(entity)) continue
    const rows = pairs.map(([, row]) => row)
    for (const gone of [rows, ...(rows.length > 1 ? rows.slice(0, MOST_ROWS).map((row) => [row]) : [])]) {
      const next = without(model, tried.situation.rows, entity.name, gone)
      if (next !== null) yield { ...tried.situation, rows: next }
    }
  }
}

/** The rows without some, and without all that refer to these; null if accounts do. */
function without(model: Model, rows: AllRows, entity: string, gone: readonly PlainRow[]): AllRows | null {
  if (entity === model.identity?.entity) return null
  const ids = new Set(gone.map(({ id }) => id ?? null))
  let left: AllRows = new Map([...rows, [entity, (rows.get(entity) ?? []).filter((row) => !gone.includes(row))]])
  for (const { name, fields } of model.entities) {
    const refs = fields.filter(({ type }) => type.kind === 'ref' && type.entity === entity)
    const referring = (left.get(name) ?? []).filter((row) => refs.some((field) => ids.has(row[field.name] ?? null)))
    const next: AllRows | null = referring.length === 0 ? left : without(model, left, name, referring)
    if (next === null) return null
    left = next
  }
  return left
}

/** Other inputs: what they are compared with, other rows, and values beside the constants. */
function inputTweaks(focus: Focus): readonly Situation[] {
  const { tried, texts, names } = focus
  const { situation, folded } = tried
  const { call } = situation
  const { model, design } = folded.world.reference
  const all = texts.join(' ; ')
  return inputsOf(call.action).flatMap((input): readonly Situation[] => {
    if (!new RegExp(`\\binput\\.${input.name}\\b`).test(all)) return []
    const form = resolvedInput(model, input.kind)
    const sent = (value: unknown): Situation => ({ ...situation, call: { ...call, input: { ...call.input, [input.name]: value } } })
    if (form.kind === 'reference') {
      const near = nearRows(focus).filter(([{ name }]) => name === form.entity)
      return near.flatMap(([, row]) => (row[form.by] === null ? [] : [sent(row[form.by])]))
    }
    const beside = texts
      .flatMap((text) => comparedWith(text, input.name))
      .flatMap((text) => {
        try {
          return [folded.world.value(text, names)]
        } catch {
          return []
        }
      })
    const field = form.kind === 'field' ? entityNamed(model, form.entity).fields.find(({ name }) => name === form.field) : undefined
    const now = (call.input[input.name] ?? null) as PlainValue
    if (field === undefined) return form.kind === 'scalar' && form.scalar === 'text' ? texts.flatMap(wordsIn).map(sent) : beside.map(sent)
    const written = form.kind === 'field' ? design.entities[form.entity]?.fields[form.field] : undefined
    const scale = written?.scale
    const equal = beside
      .filter((value) => value !== null && (Number.isNaN(Number(value)) || isInLimits(written, Number(value))))
      .map((value) => (scale === undefined ? value : Number(value).toFixed(scale)))
    const others = otherValues({ field, written, texts, now, numbers: [], targets: [] }).filter((value) => value !== null)
    return [...equal, ...others].map(sent)
  })
}

function wordsIn(text: string): readonly string[] {
  return [...text.matchAll(/["']([^"']{0,60})["']/g)].map(([, word = '']) => word)
}

/** The expressions with which an input is compared. */
function comparedWith(text: string, name: string): readonly string[] {
  const parts = text.split(/&&|\|\|/)
  return parts.flatMap((part) => {
    const [left, right, ...more] = part.split(/==|!=|>=|<=|>|</).map((one) => one.trim())
    if (left === undefined || right === undefined || more.length > 0) return []
    if (right === `input.${name}`) return [left]
    return left === `input.${name}` ? [right] : []
  })
}
