/** What each statement of SQL says about entities. */

import { newEntity, type SketchEntity } from '../sketch/sketch.ts'
import { alterTable } from './alter.ts'
import { addColumn } from './columns.ts'
import { addConstraint } from './constraints.ts'
import { addIndex } from './indexes.ts'
import { ONE_TABLE, type StatementContext, tableCalled, tableLike } from './reading.ts'
import {
  type AlterTableStmt,
  type ColumnDef,
  type CreateStmt,
  type IndexStmt,
  kind,
  type Node,
  type SqlConstraint,
  type StringNode,
  type TableName,
  type TypeName,
  tableName,
  texts,
} from './tree.ts'

/** Reads one statement. */
export function readStatement(node: Node, context: StatementContext): void {
  const [name = ''] = Object.keys(node)
  const { reading, at } = context
  const { sketch } = reading
  const leave = (what: string, called: string, why: string): void => void sketch.left.push({ kind: what, name: called, at, why })
  switch (name) {
    case 'CreateStmt':
      return void createTable(kind<CreateStmt>(node, name) ?? {}, context)
    case 'CreateSchemaStmt':
      return void createSchema(kind<SchemaStmt>(node, name) ?? {}, context)
    case 'AlterTableStmt':
      return void alterTable(kind<AlterTableStmt>(node, name) ?? {}, context)
    case 'IndexStmt':
      return void addIndex(kind<IndexStmt>(node, name) ?? {}, context)
    case 'CreateEnumStmt': {
      const made = kind<{ readonly typeName?: readonly StringNode[]; readonly vals?: readonly StringNode[] }>(node, name)
      reading.enums.add(typeOf(made?.typeName))
      return void sketch.enums.push({ name: typeOf(made?.typeName), values: [...texts(made?.vals)], at })
    }
    case 'AlterEnumStmt':
      return void addValue(kind(node, name) ?? {}, context)
    case 'CreateDomainStmt':
      return void readDomain(kind<DomainStmt>(node, name) ?? {}, context)
    case 'CreateSeqStmt':
    case 'AlterSeqStmt':
      return void readSequence(kind(node, name) ?? {}, context)
    case 'CommentStmt':
      return void readComment(kind(node, name) ?? {}, context)
    case 'DropStmt':
      return void drop(kind(node, name) ?? {}, context)
    default:
      return void leaveOther(name, kind(node, name) ?? {}, leave)
  }
}

/** `create domain`. */
interface DomainStmt {
  readonly domainname?: readonly StringNode[]
  readonly typeName?: TypeName
  readonly constraints?: readonly { readonly Constraint?: SqlConstraint }[]
}

/** A domain is the type of its columns, and its conditions are theirs. */
function readDomain({ domainname, typeName: of, constraints = [] }: DomainStmt, { reading }: StatementContext): void {
  if (of !== undefined)
    reading.domains.set(typeOf(domainname), {
      of,
      constraints: constraints.flatMap(({ Constraint: each }) => (each === undefined ? [] : [each])),
    })
}

/** `create schema … create table …`. */
interface SchemaStmt {
  readonly schemaname?: string
  readonly schemaElts?: readonly Node[]
}

function createSchema({ schemaname = 'public', schemaElts = [] }: SchemaStmt, context: StatementContext): void {
  for (const element of schemaElts) {
    const [name = ''] = Object.keys(element)
    const made = kind<{ readonly relation?: TableName & { readonly location?: number } }>(element, name)
    const relation = made?.relation === undefined ? undefined : { schemaname, ...made.relation }
    const at = relation?.location === undefined ? context.at : context.placeOf(relation.location)
    readStatement(relation === undefined ? element : { [name]: { ...made, relation } }, { ...context, at })
  }
}

