/** Sends the requests of the reference as GraphQL documents with variables. */

import { FAILURES, type FailureCode } from '../../base/failures/failure-catalogue.ts'
import { LIMITS } from '../../base/limits.ts'
import { payloadMember } from '../../compile/graphql/mutations.ts'
import { type Entity, entityNamed, type Field } from '../../model/model.ts'
import { type AbstractRequest, ALL, type AskedFilter, type AskedTree, type Selected } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { badBodies } from '../expected/expectation-write.ts'
import { badName, closed, type Expectation, expecting, type Standpoint } from '../expected/expected.ts'
import { fieldOrNull } from '../expected/reference.ts'
import type { AccessRule } from '../expected/written-design.ts'
import { idScalarName, inputValues, namesOf, plainName, restName, rootOf, spelled } from './graphql-words.ts'
import type { Speaker, Speech } from './transport.ts'

/** Requests as GraphQL documents. */
export const GRAPHQL: Speech = { reword, expect, say, understand }

/**
 * GraphQL has no PUT, HEAD, registration or path of the caller's own row. Related rows are pages, so many of them cost too much. An answer
 * has no rows that the caller can never read.
 */
function reword(speaker: Speaker, request: AbstractRequest): AbstractRequest {
  const entity = entityOf(speaker, request)
  switch (request.kind) {
    case 'get': {
      const { by: _, ...rest } = request
      return { ...rest, selected: affordable(speaker, entity, request.selected) }
    }
    case 'list':
      return { ...request, selected: affordable(speaker, entity, request.selected) }
    case 'create': {
      const { by: _, ...rest } = request
      return { ...rest, selected: shownOf(speaker, entity, request.selected) }
    }
    case 'update':
      return { ...request, mode: 'patch', selected: shownOf(speaker, entity, request.selected) }
    case 'delete':
      return request
  }
}

/** A number below the limit of a document. */
const FIELDS = LIMITS.graphqlFields - 50

function affordable(speaker: Speaker, entity: Entity, selected: Selected): Selected {
  const fields = membersOf(speaker, entity, selected).split(/[^A-Za-z0-9_]+/).length
  return fields > FIELDS ? ALL : selected
}

/** For a row that the caller can never read, a write answers with only the id. */
function shownOf(speaker: Speaker, entity: Entity, selected: Selected): Selected {
  return speaker.sight.kind.mayHold(entity.name, 'read') ? affordable(speaker, entity, selected) : ALL
}

interface Step {
  readonly target: Entity
  /** The number of related rows to request; null for a single row. */
  readonly page: number | null
}

function stepOf({ reference }: Speaker, entity: Entity, name: string): Step {
  const { model } = reference
  const type = fieldOrNull(entity, name)?.type
  if (type?.kind === 'ref') return { target: entityNamed(model, type.entity), page: null }
  const relation = entity.relations.find((one) => one.name === name)
  if (relation === undefined) throw new Error(`${entity.name} has no ${name}`)
  const counts = new Map<unknown, number>()
  for (const row of reference.rows().get(relation.entity) ?? []) counts.set(row[relation.via], (counts.get(row[relation.via]) ?? 0) + 1)
  // Room for the rows that a write adds, so that the test would see an extra row.
  return { target: entityNamed(model, relation.entity), page: Math.min(Math.max(0, ...counts.values()) + 4, LIMITS.pageSizeMax) }
}

function entityOf({ reference }: Speaker, request: AbstractRequest): Entity {
  return entityNamed(reference.model, request.entity)
}

/** The rules that must be open to this kind of caller. If one is closed, the caller's GraphQL schema does not have the field. */
const NEEDED: Readonly<Record<AbstractRequest['kind'], readonly AccessRule[]>> = {
  get: ['read'],
  list: ['read'],
  create: ['create'],
  update: ['read', 'update.from', 'update.to'],
  delete: ['read', 'delete'],
}

function expect(speaker: Speaker, request: AbstractRequest, expected: Expectation): Expectation {
  const at: Standpoint = { ...speaker, entity: entityOf(speaker, request) }
  if (closed(at, NEEDED[request.kind]) !== null || !canBeSent(at, request.kind))
    return expecting(400, `the schema of this kind of caller has no such ${request.kind}`, { code: 'invalid_document' })
  if (request.kind !== 'create') return expected
  // The server reads documents and variables before it checks whether the caller may create a row at all.
  const wrong = badBodies(at, request) ?? badName(at, request.selected)?.why ?? null
  return wrong === null || !expected.statuses.includes(403) ? expected : { ...expected, statuses: [...expected.statuses, 400] }
}

/** If the caller may set no field of an entity, its writes have no input, so they are not in the schema. */
function canBeSent({ entity, sight }: Standpoint, kind: AbstractRequest['kind']): boolean {
  const writable = sight.kind.writable(entity.name)
  const fields = entity.fields.filter((field) => field.system === null && field.type.kind !== 'computed' && writable.has(field.name))
  if (kind === 'create') return fields.length > 0
  return kind !== 'update' || fields.some((field) => !field.immutable)
}

