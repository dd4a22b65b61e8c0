/** Random access rules of many forms: on the caller, the row, related rows, and the input. */

import type { Random } from '../../support/random.ts'
import type { AuthoredField } from './authored.ts'
import { DECIMALS, NUMBERS, WORDS } from './authored.ts'

/** A to-one or to-many step that rules may take. */
export interface Step {
  readonly name: string
  readonly to: string
}

/** The names that rules of the design may use. They are chosen before the first rule is made. */
export interface Outline {
  readonly fields: ReadonlyMap<string, Readonly<Record<string, AuthoredField>>>
  readonly many: ReadonlyMap<string, readonly Step[]>
  /** The order of entities for `can`: it points only to earlier entities, so that it makes no cycle. */
  readonly order: readonly string[]
}

/** A rule like most rules of real designs. */
export function plainRule(random: Random, entity: string): string {
  const own = entity === 'User' ? 'id == auth.id' : 'owner == auth.id'
  return random.pick(['true', 'true', 'auth.id != null', own, `${own} || staff`])
}

export interface RulePlace {
  readonly random: Random
  readonly outline: Outline
  /** The entity whose fields have the prefix. */
  readonly entity: string
  readonly place: 'read' | 'write'
  /** Relations that may still be followed. */
  readonly steps: number
  /** The variables that `exists` binds, innermost last; empty for the row itself. */
  readonly rows: readonly string[]
}

/** A condition with at most `depth` levels of connectives. */
export function randomRule(place: RulePlace, depth: number): string {
  const { random } = place
  if (depth > 0 && random.chance(0.6)) {
    const inner = () => randomRule(place, depth - 1)
    switch (random.below(8)) {
      case 0:
      case 1:
        return `(${inner()} && ${inner()})`
      case 2:
      case 3:
      case 4:
        return `(${inner()} || ${inner()})`
      case 5:
        return `!(${inner()})`
      case 6:
        return `(${fieldTest(place)} ? ${inner()} : ${inner()})`
      default:
        return quantified(place, depth)
    }
  }
  switch (random.below(10)) {
    case 0:
      return random.pick(['true', 'true', 'false'])
    case 1:
    case 2:
      return callerTest(random)
    case 3:
    case 4:
      return ownerTest(place)
    case 5:
      return quantified(place, depth)
    case 6:
      return place.place === 'write' && place.rows.length === 0 ? inputTest(place) : fieldTest(place)
    case 7:
      return canTest(place)
    default:
      return fieldTest(place)
  }
}

function callerTest(random: Random): string {
  return random.pick([
    'auth.id != null',
    'auth.id == null',
    'auth.role == "admin"',
    'auth.role != "user"',
    'auth.role in ["admin", "editor"]',
    'auth.level >= 2',
    'auth.team == "red"',
    'auth.team == null',
    'staff',
    'adult',
    'outsider',
    '!staff',
  ])
}

/** A path to the current row or, over references, to another row. */
function reach({ random, outline, entity, steps, rows }: RulePlace): { readonly prefix: string; readonly entity: string } {
  let at = { prefix: rows.length === 0 ? '' : `${rows.at(-1)}.`, entity }
  for (let i = 0; i < steps && random.chance(0.35); i++) {
    const references = Object.entries(outline.fields.get(at.entity) ?? {}).filter(([, field]) => field.type === 'ref')
    if (references.length === 0) break
    const [name, field] = random.pick(references)
    at = { prefix: `${at.prefix}${name}.`, entity: field.entity ?? '' }
  }
  return at
}

function ownerTest(place: RulePlace): string {
  const { random, outline } = place
  const { prefix, entity } = reach(place)
  const users = Object.entries(outline.fields.get(entity) ?? {}).filter(([, field]) => field.entity === 'User')
  const own = entity === 'User' ? [`${prefix}id`] : []
  const found = [...own, ...users.flatMap(([name]) => [`${prefix}${name}`, `${prefix}${name}.id`])]
  if (found.length === 0) return callerTest(random)
  const name = random.pick(found)
  return random.pick([`${name} == auth.id`, `${name} == auth.id`, `auth.id == ${name}`, `${name} != auth.id`, `${name} in [auth.id]`])
}