function createTable(made: CreateStmt, context: StatementContext): void {
  const { reading, at, placeOf } = context
  const name = tableName(made.relation)
  const { left, entities } = reading.sketch
  const leave = (what: string, why: string): void => void left.push({ kind: what, name, at, why })
  if (made.relation?.relpersistence === 't') return void leave('table', 'a table of a session')
  if (made.partbound !== undefined) {
    reading.partitions.add(name)
    const [parent] = made.inhRelations ?? []
    const part = { kind: 'partition', name, at, entity: tableName(parent?.RangeVar), column: null, note: ONE_TABLE }
    return void reading.sketch.parts.push(part)
  }
  if (tableCalled(reading, name) !== undefined) return void leave('table', 'it was created before; import one version of the schema')
  const parents = (made.inhRelations ?? []).map(({ RangeVar: parent }) => tableName(parent))
  const elements = made.tableElts ?? []
  const [parent] = parents
  if (
    parent !== undefined &&
    elements.every(({ ColumnDef: column, TableLikeClause: like }) => column === undefined && like === undefined)
  ) {
    // before PostgreSQL 10, a partition was a table that inherits all
    reading.partitions.add(name)
    return void reading.sketch.parts.push({ kind: 'partition', name, at, entity: parent, column: null, note: ONE_TABLE })
  }
  const entity = newEntity(name, at, name.split('.').at(-1) ?? name)
  entities.push(entity)
  for (const each of parents) inherit(entity, each, context)
  const constraints: SqlConstraint[] = []
  for (const { ColumnDef: column, Constraint: constraint, TableLikeClause: like } of elements) {
    if (column !== undefined) addColumn(entity, column as ColumnDef, context)
    else if (constraint !== undefined) constraints.push(constraint)
    else if (like !== undefined) leave('like', `the columns of ${tableName(like.relation)}; write the fields`)
  }
  for (const constraint of constraints) addConstraint(entity, constraint, { ...context, at: placeOf(constraint.location ?? 0) })
}

/** Copies the columns of a parent. */
function inherit(entity: SketchEntity, parent: string, { reading, at }: StatementContext): void {
  const found = tableCalled(reading, parent)
  const { left, parts } = reading.sketch
  const object = { kind: 'inheritance', name: `${entity.name} of ${parent}`, at }
  if (found === undefined) return void left.push({ ...object, why: `${parent} was not carried over; write its fields` })
  entity.fields.push(...found.fields.filter(({ name }) => !entity.fields.some((each) => each.name === name)).map((field) => ({ ...field })))
  parts.push({ ...object, entity: entity.name, column: null, note: `has the fields of ${parent}` })
}

/** The name of a type, without the schema `public`. */
function typeOf(names: readonly StringNode[] | undefined): string {
  return texts(names)
    .filter((each) => each !== 'public')
    .join('.')
}

function addValue(changed: Node, { reading: { sketch } }: StatementContext): void {
  const name = typeOf(changed.typeName as readonly StringNode[])
  const value = changed.newVal
  const found = sketch.enums.find((each) => each.name === name)
  if (found !== undefined && typeof value === 'string' && !found.values.includes(value)) found.values.push(value)
}

function readSequence(made: Node, { reading, at }: StatementContext): void {
  const name = tableName(made.sequence as never)
  const known = reading.sequences.get(name) ?? { name, at, column: null }
  reading.sequences.set(name, known)
  for (const option of (made.options ?? []) as readonly Node[]) {
    const found = kind<{ readonly defname?: string; readonly arg?: Node }>(option, 'DefElem')
    if (found?.defname !== 'owned_by') continue
    const path = texts(kind<{ readonly items?: readonly StringNode[] }>(found.arg, 'List')?.items).filter((each) => each !== 'public')
    const [column, ...table] = path.toReversed()
    if (column !== undefined && table.length > 0) known.column = { entity: table.toReversed().join('.'), column }
  }
}

function readComment(comment: Node, { reading, at }: StatementContext): void {
  const text = typeof comment.comment === 'string' ? comment.comment.trim() : ''
  const path = texts(kind<{ readonly items?: readonly StringNode[] }>(comment.object as Node, 'List')?.items).filter(
    (each) => each !== 'public',
  )
  const isColumn = comment.objtype === 'OBJECT_COLUMN'
  if (text === '' || (!isColumn && comment.objtype !== 'OBJECT_TABLE')) return
  const entity = tableLike(reading, (isColumn ? path.slice(0, -1) : path).join('.'))
  const field = entity?.fields.find(({ name }) => name === path.at(-1))
  const target = isColumn ? field : entity
  const why = 'what it describes was not carried over'
  if (target === undefined || entity === undefined) return void reading.sketch.left.push({ kind: 'comment', name: path.join('.'), at, why })
  target.description = text.slice(0, 2_000)
  reading.sketch.parts.push({
    kind: 'comment',
    name: path.join('.'),
    at,
    entity: entity.name,
    column: isColumn ? (field?.name ?? null) : null,
  })
}

