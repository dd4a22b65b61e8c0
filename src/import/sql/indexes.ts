/** Indexes. */

import { mapCondition } from './expression.ts'
import { ownColumns, type StatementContext, tableLike } from './reading.ts'
import { type IndexStmt, kind, type Node, type StringNode, tableName, texts } from './tree.ts'

/** Adds an index to its table. One that the language does not have is listed as left out. */
export function addIndex(index: IndexStmt, { reading, at }: StatementContext): void {
  const table = tableName(index.relation)
  if (reading.partitions.has(table)) return
  const entity = tableLike(reading, table)
  const params = (index.indexParams ?? []).flatMap(({ IndexElem: each }) => (each === undefined ? [] : [each]))
  const columns = params.map(({ name, expr, ordering }) => {
    const given = name ?? lowered(expr)
    const column = given === null || entity === undefined ? given : (ownColumns(entity, [given])[0] ?? given)
    return column === null ? null : `${ordering === 'SORTBY_DESC' && index.unique !== true ? '-' : ''}${column}`
  })
  const name = index.idxname ?? `${table}(${columns.join(', ')})`
  const leave = (why: string): void => void reading.sketch.left.push({ kind: 'index', name, at, why })
  if (entity === undefined) return void leave(`${table} was not carried over`)
  const method = index.accessMethod ?? 'btree'
  const list = entity.fields.find((field) => field.name === columns[0])
  const isMembership = method === 'gin' && columns.length === 1 && list?.type.type === 'list'
  if (!isMembership && method !== 'btree' && method !== 'hash')
    return void leave(`an index of kind ${method}; search: [fields] is a full text search`)
  if (columns.some((column) => column === null)) return void leave('an index on an expression; write a computed field and its index')
  const names = columns.filter((column) => column !== null)
  const isExpression = params.some(({ name: plain }) => plain === undefined)
  const isEmail = names.length === 1 && /e[-_]?mail/i.test(names[0] ?? '')
  if (isExpression && !(index.unique === true && isEmail))
    return void leave('an index on an expression; write a computed field and its index')
  if (isExpression) for (const field of entity.fields) if (field.name === names[0]) field.type = { type: 'email' }
  const where = index.whereClause === undefined ? null : mapCondition(index.whereClause)
  if (index.unique === true) {
    if (index.whereClause !== undefined && where === null) return void leave('its condition has no counterpart; write unique with where')
    entity.uniques.push({ name, columns: names, where, at })
  } else if (index.whereClause !== undefined) leave('an index has all rows; write one without a condition')
  else entity.indexes.push({ name, columns: names, where: null, at })
}

/** The column of `lower(column)`; null for another expression. */
function lowered(node: Node | undefined): string | null {
  const call = kind<{ readonly funcname?: readonly StringNode[]; readonly args?: readonly Node[] }>(node, 'FuncCall')
  if (texts(call?.funcname).at(-1) !== 'lower') return null
  const cast = kind<{ readonly arg?: Node }>(call?.args?.[0], 'TypeCast')
  return texts(kind<{ readonly fields?: readonly StringNode[] }>(cast?.arg ?? call?.args?.[0], 'ColumnRef')?.fields).at(-1) ?? null
}
