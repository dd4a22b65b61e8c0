/** Indexes and unique constraints that could refuse a row for the length of a text in it. */

import { type TooLong, tooLong } from '../../model/index-width.ts'
import { type Entity, fieldNamed, type Model } from '../../model/model.ts'
import type { Report } from '../findings/report.ts'
import { quote } from '../findings/report.ts'

/** Adds what a design lets an index refuse, at the field that may be too long: that is where the limit goes. Each field once, for the tightest index. */
export function reviewIndexes(model: Model, report: Report): void {
  for (const entity of model.entities) {
    for (const { what, fields, long } of tightest(model, entity)) {
      const { whose, remedy } = remedyFor(entity, long)
      const message = `${whose} may be too long for ${what} [${fields.map((field) => `'${field}'`).join(', ')}], and a row that does not fit is refused`
      report.add('PLN-D411', ['entities', entity.name, 'fields', long.field], message, remedy)
    }
  }
}

interface Declared {
  readonly what: string
  readonly fields: readonly string[]
}

type Tight = Declared & { readonly long: TooLong }

/** For each field that may be too long, the index that leaves it the least room: with its limit it fits into the others. */
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
    ...entity.uniques.map(({ fields }) => ({ what: 'the unique constraint', fields })),
    ...entity.indexes.map(({ parts }) => ({ what: 'the index', fields: parts.map(({ field }) => field) })),
    // what refers to a row has the width of its id in an index of its own
    ...(fieldNamed(entity, 'id').system === null ? [{ what: 'the primary key', fields: ['id'] }] : []),
  ]
}

/** Whose length it is, and what to do about it: the id of another entity where the field is a reference, nothing but the index where no limit would help. */
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
