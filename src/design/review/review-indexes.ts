/** Finds indexes and unique constraints that could refuse a row because a text in it is too long. */

import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import { type TooLong, tooLong } from '../../model/names/index-width.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'

/** Reports each field whose values may be too long for an index, once, with the index that leaves it the least room. */
export function reviewIndexes(model: Model, report: Report): void {
  for (const entity of model.entities) {
    for (const { what, fields, long } of tightest(model, entity)) {
      const { whose, remedy } = remedyFor(entity, long)
      const named = fields.map((field) => `'${field}'`).join(', ')
      const message = `${whose} may be too long for ${what} [${named}], and a row that does not fit is refused`
      report.add('PLN-D411', ['entities', entity.name, 'fields', long.field], message, remedy)
    }
  }
}

interface Declared {
  readonly what: string
  readonly fields: readonly string[]
}

type Tight = Declared & { readonly long: TooLong }

/** For each field that may be too long, the index that leaves it the least room. A limit that suits this index suits the others. */
function tightest(model: Model, entity: Entity): Iterable<Tight> {
  const found = new Map<string, Tight>()
  for (const declared of declaredIndexes(entity)) {
    const long = tooLong(model, entity, declared.fields)
    if (long === null) continue
    const before = found.get(long.field)
    if (before === undefined || (long.room ?? 0) < (before.long.room ?? 0)) found.set(long.field, { ...declared, long })
  }
  return found.values()
}

function declaredIndexes(entity: Entity): readonly Declared[] {
  return [
    ...[...entity.uniques, ...entity.conditionalUniques].map(({ fields }) => ({ what: 'the unique constraint', fields })),
    ...entity.indexes.map(({ parts }) => ({ what: 'the index', fields: parts.map(({ field }) => field) })),
    // the index of a reference holds the id of the row that it refers to
    ...(fieldNamed(entity, 'id').system === null ? [{ what: 'the primary key', fields: ['id'] }] : []),
  ]
}

/**
 * The value that is too long, and the remedy: a limit on the field, a limit on the id that a reference points at, or leaving the field out.
 */
function remedyFor(entity: Entity, { field, items, room }: TooLong): { readonly whose: string; readonly remedy: string } {
  const { type } = fieldNamed(entity, field)
  const whose = items ? `items of ${quote(field)}` : quote(field)
  const limited = type.kind === 'list' ? type.of : type
  const alone = 'leave the field out of it'
  if (room === null || limited.kind === 'computed' || limited.kind === 'choice') return { whose, remedy: alone }
  const limit = `a max of ${room} characters`
  if (limited.kind === 'ref') return { whose, remedy: `give the id of ${limited.entity} ${limit}, or ${alone}` }
  if (limited.kind !== 'scalar' || limited.scalar !== 'text') return { whose, remedy: alone }
  const isKey = field === 'id'
  return { whose, remedy: `give ${items ? 'them' : 'it'} ${limit}${isKey ? '' : `, or ${alone}`}` }
}
