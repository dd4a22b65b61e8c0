/**
 * The names of a GraphQL schema, from the whole model, so that a name never depends on the caller. Names of the design have no underscore:
 * a name that is taken gets a `_` at its end, which no other name has.
 */

import { capital } from '../../base/capital.ts'
import type { Action, ActionInput, AnswerTree } from '../../model/action.ts'
import type { FieldType } from '../../model/field-type.ts'
import type { Entity, Field, Model } from '../../model/model.ts'
import type { NamedShape } from '../../model/named-shape.ts'
import { SCALAR_KINDS } from '../../model/scalar.ts'
import { pascal } from '../openapi/component-names.ts'
import { keysOf } from '../values/keys.ts'
import { type OperationNames, operationNames } from './operation-names.ts'

/** The types that belong to one entity; `''` is the row itself. */
export type TypePart = (typeof PARTS)[number]

const PARTS = [
  '',
  'Connection',
  'Edge',
  'Filter',
  'ManyFilter',
  'OrderBy',
  'CreateInput',
  'CreatePayload',
  'UpdateInput',
  'UpdatePayload',
  'DeletePayload',
  'Increment',
  'Key',
  'UpsertPayload',
] as const

/** Types that belong to no entity. `scalars.ts` names scalars and their filters; these names are capitalised kinds. */
const OWN_TYPES = [
  ...['Query', 'Mutation', 'Subscription', 'Node', 'PageInfo', 'SortDirection', 'String', 'Int', 'Float', 'Boolean', 'ID'],
  ...['EmailAddress', 'URL', 'UUID', 'SafeInt', 'Decimal', 'DateTime', 'Date', 'LocalTime', 'Duration', 'JSON', 'StoredFile'],
  ...SCALAR_KINDS.flatMap((kind) => [`${capital(kind)}Filter`, `${capital(kind)}ListFilter`]),
]

/** The names that an entity has in the schema. */
export interface EntityNames {
  readonly types: ReadonlyMap<TypePart, string>
  /** Root fields: one row, a page of rows, and the mutations. */
  readonly one: string
  readonly many: string
  readonly create: string
  readonly createMany: string
  readonly update: string
  readonly upsert: string
  readonly delete: string
  /** Members of the row's type by name of the field or relation. */
  readonly members: ReadonlyMap<string, string>
  /** The plain value of each reference, by name of the field; references without a free name have none. */
  readonly ids: ReadonlyMap<string, string>
  /** The member with the global id of a row; null when the design uses this name. */
  readonly nodeId: string | null
}

/** The names that an action has in the schema. */
export interface ActionNames {
  /** The root field: `transfer`, or `cancelOrder` for an action of an entity. */
  readonly field: string
  /** Arguments by name of the input. */
  readonly inputs: ReadonlyMap<string, string>
  /** Enums by name of the input, for choices that are of no field. */
  readonly enums: ReadonlyMap<string, string>
  /** The type and the members of each object of the answer. */
  readonly objects: ReadonlyMap<AnswerTree, ObjectNames>
}

/** The type of an object of an answer, and its members in their order. */
export interface ObjectNames {
  readonly type: string
  readonly members: readonly string[]
}

/** The names of a model in the schema. */
export interface GraphqlNames {
  readonly of: (entity: Entity) => EntityNames
  /** The enum of a field with choices. */
  readonly enumOf: (entity: Entity, field: Field) => string
  /** The conditions on that field. */
  readonly enumFilterOf: (entity: Entity, field: Field) => string
  /** The nested rows of a creation, under the name of a relation. */
  readonly childInputOf: (entity: Entity, relation: string) => string
  /** The values of a key of several fields. */
  readonly keyInputOf: (entity: Entity, key: string) => string
  readonly actionOf: (action: Action) => ActionNames
  /** The type and the members of each object of a shape. A shape has its own name, followed by `Shape` if another type has it. */
  readonly shapes: ReadonlyMap<AnswerTree, ObjectNames>
  readonly operations: OperationNames
}

/** Longest key of an answer, as for aliases (see LIMITS): every row repeats it. */
const MAX_KEY = 63

