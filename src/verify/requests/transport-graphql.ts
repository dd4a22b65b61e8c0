/** Sends the requests of the reference as GraphQL documents with variables. */

import { FAILURES, type FailureCode } from '../../base/failures/failure-catalogue.ts'
import { LIMITS } from '../../base/limits.ts'
import { payloadMember } from '../../compile/graphql/mutations.ts'
import { type Entity, entityNamed, type Field, type Model } from '../../model/model.ts'
import { type AbstractRequest, ALL, type AskedFilter, type AskedTree, type Selected } from '../expected/abstract-request.ts'
import type { Answered } from '../expected/answered.ts'
import { badBodies } from '../expected/expectation-write.ts'
import { badName, closed, type Expectation, expecting, type Standpoint } from '../expected/expected.ts'
import { fieldOrNull } from '../expected/reference.ts'
import type { AccessRule } from '../expected/written-design.ts'
import { idScalarName, inputValues, plainName, restName, rootOf, schemaNamesOf, spelled } from './graphql-words.ts'
import type { RequestCaller, RequestTransport } from './transport.ts'

/** A number below the limit of a document. */
const FIELDS = LIMITS.graphqlFields - 50
/** The rules that must be open to this kind of caller. If one is closed, the caller's GraphQL schema does not have the field. */
const NEEDED: Readonly<Record<AbstractRequest['kind'], readonly AccessRule[]>> = {
  get: ['read'],
  list: ['read'],
  create: ['create'],
  update: ['read', 'update.from', 'update.to'],
  delete: ['read', 'delete'],
}
const ACCEPT = { accept: 'application/graphql-response+json' }

/** Requests as GraphQL documents. */
export const GRAPHQL: RequestTransport = { adapt, expect, encode, decode }

/**
 * GraphQL has no PUT, HEAD, registration or path of the caller's own row. Related rows are pages, so many of them cost too much. An answer
 * has no rows that the caller can never read.
 */
function adapt(caller: RequestCaller, request: AbstractRequest): AbstractRequest {
  const entity = entityOf(caller, request)
  switch (request.kind) {
    case 'get': {
      const { by: _, ...rest } = request
      return { ...rest, selected: affordable(caller, entity, request.selected) }
    }
    case 'list':
      return { ...request, selected: affordable(caller, entity, request.selected) }
    case 'create': {
      const { by: _, ...rest } = request
      return { ...rest, selected: shownOf(caller, entity, request.selected) }
    }
    case 'update':
      return { ...request, mode: 'patch', selected: shownOf(caller, entity, request.selected) }
    case 'delete':
      return request
  }
}

function affordable(caller: RequestCaller, entity: Entity, selected: Selected): Selected {
  const fields = membersOf(caller, entity, selected).split(/[^A-Za-z0-9_]+/).length
  return fields > FIELDS ? ALL : selected
}

/** For a row that the caller can never read, a write answers with only the id. */
function shownOf(caller: RequestCaller, entity: Entity, selected: Selected): Selected {
  return caller.sight.kind.mayHold(entity.name, 'read') ? affordable(caller, entity, selected) : ALL
}

interface Step {
  readonly target: Entity
  /** The number of related rows to request; null for a single row. */
  readonly page: number | null
}

