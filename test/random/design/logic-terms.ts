/** Random paths, conditions and values for the expressions of actions. */

import type { Random } from '../../support/random.ts'
import { type AuthoredField, DECIMALS, NUMBERS, WORDS } from './authored.ts'
import type { Step } from './random-rule.ts'

/** What the expressions at one place of an action may name. */
export interface Spot {
  readonly random: Random
  readonly fields: ReadonlyMap<string, Readonly<Record<string, AuthoredField>>>
  readonly many: ReadonlyMap<string, readonly Step[]>
  /** Names of rows, such as `row` and `input.of`. */
  readonly rows: readonly NamedEntity[]
  /** Names of many rows. */
  readonly lists: readonly NamedEntity[]
  /** Names of rows that steps have made, whose tokens an answer may show. */
  readonly made?: readonly NamedEntity[]
  /** Names of values, such as `input.count`. */
  readonly values: readonly { readonly name: string; readonly type: string }[]
  /** Whether the action has signed in, so that its answer may show the token of a session. */
  readonly sessions?: boolean
  /** The shapes that an answer may use, each with its entity. */
  readonly shapes?: readonly NamedEntity[]
  /** The entity whose fields are bare names; null for none. */
  readonly bare: string | null
}

export interface NamedEntity {
  readonly name: string
  readonly entity: string
}

/** A path to a row: a name, or a reference of its row. The empty path is the row whose fields are bare names. */
export function rowPath(spot: Spot, hops = 1): NamedEntity | null {
  const { random, fields } = spot
  const starts = [...spot.rows, ...(spot.bare === null ? [] : [1, 2].map(() => ({ name: '', entity: spot.bare ?? '' })))]
  if (starts.length === 0) return null
  let at = random.pick(starts)
  for (let i = 0; i < hops && random.chance(0.3); i++) {
    const references = Object.entries(fields.get(at.entity) ?? {}).filter(([, field]) => field.type === 'ref')
    if (references.length === 0) break
    const [name, field] = random.pick(references)
    at = { name: member(at.name, name), entity: field.entity ?? '' }
  }
  return at
}

export function member(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}

/** A path to a field or an input of one of the types; null for none. */
export function fieldPath(spot: Spot, types: readonly string[]): string | null {
  const { random } = spot
  const inputs = spot.values.filter(({ type }) => types.includes(type))
  if (inputs.length > 0 && random.chance(0.3)) return random.pick(inputs).name
  for (let i = 0; i < 4; i++) {
    const at = rowPath(spot)
    if (at === null) break
    const found = Object.entries(spot.fields.get(at.entity) ?? {}).filter(([, { type }]) => types.includes(type))
    if (found.length > 0) return member(at.name, random.pick(found)[0])
  }
  return inputs.length === 0 ? null : random.pick(inputs).name
}

/** Rows that `each`, `list` and quantifiers run through: a relation, or rows that a step has named. */
export function rowsPath(spot: Spot): NamedEntity | null {
  const { random, lists, many } = spot
  if (lists.length > 0 && random.chance(0.3)) return random.pick(lists)
  for (let i = 0; i < 5; i++) {
    const at = rowPath(spot)
    if (at === null) return null
    const relations = many.get(at.entity) ?? []
    if (relations.length === 0) continue
    const { name, to } = random.pick(relations)
    return { name: member(at.name, name), entity: to }
  }
  return null
}

/** A condition with at most `depth` levels of connectives. */
export function condition(spot: Spot, depth: number): string {
  const { random } = spot
  const inner = () => condition(spot, depth - 1)
  if (depth > 0 && random.chance(0.35)) {
    const form = random.below(5)
    if (form === 0) return `!(${inner()})`
    if (form === 1) return `(${inner()} ? ${inner()} : ${inner()})`
    return `(${inner()} ${form === 2 ? '&&' : '||'} ${inner()})`
  }
  return (random.chance(0.25) ? overRows(spot) : null) ?? comparison(spot) ?? aboutCaller(random)
}

function aboutCaller(random: Random): string {
  return random.pick(['auth.id != null', 'auth.level >= 2', 'staff', '!outsider', 'true', 'auth.team != "blue"'])
}

