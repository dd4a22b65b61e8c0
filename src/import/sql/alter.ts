/** Changes of tables, as dumps and migrations have them. */

import type { SketchEntity } from '../sketch/sketch.ts'
import { addColumn, setDefault } from './columns.ts'
import { addConstraint } from './constraints.ts'
import { ONE_TABLE, type StatementContext, tableLike } from './reading.ts'
import { type AlterTableCmd, type AlterTableStmt, type ColumnDef, kind, type SqlConstraint, type TableName, tableName } from './tree.ts'
import { mapType } from './types.ts'

/** Makes the changes of a statement. Those about owners, storage and replication have no part in a design. */
export function alterTable(altered: AlterTableStmt, context: StatementContext): void {
  if (altered.objtype !== undefined && altered.objtype !== 'OBJECT_TABLE') return
  const { reading, at, placeOf } = context
  if (reading.partitions.has(tableName(altered.relation))) return
  const entity = tableLike(reading, tableName(altered.relation))
  for (const { AlterTableCmd: change } of altered.cmds ?? []) {
    if (change === undefined) continue
    const constraint = kind<SqlConstraint>(change.def, 'Constraint')
    const location = constraint?.location ?? kind<ColumnDef>(change.def, 'ColumnDef')?.location
    const here = { ...context, at: location === undefined ? at : placeOf(location) }
    if (entity !== undefined) alter(entity, change, here)
    else if (change.subtype === 'AT_AddConstraint') {
      const name = constraint?.conname ?? tableName(altered.relation)
      reading.sketch.left.push({ kind: 'constraint', name, at: here.at, why: `${tableName(altered.relation)} was not carried over` })
    }
  }
}

function alter(entity: SketchEntity, change: AlterTableCmd, context: StatementContext): void {
  const { domains } = context.reading
  const field = entity.fields.find(({ name }) => name === change.name)
  switch (change.subtype) {
    case 'AT_AddConstraint':
      return void addConstraint(entity, kind<SqlConstraint>(change.def, 'Constraint') ?? {}, context)
    case 'AT_AddColumn':
      return void addColumn(entity, kind<ColumnDef>(change.def, 'ColumnDef') ?? {}, context)
    case 'AT_ColumnDefault':
      if (field !== undefined && change.def !== undefined) setDefault(entity, field, { node: change.def, context })
      return
    case 'AT_SetNotNull':
      if (field !== undefined) field.optional = false
      return
    case 'AT_DropNotNull':
      if (field !== undefined) field.optional = true
      return
    case 'AT_AddIdentity':
      if (field !== undefined) Object.assign(field, { type: { type: 'sequence' }, optional: false })
      return
    case 'AT_DropColumn': {
      const at = entity.fields.findIndex(({ name }) => name === change.name)
      if (at >= 0) entity.fields.splice(at, 1)
      return
    }
    case 'AT_AlterColumnType': {
      const mapped = mapType(kind<ColumnDef>(change.def, 'ColumnDef')?.typeName, {
        enums: context.reading.enums,
        domains,
      })
      if (field !== undefined && mapped.kind === 'type') field.type = mapped.type
      return
    }
    case 'AT_AttachPartition':
      return void attach(entity, kind<{ readonly name?: TableName }>(change.def, 'PartitionCmd')?.name, context)
    case 'AT_DropConstraint':
      for (const list of [entity.uniques, entity.checks]) {
        const at = list.findIndex(({ name }) => name === change.name)
        if (at >= 0) list.splice(at, 1)
      }
      return
    default:
      return
  }
}

/** A table that becomes a partition is no entity of its own. */
function attach(entity: SketchEntity, table: TableName | undefined, { reading: { sketch, partitions } }: StatementContext): void {
  const name = tableName(table)
  const found = sketch.entities.findIndex((each) => each.name === name)
  const at = sketch.entities[found]?.at
  if (at === undefined) return
  sketch.entities.splice(found, 1)
  partitions.add(name)
  sketch.parts.push({ kind: 'partition', name, at, entity: entity.name, column: null, note: ONE_TABLE })
}
