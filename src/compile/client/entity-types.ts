/** The types of an entity in a client: its rows, bodies, conditions and relations. */

import { type Field, storedScalar } from '../../model/model.ts'
import { isAlways } from '../../model/predicate.ts'
import { SCALARS } from '../../model/scalar.ts'
import type { JsonObject } from '../openapi/component-names.ts'
import { fieldsOf, idOf, isOpen, type Scope } from '../openapi/scope.ts'
import { type EntityView, viewOf } from '../rules/view.ts'
import { answeredSchema, nullable } from '../values/schemas.ts'
import {
  comment,
  interfaceText,
  literalText,
  memberKey,
  type TypeContext,
  type TypeMember,
  typeMembers,
  typeText,
  union,
} from './type-text.ts'

/** What the types of entities need to know. */
export interface EntityContext {
  readonly scope: Scope
  /** The schemas of the OpenAPI document, by component. */
  readonly schemas: JsonObject
  readonly nameOf: TypeContext['nameOf']
}

/** The names of the types of an entity that other parts use. */
export interface EntityNames {
  readonly row: string
  readonly filter: string
  readonly types: string
}

/** The names of an entity, from that of its row. */
export function entityNames({ scope, nameOf }: Pick<EntityContext, 'scope' | 'nameOf'>, { entity }: EntityView): EntityNames {
  const row = scope.componentOf(entity, '')
  return { row: nameOf(row), filter: nameOf(`${row}Filter`), types: nameOf(`${row}Types`) }
}

/** The declarations of an entity. */
export function entityTypes(context: EntityContext, entity: EntityView): string {
  const { scope } = context
  const names = entityNames(context, entity)
  const { nameOf } = context
  const bodies = bodyComponents(scope, entity)
  const idType = typeText(answeredSchema(idOf(entity.entity).type), { direction: 'answered', nameOf })
  const part = (component: string | null): string => (component === null ? 'never' : nameOf(component))
  return [
    interfaceText(names.row, rowMembers(context, entity), entity.entity.description ?? `A row of ${entity.entity.name}.`),
    ...bodyTypes(context, bodies.all),
    interfaceText(names.filter, filterMembers(context, entity), `Conditions on rows of ${entity.entity.name}. A row must satisfy all.`),
    `/** What the client knows of ${entity.entity.name}. */`,
    `export interface ${names.types} {`,
    `  readonly id: ${idType}`,
    `  readonly row: ${names.row}`,
    `  readonly create: ${part(bodies.create)}`,
    `  readonly patch: ${part(bodies.patch)}`,
    `  readonly put: ${part(bodies.put)}`,
    `  readonly filter: ${names.filter}`,
    `  readonly sort: ${sortType(entity)}`,
    `  readonly relations: ${relationsType(context, entity)}`,
    `  readonly written: ${isAlways(entity.read) ? "'row'" : "'part'"}`,
    '}',
    '',
  ].join('\n')
}

interface Bodies {
  readonly create: string | null
  readonly patch: string | null
  readonly put: string | null
  readonly all: readonly string[]
}

function bodyComponents(scope: Scope, entity: EntityView): Bodies {
  const of = (operation: 'create' | 'update', part: 'Create' | 'Patch' | 'Put'): string | null =>
    isOpen(entity, operation) ? scope.componentOf(entity.entity, part) : null
  const parts = { create: of('create', 'Create'), patch: of('update', 'Patch'), put: of('update', 'Put') }
  return { ...parts, all: Object.values(parts).filter((one) => one !== null) }
}

/** The declarations of bodies, and of the bodies of nested rows in them, each once. */
function bodyTypes({ schemas, nameOf }: EntityContext, components: readonly string[]): readonly string[] {
  const found = new Map<string, string>()
  const waiting = [...components]
  for (let component = waiting.shift(); component !== undefined; component = waiting.shift()) {
    if (found.has(component)) continue
    const schema = schemas[component] as JsonObject
    found.set(component, interfaceText(nameOf(component), typeMembers(schema, { direction: 'sent', nameOf }), null))
    for (const { items, writeOnly } of Object.values((schema.properties ?? {}) as Readonly<Record<string, JsonObject>>)) {
      const { $ref } = (items ?? {}) as { readonly $ref?: string }
      if (writeOnly === true && $ref !== undefined) waiting.push($ref.split('/').at(-1) ?? '')
    }
  }
  return [...found.values()]
}