/** What a migration drops again is not imported. */
function drop(dropped: Node, { reading }: StatementContext): void {
  const { sketch } = reading
  for (const object of (dropped.objects ?? []) as readonly Node[]) {
    const path = texts(kind<{ readonly items?: readonly StringNode[] }>(object, 'List')?.items).filter((each) => each !== 'public')
    const name = path.join('.')
    if (dropped.removeType === 'OBJECT_TABLE') remove(sketch.entities, (entity) => entity === tableLike(reading, name))
    if (dropped.removeType === 'OBJECT_TYPE') remove(sketch.enums, (each) => each.name === name)
    if (dropped.removeType === 'OBJECT_INDEX')
      for (const { indexes, uniques } of sketch.entities)
        for (const list of [indexes, uniques]) remove(list, (index) => index.name === name)
  }
}

function remove<T>(list: T[], is: (item: T) => boolean): void {
  const at = list.findIndex(is)
  if (at >= 0) list.splice(at, 1)
}

/** Statements that a design has no part for: what they make, and what to do. */
const OTHERS: Readonly<Record<string, readonly [kind: string, why: string]>> = {
  ViewStmt: ['view', 'a list with a filter, a computed field or an action answers it'],
  CreateTableAsStmt: ['view', 'a list with a filter, a computed field or an action answers it'],
  CreateFunctionStmt: ['function', 'write an action, a hook or a computed field'],
  CreateTrigStmt: ['trigger', 'write a hook, a reaction or a field that the server sets'],
  CreatePolicyStmt: ['policy', 'write an access rule'],
  GrantStmt: ['grant', 'write an access rule'],
  GrantRoleStmt: ['grant', 'write an access rule'],
  AlterDefaultPrivilegesStmt: ['grant', 'write an access rule'],
  CreateRoleStmt: ['role', 'write a role of the identity'],
  RuleStmt: ['rule', 'write a hook or an action'],
  CreateExtensionStmt: ['extension', 'Plinth needs none'],
  CompositeTypeStmt: ['type', 'write an entity, or a json field'],
  CreateRangeStmt: ['type', 'the language has no type for it'],
  DoStmt: ['code', 'code of the database is not executed'],
  CreateStatsStmt: ['statistics', 'make them in the database'],
  CreatePublicationStmt: ['publication', 'make it in the database'],
  DefineStmt: ['definition', 'the language has no part for it'],
  CreateCastStmt: ['cast', 'the language has no part for it'],
  CreateForeignTableStmt: ['table', 'its rows are in another database'],
  RenameStmt: ['rename', 'import the schema after the change'],
}
/** Statements about owners and the session. */
const NOTHING: ReadonlySet<string> = new Set(
  'AlterOwnerStmt AlterObjectSchemaStmt VariableSetStmt SelectStmt TransactionStmt CreatedbStmt AlterDatabaseSetStmt AlterFunctionStmt ClusterStmt'.split(
    ' ',
  ),
)

function leaveOther(name: string, node: Node, leave: (what: string, called: string, why: string) => void): void {
  if (NOTHING.has(name)) return
  const known = Object.hasOwn(OTHERS, name) ? OTHERS[name] : undefined
  const [what, why] = known ?? ['statement', 'the language has no part for it']
  leave(what, nameOf(node) ?? name, why)
}

/** The name of what a statement makes, as far as it has one. */
function nameOf(node: Node): string | undefined {
  const words = [node.trigname, node.policy_name, node.extname, node.role, node.rulename, node.pubname].find(
    (each) => typeof each === 'string',
  )
  const table = [
    node.view,
    node.relation,
    node.table,
    node.typevar,
    kind(node.into as Node, 'rel') ?? (node.into as Node | undefined)?.rel,
  ].find((each) => typeof each === 'object' && each !== null)
  const on = table === undefined ? '' : tableName(table)
  const called = texts((node.funcname ?? node.typeName ?? node.defnames) as readonly StringNode[] | undefined).join('.')
  if (typeof words === 'string') return on === '' ? words : `${words} on ${on}`
  return called !== '' ? called : on !== '' ? on : undefined
}
