/** The parts of PostgreSQL's syntax tree that are read, in the JSON of its parser, which leaves out what is zero, false or empty. */

/** A node: an object with the name of its kind as its only key. */
export interface Node {
  readonly [kind: string]: unknown
}

/** A name. */
export interface StringNode {
  readonly String?: { readonly sval?: string }
}

/** The name of a table. */
export interface TableName {
  readonly relname?: string
  readonly schemaname?: string
  readonly relpersistence?: string
}

/** The type of a column. */
export interface TypeName {
  readonly names?: readonly StringNode[]
  readonly typmods?: readonly Node[]
  readonly arrayBounds?: readonly Node[]
}

/** A column of a table. */
export interface ColumnDef {
  readonly colname?: string
  readonly typeName?: TypeName
  readonly constraints?: readonly { readonly Constraint?: SqlConstraint }[]
  readonly location?: number
}

/** A constraint of a column or a table. */
export interface SqlConstraint {
  readonly contype?: string
  readonly conname?: string
  readonly location?: number
  readonly keys?: readonly StringNode[]
  readonly raw_expr?: Node
  readonly pktable?: TableName
  readonly fk_attrs?: readonly StringNode[]
  readonly pk_attrs?: readonly StringNode[]
  readonly fk_del_action?: string
  readonly indexname?: string
}

/** `create table`. */
export interface CreateStmt {
  readonly relation?: TableName
  readonly tableElts?: readonly {
    readonly ColumnDef?: ColumnDef
    readonly Constraint?: SqlConstraint
    readonly TableLikeClause?: { readonly relation?: TableName }
  }[]
  readonly inhRelations?: readonly { readonly RangeVar?: TableName }[]
  readonly partbound?: object
  readonly partspec?: object
}

/** `alter table`. */
export interface AlterTableStmt {
  readonly relation?: TableName
  readonly objtype?: string
  readonly cmds?: readonly { readonly AlterTableCmd?: AlterTableCmd }[]
}

/** One change of `alter table`. */
export interface AlterTableCmd {
  readonly subtype?: string
  readonly name?: string
  readonly def?: Node
}

/** `create index`. */
export interface IndexStmt {
  readonly idxname?: string
  readonly relation?: TableName
  readonly accessMethod?: string
  readonly unique?: boolean
  readonly whereClause?: Node
  readonly indexParams?: readonly { readonly IndexElem?: { readonly name?: string; readonly expr?: Node; readonly ordering?: string } }[]
}

/** The members of a node of a kind; undefined for a node of another kind. */
export function kind<T extends object = Node>(node: Node | undefined, name: string): T | undefined {
  const found = node?.[name]
  return typeof found === 'object' && found !== null ? (found as T) : undefined
}

/** The texts of names. */
export function texts(nodes: readonly StringNode[] | undefined): readonly string[] {
  return (nodes ?? []).map((node) => node.String?.sval ?? '')
}

/** The name of a table, with its schema unless that is `public`. */
export function tableName(table: TableName | undefined): string {
  const { schemaname = 'public', relname = '' } = table ?? {}
  return schemaname === 'public' ? relname : `${schemaname}.${relname}`
}

/** A constant. Undefined for a node that is none, null for NULL. A cast of a constant is the constant. */
export function constantOf(node: Node | undefined): string | number | boolean | null | undefined {
  const cast = kind<{ readonly arg?: Node }>(node, 'TypeCast')
  if (cast !== undefined) return constantOf(cast.arg)
  const found = kind(node, 'A_Const')
  if (found === undefined) return undefined
  if (found.isnull === true) return null
  const integer = kind<{ readonly ival?: number }>(found, 'ival')
  if (integer !== undefined) return integer.ival ?? 0
  const decimal = kind<{ readonly fval?: string }>(found, 'fval')
  if (decimal !== undefined) return decimal.fval ?? '0'
  const boolean = kind<{ readonly boolval?: boolean }>(found, 'boolval')
  if (boolean !== undefined) return boolean.boolval ?? false
  return kind<{ readonly sval?: string }>(found, 'sval')?.sval ?? undefined
}