function stepOf({ reference }: RequestCaller, entity: Entity, name: string): Step {
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

function entityOf({ reference }: RequestCaller, request: AbstractRequest): Entity {
  return entityNamed(reference.model, request.entity)
}

function expect(caller: RequestCaller, request: AbstractRequest, expected: Expectation): Expectation {
  const at: Standpoint = { ...caller, entity: entityOf(caller, request) }
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

function encode(caller: RequestCaller, request: AbstractRequest, after: string | null) {
  return { method: 'POST', url: '/graphql', headers: ACCEPT, body: documentOf(caller, request, after) }
}

function documentOf(caller: RequestCaller, request: AbstractRequest, after: string | null) {
  const entity = entityOf(caller, request)
  const names = schemaNamesOf(caller, entity)
  const root = rootOf(names, request)
  const id = idScalarName(entity)
  switch (request.kind) {
    case 'get': {
      const query = `query ($id: ${id}!) { ${root}(id: $id) { ${membersOf(caller, entity, request.selected)} } }`
      return { query, variables: { id: idVariable(id, request.id) } }
    }
    case 'list':
      return listOf(caller, request, after)
    case 'create': {
      const [name, type] = request.many
        ? ['inputs', `[${names.types.get('CreateInput')}!]!`]
        : ['input', `${names.types.get('CreateInput')}!`]
      const query = `mutation ($${name}: ${type}) { ${root}(${name}: $${name}) { ${payloadOf(caller, entity, request.selected)} } }`
      const rows = request.rows.map((row) => inputValues(entity, row))
      return { query, variables: { [name]: request.many ? rows : rows[0] } }
    }
    case 'update': {
      const query = `mutation ($id: ${id}!, $input: ${names.types.get('UpdateInput')}!, $version: SafeInt) { ${root}(id: $id, input: $input, ifVersion: $version) { ${payloadOf(caller, entity, request.selected)} } }`
      return { query, variables: { id: idVariable(id, request.id), input: inputValues(entity, request.body), version: request.version } }
    }
    case 'delete': {
      const query = `mutation ($id: ${id}!, $version: SafeInt) { ${root}(id: $id, ifVersion: $version) { id } }`
      return { query, variables: { id: idVariable(id, request.id), version: request.version } }
    }
  }
}

/** The id as a variable: a number where the database numbers the rows. @param scalar the type of ids */
export function idVariable(scalar: string, id: string): string | number {
  return scalar === 'SafeInt' && /^\d+$/.test(id) ? Number(id) : id
}

/** The selection of what a write answers with: the row, or its id alone for a caller who can never read such rows. */
export function payloadOf(caller: RequestCaller, entity: Entity, selected: Selected): string {
  return caller.sight.kind.mayHold(entity.name, 'read')
    ? `id ${payloadMember(schemaNamesOf(caller, entity))} { ${membersOf(caller, entity, selected)} }`
    : 'id'
}

/** The selection of a row. A reference is a plain value unless its row is selected. */
function membersOf(caller: RequestCaller, entity: Entity, selected: Selected): string {
  const names = selected.fields ?? [...caller.sight.kind.readable(entity.name)]
  const own = names.filter((name) => !selected.include.has(name)).map((name) => plainName(caller, entity, name))
  const related = [...selected.include].map(([name, inner]) => {
    const { target, page } = stepOf(caller, entity, name)
    const members = membersOf(caller, target, inner)
    const member = schemaNamesOf(caller, entity).members.get(name) ?? name
    return page === null ? `${member} { ${members} }` : `${member}(first: ${page}) { nodes { ${members} } }`
  })
  return [...own, ...related, ...(own.length + related.length === 0 ? ['__typename'] : [])].join(' ')
}

type Input = Readonly<Record<string, unknown>>

function listOf(caller: RequestCaller, request: Extract<AbstractRequest, { kind: 'list' }>, after: string | null) {
  const entity = entityOf(caller, request)
  const names = schemaNamesOf(caller, entity)
  const trees = request.filters.flatMap((filter) => inputOf(caller, entity, filter) ?? [])
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
        : request.sort.map((key) => ({ [plainName(caller, entity, key.name)]: key.descending ? 'DESC' : 'ASC' })),
    ],
    search: ['String', request.search],
  } as const
  const used = Object.entries(given).filter(([, [, value]]) => value !== null)
  const declared = used.map(([name, [type]]) => `$${name}: ${type}`).join(', ')
  const passed = used.map(([name]) => `${name}: $${name}`).join(', ')
  const members = membersOf(caller, entity, request.selected)
  const query = `query ${declared === '' ? '' : `(${declared})`} { ${names.many}${passed === '' ? '' : `(${passed})`} { nodes { ${members} } pageInfo { hasNextPage endCursor }${request.count ? ' totalCount' : ''} } }`
  return { query, variables: Object.fromEntries(used.map(([name, [, value]]) => [name, value])) }
}

/** A filter as an input object; null for a filter that only an expression can express. */
function inputOf(caller: RequestCaller, entity: Entity, filter: AskedFilter): Input | null {
  if (filter.kind === 'expression') return filter.tree === undefined ? null : inputOfTree(caller, entity, filter.tree)
  const { path, op, value } = filter
  const condition: AskedTree = { kind: 'condition', field: path.at(-1) ?? '', op, value }
  const tree = path.slice(0, -1).reduceRight<AskedTree>((of, reference) => ({ kind: 'at', reference, of }), condition)
  return inputOfTree(caller, entity, tree)
}