/** Gives every part of a model its name. */
export function graphqlNames(model: Model): GraphqlNames {
  const types = namespace(OWN_TYPES)
  const queries = namespace(['node'])
  const mutations = namespace([])
  const parts = new Map<string, Map<TypePart, string>>(model.entities.map((e) => [e.name, new Map()]))
  for (const part of PARTS) for (const e of model.entities) parts.get(e.name)?.set(part, types(typeName(e, part)))
  const enums = new Map<string, string>()
  for (const e of model.entities) {
    for (const f of e.fields) if (choicesOf(f.type) !== null) enums.set(`${e.name}.${f.name}`, types(`${e.name}${capital(f.name)}`))
  }
  const filters = new Map([...enums].map(([key, name]) => [key, types(`${name}Filter`)]))
  const children = new Map<string, string>()
  for (const e of model.entities)
    for (const r of e.relations) children.set(`${e.name}.${r.name}`, types(`Create${e.name}${capital(r.name)}Input`))
  const keys = new Map<string, string>()
  for (const e of model.entities)
    for (const { name, fields } of keysOf(e))
      if (fields.length > 1) keys.set(`${e.name}.${name}`, types(`${e.name}${fields.map((f) => capital(f.name)).join('')}Key`))
  const ones = new Map(model.entities.map((e) => [e.name, queries(lower(e.name))]))
  const singles = new Map(
    model.entities.map((e) => [
      e.name,
      {
        create: mutations(`create${e.name}`),
        update: mutations(`update${e.name}`),
        upsert: mutations(`upsert${e.name}`),
        delete: mutations(`delete${e.name}`),
      },
    ]),
  )
  const byEntity = new Map<string, EntityNames>()
  for (const e of model.entities) {
    const many = lower(pascal(e.path))
    byEntity.set(e.name, {
      types: parts.get(e.name) ?? new Map(),
      one: ones.get(e.name) ?? '',
      many: queries(/^[A-Za-z]/.test(many) ? many : `_${many}`),
      ...found(singles.get(e.name)),
      createMany: mutations(`create${pascal(e.path)}`),
      ...memberNames(e),
    })
  }
  // Names of actions, then of shapes and of operations, come last, so that they change no other name.
  const actions = new Map(
    model.actions.map((action) => [action, actionNames(action, { types, roots: action.reads ? queries : mutations })]),
  )
  return {
    of: (entity) => found(byEntity.get(entity.name)),
    enumOf: (entity, field) => found(enums.get(`${entity.name}.${field.name}`)),
    enumFilterOf: (entity, field) => found(filters.get(`${entity.name}.${field.name}`)),
    keyInputOf: (entity, key) => found(keys.get(`${entity.name}.${key}`)),
    childInputOf: (entity, relation) => found(children.get(`${entity.name}.${relation}`)),
    actionOf: (action) => found(actions.get(action)),
    shapes: shapeNames(model.shapes, types),
    operations: operationNames(model, { types, queries, mutations }),
  }
}

function shapeNames(shapes: readonly NamedShape[], types: Namespace): ReadonlyMap<AnswerTree, ObjectNames> {
  const objects = new Map<AnswerTree, ObjectNames>()
  for (const { name, of } of shapes) nameObjects(of, name, { objects, types: (wanted) => types(wanted, 'Shape'), output: [] })
  return objects
}

interface NamingObjects {
  readonly objects: Map<AnswerTree, ObjectNames>
  readonly types: (wanted: string) => string
  /** What the code of the action answers. */
  readonly output: readonly ActionInput[]
}

/** Names the objects of an answer, without those of its shapes. */
function nameObjects(tree: AnswerTree, wanted: string, naming: NamingObjects): void {
  const { objects, types, output } = naming
  if (tree.kind === 'list') nameObjects(tree.of, wanted, naming)
  const named = tree.kind === 'object' ? tree.members : tree.kind === 'output' ? output : []
  if (named.length === 0 && tree.kind !== 'object') return
  const member = namespace([])
  const members = named.map((one) => member(isName(one.name) ? one.name : nameOf(one.name)))
  objects.set(tree, { type: types(wanted), members })
  if (tree.kind !== 'object') return
  for (const [i, { of }] of tree.members.entries()) nameObjects(of, `${wanted}${capital(members[i] ?? '')}`, naming)
}

