/** Random GraphQL queries of one root field, mostly such that columns cover, as addresses of GET. */

import { getNamedType, isInputObjectType } from 'graphql'
import type { GraphqlApi, Member, RowType } from '../../src/compile/graphql/schema.ts'
import type { Entity } from '../../src/model/model.ts'
import type { Random } from '../support/random.ts'

export interface Querying {
  /** Chooses everything but the ids of rows, so that queries with an equal `shape` share a statement. */
  readonly shape: Random
  readonly values: Random
  readonly api: GraphqlApi
  /** The ids of the rows, by entity. */
  readonly ids: ReadonlyMap<string, readonly string[]>
}

/** A random query; null when the schema has no rows. */
export function randomQuery(querying: Querying): string | null {
  const { shape: random, api } = querying
  const roots = [...api.queries].flatMap(([name, root]) => (root.kind === 'one' || root.kind === 'many' ? [{ name, ...root }] : []))
  if (roots.length === 0) return null
  const root = random.pick(roots)
  const more = random.chance(0.1) ? ' __typename' : ''
  if (root.kind === 'many') return pageQuery(querying, root, more)
  const type = api.schema
    .getQueryType()
    ?.getFields()
    [root.name]?.args.find(({ name }) => name === 'id')?.type
  return address(`query($id:${type}){one:${root.name}(id:$id)${selection(querying, root.row, 0)}${more}}`, {
    id: idOf(querying, root.row.entity.entity.name),
  })
}

/** The address of the next page of a query; null when there is none, or the answer does not tell. */
export function nextQuery(url: string, text: string): string | null {
  const end = /"hasNextPage":true/.test(text) ? /"endCursor":"([^"]+)"/.exec(text)?.[1] : undefined
  const at = url.indexOf('&variables=')
  if (!url.startsWith('/graphql?') || end === undefined || at < 0) return null
  const variables = JSON.parse(decodeURIComponent(url.slice(at + '&variables='.length)))
  return variables.after === end ? null : `${url.slice(0, at)}${variablesText({ ...variables, after: end })}`
}

function address(query: string, variables: Readonly<Record<string, unknown>>): string {
  return `/graphql?query=${encodeURIComponent(query)}${variablesText(variables)}`
}

function variablesText(variables: Readonly<Record<string, unknown>>): string {
  return `&variables=${encodeURIComponent(JSON.stringify(variables))}`
}

function idOf({ values, ids }: Querying, entity: string): string {
  return values.pick(ids.get(entity) ?? ['x'])
}

function pageQuery(querying: Querying, { name, row }: { readonly name: string; readonly row: RowType }, more: string): string {
  const { shape: random, api } = querying
  const { entity } = row.entity
  const names = api.names.of(entity)
  const args = ['after:$after', `first:${random.pick([0, 1, 2, 3, 5, 8, 20, 100])}`]
  const declared = ['$after:String']
  const variables: Record<string, unknown> = {}
  if (random.chance(0.5))
    args.push(`orderBy:[${orderOf(random, entity, (field) => names.ids.get(field) ?? names.members.get(field) ?? field)}]`)
  const references = entity.fields.flatMap(({ name: field, type }) => (type.kind === 'ref' ? [{ field, target: type.entity }] : []))
  if (references.length > 0 && random.chance(0.4)) {
    const { field, target } = random.pick(references)
    const id = names.ids.get(field) ?? field
    const type = typeOfCondition(api, name, id)
    if (type !== null) {
      args.push(`filter:{${id}:{eq:$target}}`)
      declared.push(`$target:${type}`)
      variables.target = idOf(querying, target)
    }
  }
  return address(`query(${declared.join()}){page:${name}(${args.join()})${pageSelection(querying, row)}${more}}`, variables)
}

/** The type of the value that a field is compared with; null for a field without such a condition. */
function typeOfCondition({ schema }: GraphqlApi, root: string, field: string): string | null {
  const filter = schema
    .getQueryType()
    ?.getFields()
    [root]?.args.find(({ name }) => name === 'filter')?.type
  const type = filter === undefined ? undefined : getNamedType(filter)
  const condition = isInputObjectType(type) ? type.getFields()[field] : undefined
  const operators = condition === undefined ? undefined : getNamedType(condition.type)
  return isInputObjectType(operators) ? String(operators.getFields().eq?.type) : null
}

function pageSelection(querying: Querying, row: RowType): string {
  const { shape: random } = querying
  const shown = random.chance(0.5)
    ? `nodes${selection(querying, row, 0)}`
    : `edges{${shuffled(random, [`node${selection(querying, row, 0)}`, ...some(random, ['cursor', '__typename'])]).join(' ')}}`
  const info = some(random, ['hasPreviousPage', 'startCursor', '__typename'])
  const others = [
    ...(random.chance(0.8) ? [`pageInfo{${shuffled(random, ['hasNextPage', 'endCursor', ...info]).join(' ')}}`] : []),
    ...(random.chance(0.2) ? ['kind:__typename'] : []),
    ...(random.chance(0.05) ? ['totalCount'] : []),
    ...(random.chance(0.05) ? ['again:nodes{__typename}'] : []),
  ]
  return `{${shuffled(random, [shown, ...others]).join(' ')}}`
}

/** Some members of a row, each under a key of its own. */
function selection(querying: Querying, row: RowType, depth: number): string {
  const { shape: random } = querying
  const members = [...row.members]
  const count = 1 + random.below(6)
  const texts = Array.from({ length: count }, (_, i) => {
    const [name, member] = random.pick(members)
    return selected(querying, { name, member, key: random.chance(0.3) ? `k${i}:` : '' }, depth)
  })
  return `{${[...texts.filter((text) => text !== null), random.chance(0.2) ? '__typename' : 'kind:__typename'].join(' ')}}`
}

interface Selected {
  readonly name: string
  readonly member: Member
  readonly key: string
}

function selected(querying: Querying, { name, member, key }: Selected, depth: number): string | null {
  const { shape: random, api } = querying
  switch (member.kind) {
    case 'field':
    case 'node-id':
      return `${key}${name}`
    case 'to-one': {
      const target = [...api.rows.values()].find(({ entity }) => entity.entity === member.target.entity)
      return depth > 1 || target === undefined ? null : `${key}${name}${selection(querying, target, depth + 1)}`
    }
    case 'to-many':
      return random.chance(0.1) ? `${key}${name}(first:2){nodes{__typename}}` : null
  }
}

/** The order of an index in one of its directions, or any field. */
function orderOf(random: Random, { indexes, fields }: Entity, nameOf: (field: string) => string): string {
  if (indexes.length === 0 || random.chance(0.1)) return `{${nameOf(random.pick(fields).name)}:ASC}`
  const flip = random.chance(0.5)
  const parts = random.pick(indexes).parts
  return parts.map(({ field, descending }) => `{${nameOf(field)}:${descending === flip ? 'ASC' : 'DESC'}}`).join()
}

function some<T>(random: Random, items: readonly T[]): readonly T[] {
  return items.filter(() => random.chance(0.5))
}

function shuffled<T>(random: Random, items: readonly T[]): readonly T[] {
  return items
    .map((item) => [random.below(1_000_000), item] as const)
    .sort(([a], [b]) => a - b)
    .map(([, item]) => item)
}