const ACCEPT = { accept: 'application/graphql-response+json' }

function say(speaker: Speaker, request: AbstractRequest, after: string | null) {
  return { method: 'POST', url: '/graphql', headers: ACCEPT, body: documentOf(speaker, request, after) }
}

function documentOf(speaker: Speaker, request: AbstractRequest, after: string | null) {
  const entity = entityOf(speaker, request)
  const names = namesOf(speaker, entity)
  const root = rootOf(names, request)
  const id = idScalarName(entity)
  switch (request.kind) {
    case 'get': {
      const query = `query ($id: ${id}!) { ${root}(id: $id) { ${membersOf(speaker, entity, request.selected)} } }`
      return { query, variables: { id: request.id } }
    }
    case 'list':
      return listOf(speaker, request, after)
    case 'create': {
      const [name, type] = request.many
        ? ['inputs', `[${names.types.get('CreateInput')}!]!`]
        : ['input', `${names.types.get('CreateInput')}!`]
      const query = `mutation ($${name}: ${type}) { ${root}(${name}: $${name}) { ${payloadOf(speaker, entity, request.selected)} } }`
      const rows = request.rows.map((row) => inputValues(entity, row))
      return { query, variables: { [name]: request.many ? rows : rows[0] } }
    }
    case 'update': {
      const query = `mutation ($id: ${id}!, $input: ${names.types.get('UpdateInput')}!, $version: SafeInt) { ${root}(id: $id, input: $input, ifVersion: $version) { ${payloadOf(speaker, entity, request.selected)} } }`
      return { query, variables: { id: request.id, input: inputValues(entity, request.body), version: request.version } }
    }
    case 'delete': {
      const query = `mutation ($id: ${id}!, $version: SafeInt) { ${root}(id: $id, ifVersion: $version) { id } }`
      return { query, variables: { id: request.id, version: request.version } }
    }
  }
}

function payloadOf(speaker: Speaker, entity: Entity, selected: Selected): string {
  return speaker.sight.kind.mayHold(entity.name, 'read')
    ? `id ${payloadMember(namesOf(speaker, entity))} { ${membersOf(speaker, entity, selected)} }`
    : 'id'
}

/** The selection of a row. A reference is a plain value unless its row is selected. */
function membersOf(speaker: Speaker, entity: Entity, selected: Selected): string {
  const names = selected.fields ?? [...speaker.sight.kind.readable(entity.name)]
  const own = names.filter((name) => !selected.include.has(name)).map((name) => plainName(speaker, entity, name))
  const related = [...selected.include].map(([name, inner]) => {
    const { target, page } = stepOf(speaker, entity, name)
    const members = membersOf(speaker, target, inner)
    const member = namesOf(speaker, entity).members.get(name) ?? name
    return page === null ? `${member} { ${members} }` : `${member}(first: ${page}) { nodes { ${members} } }`
  })
  return [...own, ...related, ...(own.length + related.length === 0 ? ['__typename'] : [])].join(' ')
}

type Input = Readonly<Record<string, unknown>>

function listOf(speaker: Speaker, request: Extract<AbstractRequest, { kind: 'list' }>, after: string | null) {
  const entity = entityOf(speaker, request)
  const names = namesOf(speaker, entity)
  const trees = request.filters.flatMap((filter) => inputOf(speaker, entity, filter) ?? [])
  const sources = request.filters.flatMap((filter) => (filter.kind === 'expression' && filter.tree === undefined ? [filter.source] : []))
  const given = {
    first: ['Int', request.size],
    after: ['String', after],
    filter: [names.types.get('Filter'), trees.length === 0 ? null : trees.length === 1 ? trees[0] : { and: trees }],
    where: ['String', sources.length === 0 ? null : sources.map((source) => `(${source})`).join(' && ')],
    orderBy: [
      `[${names.types.get('OrderBy')}!]`,
      request.sort.length === 0
        ? null
        : request.sort.map((key) => ({ [plainName(speaker, entity, key.name)]: key.descending ? 'DESC' : 'ASC' })),
    ],
    search: ['String', request.search],
  } as const
  const used = Object.entries(given).filter(([, [, value]]) => value !== null)
  const declared = used.map(([name, [type]]) => `$${name}: ${type}`).join(', ')
  const passed = used.map(([name]) => `${name}: $${name}`).join(', ')
  const members = membersOf(speaker, entity, request.selected)
  const query = `query ${declared === '' ? '' : `(${declared})`} { ${names.many}${passed === '' ? '' : `(${passed})`} { nodes { ${members} } pageInfo { hasNextPage endCursor }${request.count ? ' totalCount' : ''} } }`
  return { query, variables: Object.fromEntries(used.map(([name, [, value]]) => [name, value])) }
}