function inputOfTree(caller: RequestCaller, entity: Entity, tree: AskedTree): Input {
  switch (tree.kind) {
    case 'condition': {
      const field = entity.fields.find((one) => one.name === tree.field)
      return { [plainName(caller, entity, tree.field)]: { [tree.op]: operandOf(field, tree) } }
    }
    case 'and':
    case 'or':
      return { [tree.kind]: tree.of.map((part) => inputOfTree(caller, entity, part)) }
    case 'not':
      return { not: inputOfTree(caller, entity, tree.of) }
    case 'at':
      return { [tree.reference]: inputOfTree(caller, stepOf(caller, entity, tree.reference).target, tree.of) }
    case 'some':
    case 'every':
    case 'none':
      return { [tree.relation]: { [tree.kind]: inputOfTree(caller, stepOf(caller, entity, tree.relation).target, tree.of) } }
  }
}

function operandOf(field: Field | undefined, { op, value }: Extract<AskedTree, { kind: 'condition' }>): unknown {
  if (op === 'isNull') return value === 'true'
  return op === 'in' || op === 'nin' ? value.split(',').map((one) => typed(field, one)) : typed(field, value)
}

function typed(field: Field | undefined, text: string): unknown {
  const type = field?.type
  const scalar = type?.kind === 'scalar' || type?.kind === 'computed' || type?.kind === 'ref' ? type.scalar : 'text'
  if (scalar === 'boolean') return text === 'true'
  return scalar === 'integer' ? Number(text) : text
}

/** The status of a code of Plinth or of the design; 599 for another one. */
function statusOf({ codes }: Model, code: string): number {
  return Object.hasOwn(FAILURES, code) ? FAILURES[code as FailureCode].status : (codes.find((one) => one.code === code)?.status ?? 599)
}

function decode(caller: RequestCaller, request: AbstractRequest, answer: Answered): Answered {
  const { json } = answer
  const entity = entityOf(caller, request)
  const code: string | undefined = json?.errors?.[0]?.extensions?.code
  const field = json?.data?.[rootOf(schemaNamesOf(caller, entity), request)]
  if (code !== undefined) {
    const status = statusOf(caller.reference.model, code)
    // A request that is refused as a whole has no data, and its status shows the refusal. If it fails during execution, the field is null.
    const isWhole = !Object.hasOwn(json, 'data')
    if (answer.status !== (isWhole ? status : 200) || (!isWhole && field !== null)) return { ...answer, status: 599 }
    return { ...answer, status, json: { code } }
  }
  switch (request.kind) {
    case 'get':
      return field === null ? { ...answer, status: 404 } : { ...answer, json: rowOf(caller, entity, { row: field, of: request.selected }) }
    case 'list': {
      const data = field.nodes.map((row: Shown) => rowOf(caller, entity, { row, of: request.selected }))
      const next = field.pageInfo.hasNextPage ? field.pageInfo.endCursor : null
      return { ...answer, json: { data, page: { next, ...(request.count ? { count: field.totalCount } : {}) } } }
    }
    case 'create': {
      const row = (payload: Shown) => writtenRow(caller, request, payload)
      return { ...answer, status: 201, json: request.many ? field.map(row) : row(field) }
    }
    case 'update':
      return { ...answer, json: writtenRow(caller, request, field) }
    case 'delete':
      return { ...answer, status: String(field.id) === request.id ? 204 : 599 }
  }
}

type Shown = Readonly<Record<string, unknown>>

function writtenRow(caller: RequestCaller, request: Extract<AbstractRequest, { kind: 'create' | 'update' }>, payload: Shown): Shown {
  const entity = entityOf(caller, request)
  const row = payload[payloadMember(schemaNamesOf(caller, entity))] ?? null
  return row === null ? { id: payload.id } : rowOf(caller, entity, { row: row as Shown, of: request.selected })
}

/** A row in the names of REST. */
function rowOf(caller: RequestCaller, entity: Entity, { row, of }: { readonly row: Shown; readonly of: Selected }): Shown {
  const { __typename: _, ...shown } = row
  return Object.fromEntries(
    Object.entries(shown).map(([member, value]) => {
      const name = restName(schemaNamesOf(caller, entity), member)
      const inner = of.include.get(name)
      if (inner === undefined) return [name, spelled(fieldOrNull(entity, name), value, 'toChoice')]
      const { target, page } = stepOf(caller, entity, name)
      const one = (related: unknown) => (related === null ? null : rowOf(caller, target, { row: related as Shown, of: inner }))
      return [name, page === null ? one(value) : (value as { readonly nodes: readonly unknown[] }).nodes.map(one)]
    }),
  )
}