function fieldTest(place: RulePlace): string {
  const { random, outline } = place
  const { prefix, entity } = reach(place)
  const [name, field] = random.pick(Object.entries(outline.fields.get(entity) ?? {}).filter(([, f]) => f.type !== 'password'))
  return testOf(random, `${prefix}${name}`, field)
}

/** A condition about one field. */
export function testOf(random: Random, name: string, field: AuthoredField): string {
  const nullTest = () => `${name} ${random.pick(['==', '!='])} null`
  if (field.optional === true && random.chance(0.2)) return nullTest()
  const op = () => random.pick(['==', '!=', '<', '>=', '>'])
  switch (field.type) {
    case 'text':
    case 'email':
      return random.pick([
        `${name} ${op()} "${random.pick(WORDS)}"`,
        `${name}.startsWith("a")`,
        `${name}.contains("e")`,
        `${name} in ["apple", "cedar"]`,
        `size(${name}) > 5`,
      ])
    case 'choice': {
      const values = field.values ?? []
      return random.pick([
        `${name} == "${random.pick(values)}"`,
        `${name} != "${random.pick(values)}"`,
        `${name} in ["${random.pick(values)}", "${random.pick(values)}"]`,
      ])
    }
    case 'integer':
    case 'sequence':
    case 'computed':
      return random.pick([`${name} ${op()} ${random.pick(NUMBERS)}`, `${name} + 1 > 3`, `${name} in [1, 2]`])
    case 'boolean':
      return random.pick([name, `!${name}`, `${name} == true`, `${name} != true`])
    case 'timestamp':
      return random.pick([`${name} ${random.pick(['<', '>'])} now()`, `${name} < timestamp("2010-01-01T00:00:00Z")`])
    case 'date':
      return `${name} ${op()} "2024-02-29"`
    case 'decimal':
      return `${name} ${op()} ${random.pick(DECIMALS)}`
    case 'list':
      return random.pick([`"apple" in ${name}`, `size(${name}) > 1`, `${name}.exists(t, t == "berry")`, `${name}.all(t, t != "cedar")`])
    case 'ref':
      return nullTest()
    case 'password':
    case 'token':
      throw new Error('no rule asks for a password')
  }
}

function quantified(place: RulePlace, depth: number): string {
  const { random, outline, entity, steps, rows } = place
  const relations = outline.many.get(entity) ?? []
  if (relations.length === 0 || steps === 0) return fieldTest(place)
  const { name, to } = random.pick(relations)
  const over = `${rows.length === 0 ? '' : `${rows.at(-1)}.`}${name}`
  if (random.chance(0.2)) return `size(${over}) > ${random.below(3)}`
  const row = `r${rows.length}`
  const inside: RulePlace = { ...place, entity: to, steps: steps - 1, rows: [...rows, row] }
  return `${over}.${random.pick(['exists', 'exists', 'all'])}(${row}, ${randomRule(inside, Math.min(depth, 1))})`
}

function inputTest({ random, outline, entity }: RulePlace): string {
  const [name, field] = random.pick(
    Object.entries(outline.fields.get(entity) ?? {}).filter(
      ([, f]) => f.type !== 'password' && f.type !== 'computed' && f.type !== 'sequence',
    ),
  )
  const test = field.type === 'ref' && field.entity === 'User' ? `input.${name} == auth.id` : testOf(random, `input.${name}`, field)
  return random.chance(0.5) ? `(input.${name} == null || ${test})` : test
}

/** `can` uses only references to earlier entities, so that it ends. */
function canTest(place: RulePlace): string {
  const { random, outline, entity, rows } = place
  const before = outline.order.slice(0, outline.order.indexOf(entity))
  const references = Object.entries(outline.fields.get(entity) ?? {}).filter(([, f]) => f.type === 'ref' && before.includes(f.entity ?? ''))
  if (references.length === 0 || rows.length > 0) return fieldTest(place)
  return `can("read", ${random.pick(references)[0]})`
}
