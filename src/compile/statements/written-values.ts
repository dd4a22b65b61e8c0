/** The values of fields in the statements that write: sent, default, made by the server, or as they were. */

import { ident, literal, type Sql, slot, sql, typeName } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Term } from '../../model/expression.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import { rowScope } from '../rules/predicate-sql.ts'
import { termSql } from '../rules/term-sql.ts'
import { setAt } from '../rules/write-rules.ts'
import { columnType } from '../values/column-type.ts'
import type { WrittenField } from './plan.ts'
import { sumSql } from './sum-sql.ts'

/** The value of a field of a new row. `sendable`: how the caller may send it; undefined if not. */
export function createdValue(model: Model, entity: Entity, field: Field, sendable: WrittenField | undefined): Sql {
  const type = columnType(field.type)
  const sent = slot(`value.${field.name}`, type)
  const preset = field.default
  if (preset === null) return sent
  switch (preset.kind) {
    // Rows get their numbers once it is known which of them are written.
    case 'sequence':
      return sql`null::bigint`
    case 'generated':
      return generatedValue(entity, field, preset.by)
    case 'set':
      return presetValue(model, field, preset.term)
    case 'expression': {
      const value = presetValue(model, field, preset.term)
      return sendable === undefined ? value : sql`case when ${slot(`given.${field.name}`, 'boolean')} then ${sent} else ${value} end`
    }
    // A constant default is passed as the value of the field, also if the caller may not set the field.
    case 'value':
      return sent
    default:
      return unreachable(preset)
  }
}

/** A value that is computed from the caller and the clock. */
export function presetValue(model: Model, field: Field, value: Term): Sql {
  return sql`(${termSql(value, rowScope(model, sql`call`))})::${typeName(columnType(field.type))}`
}

function generatedValue(entity: Entity, field: Field, by: 'uuidv7' | 'identity' | 'now' | 'one'): Sql {
  switch (by) {
    case 'uuidv7':
      return slot('id', 'uuid')
    case 'identity':
      return sql`nextval(pg_get_serial_sequence(${literal(`"${entity.table.replaceAll('"', '""')}"`)}, ${literal(field.column)}))`
    case 'now':
      return sql`now()`
    case 'one':
      return sql`1::bigint`
    default:
      return unreachable(by)
  }
}

/** The value of a field of a changed row. `given`: what the request sends of it; undefined if nothing. */
export function updatedValue(model: Model, field: Field, given: WrittenField | undefined): Sql {
  const set = setAt(field, 'update')
  if (set !== null) return presetValue(model, field, set)
  if (field.system === 'updatedAt') return sql`now()`
  if (field.system === 'version') return sql`o.${ident(field.column)} + 1`
  if (given === undefined) return sql`o.${ident(field.column)}`
  return given.change === 'add' ? sumSql(field) : slot(`value.${field.name}`, columnType(field.type))
}

/** `input` in a rule is the value after the write, also if the request sent an amount. */
export function updatedInput({ field, change }: WrittenField): Sql {
  return change === 'add' ? sumSql(field) : slot(`input.${field.name}`, columnType(field.type))
}