function comparison(spot: Spot): string | null {
  const { random } = spot
  switch (random.below(9)) {
    case 0:
    case 1:
      return compared(spot, ['integer', 'computed'], () => String(random.pick(NUMBERS)), ['<', '<=', '>', '>=', '==', '!='])
    case 2:
      return compared(spot, ['text'], () => JSON.stringify(random.pick(WORDS)), ['==', '!=', '<'])
    case 3:
      return fieldPath(spot, ['boolean'])
    case 4: {
      const path = fieldPath(spot, ['integer', 'text', 'ref', 'boolean', 'timestamp'])
      return path === null ? null : `${path} ${random.pick(['==', '!='])} null`
    }
    case 5:
      return compared(spot, ['ref'], () => random.pick(['auth.id', rowPath(spot)?.name || 'auth.id']), ['==', '!='])
    case 6:
      return compared(spot, ['decimal'], () => random.pick(DECIMALS), ['<', '>='])
    case 7: {
      const path = fieldPath(spot, ['list'])
      return path === null ? null : `"apple" in ${path}`
    }
    default:
      return aboutCaller(random)
  }
}

function compared(spot: Spot, types: readonly string[], constant: () => string, operators: readonly string[]): string | null {
  const { random } = spot
  const path = fieldPath(spot, types)
  if (path === null) return null
  const other = types[0] === 'ref' || random.chance(0.6) ? null : fieldPath(spot, types)
  return `${path} ${random.pick(operators)} ${other ?? constant()}`
}

/** A number made of rows. */
export function aggregate(spot: Spot): string | null {
  const { random } = spot
  const over = rowsPath(spot)
  if (over === null) return null
  if (spot.lists.length > 0 && random.chance(0.3)) return `${random.pick(spot.lists).name}.total`
  const filtered = random.chance(0.4) ? `${over.name}.filter(y, ${elementCondition(spot, 'y', over.entity)})` : over.name
  const hasRank = spot.fields.get(over.entity)?.rank !== undefined
  return hasRank && random.chance(0.5) ? `${filtered}.${random.pick(['sum', 'sum', 'min', 'max'])}(z, z.rank)` : `size(${filtered})`
}

function elementCondition(spot: Spot, name: string, entity: string): string {
  const own: Spot = { ...spot, bare: null, rows: [{ name, entity }], lists: [], values: spot.values }
  return comparison(own) ?? 'true'
}

function overRows(spot: Spot): string | null {
  const { random } = spot
  const over = rowsPath(spot)
  if (over === null) return null
  if (random.chance(0.5)) {
    const count = aggregate(spot)
    return count === null ? null : `${count} ${random.pick(['<', '>', '>=', '<=', '!='])} ${random.below(4)}`
  }
  return `${over.name}.${random.pick(['exists', 'all'])}(x, ${elementCondition(spot, 'x', over.entity)})`
}

/** A value for a field; null where the place has none. A `new` row has no bare names. */
export function randomValue(spot: Spot, name: string, field: AuthoredField): string | number | boolean | null {
  const { random } = spot
  switch (field.type) {
    case 'integer': {
      const own =
        spot.bare === null
          ? null
          : `${name} ${random.pick(['+', '-'])} ${random.pick([1, 2, fieldPath({ ...spot, bare: null }, ['integer']) ?? 3])}`
      const made = random.chance(0.3) ? aggregate(spot) : fieldPath(spot, ['integer'])
      return random.pick([random.pick(NUMBERS), own ?? 1, made ?? 2, made ?? 3])
    }
    case 'text':
      return random.chance(0.5) ? JSON.stringify(random.pick(WORDS)) : (fieldPath(spot, ['text']) ?? '"berry"')
    case 'boolean':
      return random.chance(0.5) ? random.chance(0.5) : (fieldPath(spot, ['boolean']) ?? condition(spot, 0))
    case 'choice': {
      const [a = '', b = a] = [random.pick(field.values ?? []), random.pick(field.values ?? [])]
      return random.chance(0.6) ? a : `${condition(spot, 1)} ? "${a}" : "${b}"`
    }
    case 'decimal':
      return random.chance(0.4) ? `${random.pick(DECIMALS)}` : (fieldPath(spot, ['decimal']) ?? '1.50')
    case 'ref':
      return referenceTo(spot, field.entity ?? '')
    default:
      return fieldPath(spot, [field.type])
  }
}

function referenceTo(spot: Spot, entity: string): string | null {
  const { random } = spot
  if (entity === 'User' && random.chance(0.5)) return 'auth.id'
  for (let i = 0; i < 8; i++) {
    const at = rowPath(spot, 2)
    if (at !== null && at.entity === entity && at.name !== '') return at.name
  }
  return entity === 'User' ? 'auth.id' : null
}
