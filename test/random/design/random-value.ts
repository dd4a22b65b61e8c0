/** The caller of a random request, and the ids, names and values that the request may contain. */

import type { Entity, Field } from '../../../src/model/model.ts'
import type { Sight } from '../../../src/verify/expected/reference.ts'
import type { PlainRow } from '../../../src/verify/oracle/oracle-rows.ts'
import type { Random } from '../../support/random.ts'
import type { Reference } from '../reference/authored-reference.ts'
import { DATES, DECIMALS, NUMBERS, TIMES, WORDS } from './authored.ts'

export interface Asker {
  readonly random: Random
  readonly reference: Reference
  readonly sight: Sight
  /** The rows of the callers, which no request may delete. */
  readonly kept: ReadonlySet<string>
}

export function rowsOf({ reference }: Asker, entity: string): readonly PlainRow[] {
  return reference.rows().get(entity) ?? []
}

export function randomId(asker: Asker, entity: string): string {
  const { random } = asker
  const rows = rowsOf(asker, entity)
  if (rows.length === 0 || random.chance(0.05)) return strangeId(random)
  return String(random.pick(rows).id)
}

/** An id that no row has. */
export function strangeId(random: Random): string {
  return `0000000f-0000-4000-8000-${String(random.below(1e9)).padStart(12, '0')}`
}

/** A name of the entity, mostly one that exists for the caller. */
export function randomName({ random, sight }: Asker, entity: Entity): string {
  const readable = [...sight.kind.readable(entity.name)]
  return random.chance(0.97) ? random.pick(readable) : random.pick(entity.fields).name
}

/** A value that the field can have. */
export function sampleOf(asker: Asker, field: Field): unknown {
  const { random } = asker
  const { type } = field
  switch (type.kind) {
    case 'choice':
      return random.pick(type.values)
    case 'list':
      return Array.from({ length: random.below(3) }, () => random.pick(['apple', 'berry', 'cedar']))
    case 'ref':
      return random.chance(0.9) ? randomId(asker, type.entity) : strangeId(random)
    case 'computed':
      return random.pick(NUMBERS)
    case 'file':
      return null
    case 'password':
      return 'Correct-horse-7-staple'
    case 'scalar':
      switch (type.scalar) {
        case 'integer':
          return random.pick(NUMBERS)
        case 'boolean':
          return random.chance(0.5)
        case 'timestamp':
          return random.pick(TIMES)
        case 'date':
          return random.pick(DATES)
        case 'decimal':
          return random.pick(DECIMALS)
        case 'uuid':
          return strangeId(random)
        case 'email':
          return `new${random.below(8)}@example.com`
        default:
          return random.pick(WORDS)
      }
  }
}