function rowMembers({ nameOf }: EntityContext, entity: EntityView): readonly TypeMember[] {
  return fieldsOf(entity).map(({ field, rule }) => {
    const schema = answeredSchema(field.type)
    const mayBeNull = field.optional || field.type.kind === 'computed' || !isAlways(rule)
    return {
      name: memberKey(field.name),
      isOptional: false,
      type: typeText(mayBeNull ? nullable(schema) : schema, { direction: 'answered', nameOf }),
      description: [field.description, isAlways(rule) ? null : 'Null where you may not see it.'].filter((one) => one !== null).join(' '),
    }
  })
}

/** Fields with a column. A computed field without one takes no condition. */
function storedFields(entity: EntityView): readonly Field[] {
  return [...entity.readable.values()].map(({ field }) => field)
}

function filterMembers(context: EntityContext, entity: EntityView): readonly TypeMember[] {
  return storedFields(entity).map((field) => ({
    name: memberKey(field.name),
    isOptional: true,
    type: conditionsType(context, entity, field),
    description: null,
  }))
}

function conditionsType(context: EntityContext, entity: EntityView, { name, type }: Field): string {
  if (type.kind === 'list') return `Listed<${valueType(type.of)}>`
  const facts = SCALARS[storedScalar(type)]
  if (storedScalar(type) === 'encryptedEqual') return 'Found'
  if (!facts.comparable) return 'Present'
  const value = valueType(type)
  const own =
    facts.column === 'text' ? (value === 'string' ? 'Text' : `Text<${value}>`) : `${facts.ordered ? 'Ordered' : 'Equal'}<${value}>`
  if (type.kind !== 'ref' || !entity.references.has(name)) return own
  return `${own} | Through<${entityNames(context, viewOf(context.scope.view, type.entity)).filter}>`
}

/** The type of a value that a condition compares with. */
function valueType(type: Field['type']): string {
  if (type.kind === 'choice') return union(type.values.map(literalText))
  if (storedScalar(type) === 'timestamp') return 'string | Date'
  return typeText(answeredSchema(type), { direction: 'sent', nameOf: (name) => name })
}

function sortType(entity: EntityView): string {
  const names = storedFields(entity).filter(({ type }) => type.kind !== 'list' && SCALARS[storedScalar(type)].ordered)
  return names.length === 0 ? 'never' : `Sorted<${union(names.map(({ name }) => literalText(name)))}>`
}

function relationsType(context: EntityContext, entity: EntityView): string {
  const { view } = context.scope
  const toOne = storedFields(entity).flatMap(({ name, type, optional }) => {
    if (type.kind !== 'ref' || !entity.references.has(name)) return []
    const target = viewOf(view, type.entity)
    const isSure =
      !optional && isAlways(target.read) && !target.entity.softDelete && isAlways(entity.readable.get(name)?.rule ?? target.read)
    return [`${memberKey(name)}: ${isSure ? 'One' : 'Maybe'}<${entityNames(context, target).types}>`]
  })
  const toMany = [...entity.relations.values()].map(
    ({ name, entity: of }) => `${memberKey(name)}: Many<${entityNames(context, viewOf(view, of)).types}>`,
  )
  const all = [...toOne, ...toMany]
  return all.length === 0 ? 'Record<never, never>' : `{ ${all.join('; ')} }`
}

/** The declaration of a component of a shape. */
export function shapeType({ schemas, nameOf }: EntityContext, component: string): string {
  const schema = schemas[component] as JsonObject
  const context = { direction: 'answered', nameOf } as const
  const description = typeof schema.description === 'string' ? schema.description : null
  if (schema.properties !== undefined) return interfaceText(nameOf(component), typeMembers(schema, context), description)
  return [...comment(description, ''), `export type ${nameOf(component)} = ${typeText(schema, context)}`, ''].join('\n')
}