/** A filter as an input object; null for a filter that only an expression can express. */
function inputOf(speaker: Speaker, entity: Entity, filter: AskedFilter): Input | null {
  if (filter.kind === 'expression') return filter.tree === undefined ? null : inputOfTree(speaker, entity, filter.tree)
  const { path, op, value } = filter
  const condition: AskedTree = { kind: 'condition', field: path.at(-1) ?? '', op, value }
  const tree = path.slice(0, -1).reduceRight<AskedTree>((of, reference) => ({ kind: 'at', reference, of }), condition)
  return inputOfTree(speaker, entity, tree)
}

function inputOfTree(speaker: Speaker, entity: Entity, tree: AskedTree): Input {
  switch (tree.kind) {
    case 'condition': {
      const field = entity.fields.find((one) => one.name === tree.field)
      return { [plainName(speaker, entity, tree.field)]: { [tree.op]: operandOf(field, tree) } }
    }
    case 'and':
    case 'or':
      return { [tree.kind]: tree.of.map((part) => inputOfTree(speaker, entity, part)) }
    case 'not':
      return { not: inputOfTree(speaker, entity, tree.of) }
    case 'at':
      return { [tree.reference]: inputOfTree(speaker, stepOf(speaker, entity, tree.reference).target, tree.of) }
    case 'some':
    case 'every':
    case 'none':
      return { [tree.relation]: { [tree.kind]: inputOfTree(speaker, stepOf(speaker, entity, tree.relation).target, tree.of) } }
  }
}

function operandOf(field: Field | undefined, { op, value }: Extract<AskedTree, { kind: 'condition' }>): unknown {
  if (op === 'isNull') return value === 'true'
  return op === 'in' || op === 'nin' ? value.split(',').map((one) => typed(field, one)) : typed(field, value)
}

function typed(field: Field | undefined, text: string): unknown {
  const type = field?.type
  const scalar = type?.kind === 'scalar' || type?.kind === 'computed' ? type.scalar : 'text'
  if (scalar === 'boolean') return text === 'true'
  return scalar === 'integer' ? Number(text) : text
}

function understand(speaker: Speaker, request: AbstractRequest, answer: Answered): Answered {
  const { json } = answer
  const entity = entityOf(speaker, request)
  const code: FailureCode | undefined = json?.errors?.[0]?.extensions?.code
  const field = json?.data?.[rootOf(namesOf(speaker, entity), request)]
  if (code !== undefined) {
    const { status } = FAILURES[code]
    // A request that is refused as a whole has no data, and its status shows the refusal. If it fails during execution, the field is null.
    const isWhole = !Object.hasOwn(json, 'data')
    if (answer.status !== (isWhole ? status : 200) || (!isWhole && field !== null)) return { ...answer, status: 599 }
    return { ...answer, status, json: { code } }
  }
  switch (request.kind) {
    case 'get':
      return field === null ? { ...answer, status: 404 } : { ...answer, json: rowOf(speaker, entity, { row: field, of: request.selected }) }
    case 'list': {
      const data = field.nodes.map((row: Shown) => rowOf(speaker, entity, { row, of: request.selected }))
      const next = field.pageInfo.hasNextPage ? field.pageInfo.endCursor : null
      return { ...answer, json: { data, page: { next, ...(request.count ? { count: field.totalCount } : {}) } } }
    }
    case 'create': {
      const row = (payload: Shown) => writtenRow(speaker, request, payload)
      return { ...answer, status: 201, json: request.many ? field.map(row) : row(field) }
    }
    case 'update':
      return { ...answer, json: writtenRow(speaker, request, field) }
    case 'delete':
      return { ...answer, status: field.id === request.id ? 204 : 599 }
  }
}

type Shown = Readonly<Record<string, unknown>>

function writtenRow(speaker: Speaker, request: Extract<AbstractRequest, { kind: 'create' | 'update' }>, payload: Shown): Shown {
  const entity = entityOf(speaker, request)
  const row = payload[payloadMember(namesOf(speaker, entity))] ?? null
  return row === null ? { id: payload.id } : rowOf(speaker, entity, { row: row as Shown, of: request.selected })
}

/** A row in the names of REST. */
function rowOf(speaker: Speaker, entity: Entity, { row, of }: { readonly row: Shown; readonly of: Selected }): Shown {
  const { __typename: _, ...shown } = row
  return Object.fromEntries(
    Object.entries(shown).map(([member, value]) => {
      const name = restName(namesOf(speaker, entity), member)
      const inner = of.include.get(name)
      if (inner === undefined) return [name, spelled(fieldOrNull(entity, name), value, 'toChoice')]
      const { target, page } = stepOf(speaker, entity, name)
      const one = (related: unknown) => (related === null ? null : rowOf(speaker, target, { row: related as Shown, of: inner }))
      return [name, page === null ? one(value) : (value as { readonly nodes: readonly unknown[] }).nodes.map(one)]
    }),
  )
}
