/** The look-ups that PostgreSQL itself makes when a referenced row is deleted. The plan of the deleting statement does not show them. */

import { render } from '../../base/sql/render.ts'
import { ident, type Sql, slot, sql } from '../../base/sql/sql.ts'
import { unreachable } from '../../base/unreachable.ts'
import { columnType } from '../../compile/values/column-type.ts'
import { type Entity, entityNamed, type Field, type Model } from '../../model/model.ts'
import { isNever } from '../../model/predicate.ts'

/** The look-up of the rows that refer to a deleted row. */
export interface ReferenceCheck {
  /** The entity whose row is deleted. */
  readonly deleted: Entity
  readonly entity: Entity
  readonly field: Field
  readonly text: string
}

/** One check for each reference to an entity whose rows can be deleted, by a request or by a cascade. */
export function referenceChecks(model: Model): readonly ReferenceCheck[] {
  const going = deletable(model)
  return model.entities.flatMap((entity) =>
    entity.fields.flatMap((field): readonly ReferenceCheck[] => {
      if (field.type.kind !== 'ref' || !going.has(field.type.entity)) return []
      return [{ deleted: entityNamed(model, field.type.entity), entity, field, text: render(checkSql(entity, field)).text }]
    }),
  )
}

/** Names of entities whose rows can be removed from their table. With `softDelete`, deleted rows stay in the table. */
function deletable(model: Model): ReadonlySet<string> {
  const going = new Set(model.entities.filter((e) => !e.softDelete && !isNever(e.access.delete)).map((e) => e.name))
  for (let before = -1; before !== going.size; ) {
    before = going.size
    for (const entity of model.entities)
      for (const { type } of entity.fields)
        if (type.kind === 'ref' && type.onDelete === 'cascade' && going.has(type.entity)) going.add(entity.name)
  }
  return going
}

/** The same text as in PostgreSQL's own triggers (`ri_triggers.c`). */
function checkSql(entity: Entity, field: Field): Sql {
  if (field.type.kind !== 'ref') throw new Error(`${field.name} is no reference`)
  const table = ident(entity.table)
  const refers = sql`${slot('id', columnType(field.type))} = ${ident(field.column)}`
  switch (field.type.onDelete) {
    case 'cascade':
      return sql`delete from only ${table} where ${refers}`
    case 'setNull':
      return sql`update only ${table} set ${ident(field.column)} = null where ${refers}`
    case 'restrict':
      return sql`select 1 from only ${table} x where ${refers} for key share of x`
    default:
      return unreachable(field.type.onDelete)
  }
}
