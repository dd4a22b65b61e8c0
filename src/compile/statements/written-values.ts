/** The values of fields in the statements that write: sent, default, made by the server, or as they were. */

import { ident, literal, type Sql, sealedSlot, slot, sql, typeName } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Term } from '../../model/expression.ts'
import { type Default, type Entity, type Field, fieldNamed, type Model } from '../../model/model.ts'
import { isSealed } from '../../model/privacy/sealed.ts'
import { rowScope } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { setAt } from '../rules/write-rules.ts'
import { columnType } from '../values/column-type.ts'
import type { WrittenField } from './plan.ts'
import { sumSql } from './sum-sql.ts'

/** The fields that a caller may send, by name. */
export type Sendable = ReadonlyMap<string, WrittenField>

/** The value of a field of a new row. */
export function createdValue(
  model: Model,
  entity: Entity,
  { field, sendable }: { readonly field: Field; readonly sendable: Sendable },
): Sql {
  const type = columnType(field.type)
  const sent = isSealed(field) ? sealedValue(field, idKey(entity)) : slot(`value.${field.name}`, type)
  const preset = field.default
  if (preset === null) return sent
  switch (preset.kind) {
    // A later part of the statement numbers the rows that are written.
    case 'sequence':
      return sql`null::bigint`
    case 'generated':
      return generatedValue(entity, field, { by: preset.by, uuid: slot('id', 'uuid') })
    case 'set':
    case 'expression': {
      const made = (name: string): Sql => createdValue(model, entity, { field: fieldNamed(entity, name), sendable })
      const value = presetValue(model, field, { term: preset.term, ...(preset.kind === 'set' ? { made } : {}) })
      return !sendable.has(field.name) ? value : sql`case when ${slot(`given.${field.name}`, 'boolean')} then ${sent} else ${value} end`
    }
    // A constant default is passed as the value of the field, also if the caller may not set the field.
    case 'value':
      return sent
    default:
      return unreachable(preset)
  }
}

/** A value that is computed from the caller, the clock, and with `made` the fields of the row that is written. */
export function presetValue(
  model: Model,
  field: Field,
  { term, made }: { readonly term: Term; readonly made?: (field: string) => Sql },
): Sql {
  const scope = rowScope(model, sql`call`)
  return sql`(${termSql(term, made === undefined ? scope : { ...scope, made })})::${typeName(columnType(field.type))}`
}

/** A value that Plinth makes for a field of a new row. `uuid`: the id of the row where ids are UUIDs. */
export function generatedValue(
  entity: Entity,
  field: Field,
  { by, uuid }: { readonly by: Extract<Default, { kind: 'generated' }>['by']; readonly uuid: Sql },
): Sql {
  switch (by) {
    case 'uuidv7':
      return uuid
    case 'identity':
      return sql`nextval(pg_get_serial_sequence(${literal(`"${entity.table.replaceAll('"', '""')}"`)}, ${literal(field.column)}))`
    case 'now':
      return sql`now()`
    case 'one':
      return sql`1::bigint`
    case 'token':
      return sql`replace(gen_random_uuid()::text, '-', '')`
    default:
      return unreachable(by)
  }
}

/** The value of a field of a changed row. `given`: what the request sends, by field. */
export function updatedValue(
  model: Model,
  entity: Entity,
  { field, given: all }: { readonly field: Field; readonly given: Sendable },
): Sql {
  const set = setAt(field, 'update')
  const given = all.get(field.name)
  if (set !== null && given === undefined)
    return presetValue(model, field, {
      term: set,
      made: (name) => updatedValue(model, entity, { field: fieldNamed(entity, name), given: all }),
    })
  if (field.system === 'updatedAt') return sql`now()`
  if (field.system === 'version') return sql`o.${ident(field.column)} + 1`
  if (given === undefined) return sql`o.${ident(field.column)}`
  if (isSealed(field)) return sealedValue(field, 'id')
  return given.change === 'add' ? sumSql(field) : slot(`value.${field.name}`, columnType(field.type))
}

/** The value of an encrypted field, which is encrypted for the row whose id is the value of the slot `row`. */
function sealedValue({ name, type }: Field, row: string | null): Sql {
  if (type.kind !== 'scalar' || type.boundTo === undefined) throw new Error(`${name} is not encrypted`)
  return sealedSlot(`value.${name}`, columnType(type), { by: 'cipher', context: type.boundTo, row })
}

/** The slot with the id of a new row; null where the database makes it. */
function idKey(entity: Entity): string | null {
  const { default: preset } = fieldNamed(entity, 'id')
  if (preset === null) return 'value.id'
  return preset.kind === 'generated' && preset.by === 'uuidv7' ? 'id' : null
}

/** What a request sends for `input` in a rule. No rule reads an encrypted field, so its value is not sent a second time. */
export function sentInput(field: Field): Sql {
  return isSealed(field) ? sql`null::text` : slot(`input.${field.name}`, columnType(field.type))
}

/** `input` in a rule is the value after the write, also if the request sent an amount. */
export function updatedInput({ field, change }: WrittenField): Sql {
  return change === 'add' ? sumSql(field) : sentInput(field)
}