function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('no name: the model does not have this part')
  return value
}

function typeName({ name }: Entity, part: TypePart): string {
  const verb = /^(Create|Update|Upsert|Delete)(.*)$/.exec(part)
  return verb === null ? `${name}${part}` : `${verb[1]}${name}${verb[2]}`
}

/** Members have the names of the design. `and`, `or` and `not` are reserved, because filters have members of these names. */
function memberNames(entity: Entity): Pick<EntityNames, 'members' | 'ids' | 'nodeId'> {
  const take = namespace(['and', 'or', 'not'])
  const own = [...[...entity.fields, ...entity.derived].map((f) => f.name), ...entity.relations.map((r) => r.name)]
  const members = new Map(own.map((name) => [name, take(name)]))
  const references = entity.fields.filter((f) => f.type.kind === 'ref').map((f) => [f.name, take(`${f.name}Id`)] as const)
  const nodeId = take('nodeId')
  return { members, ids: new Map(references.filter(([, name]) => name.length <= MAX_KEY)), nodeId: nodeId === 'nodeId' ? nodeId : null }
}

interface Taking {
  readonly types: Namespace
  readonly roots: Namespace
}

function actionNames({ entity, name, inputs, answer, run }: Action, { types, roots }: Taking): ActionNames {
  const field = roots(`${name}${entity ?? ''}`)
  const argument = namespace(entity === null ? [] : ['id', 'ifVersion'])
  const own = inputs.filter(({ type }) => type.kind === 'value' && type.of === null && choicesOf(type.type) !== null)
  const objects = new Map<AnswerTree, ObjectNames>()
  nameObjects(answer, `${capital(field)}Answer`, { objects, types, output: run?.output ?? [] })
  return {
    field,
    inputs: new Map(inputs.map((input) => [input.name, argument(input.name)])),
    enums: new Map(own.map((input) => [input.name, types(`${capital(field)}${capital(input.name)}`)])),
    objects,
  }
}

/** Gives a name: the wanted one unless it is taken; then with the word at its end, if there is one. */
type Namespace = (wanted: string, word?: string) => string

/** Makes names, each different from all before. */
function namespace(taken: readonly string[]): Namespace {
  const names = new Set(taken)
  return (wanted, word = '') => {
    let name = names.has(wanted) ? `${wanted}${word}` : wanted
    while (names.has(name)) name = `${name}_`
    names.add(name)
    return name
  }
}

/** `OrderItem` → `orderItem`, `URLAlias` → `urlAlias`. */
function lower(name: string): string {
  return name.replace(/^[A-Z]+(?=[A-Z][a-z])|^[A-Z]+$|^[A-Z]/, (start) => start.toLowerCase())
}

/** The values of a choice, or of a list of a choice; null for another type. */
export function choicesOf(type: FieldType): readonly string[] | null {
  if (type.kind === 'choice') return type.values
  return type.kind === 'list' && type.of.kind === 'choice' ? type.of.values : null
}

/** Names of enum values by stored value. A value is its own name where GraphQL allows it (specification, section 2.1.9 and 3.9). */
export function enumNames(values: readonly string[]): ReadonlyMap<string, string> {
  const take = namespace(values.filter(isName))
  return new Map(values.map((value) => [value, isName(value) ? value : take(nameOf(value))]))
}

/** Whether GraphQL takes a text as the name of an enum value or of a member. */
function isName(value: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(value) && !/^(true|false|null|__.*)$/.test(value)
}

function nameOf(value: string): string {
  const plain = value.replaceAll(/[^A-Za-z0-9_]+/g, '_').replace(/^_+(?=_)/, '')
  return /^[A-Za-z]/.test(plain) && !/^(true|false|null)$/.test(plain) ? plain : `_${plain.replace(/^_/, '')}`
}
