/** The doors of an operation: every way to reach a row. Each makes a request for a state of a rule, or null where there is no such door. */

import { entityNamed, type Model, storedScalar } from '../../model/model.ts'
import { SCALARS } from '../../model/scalar.ts'
import {
  type AbstractRequest,
  ALL,
  type AskedFilter,
  type AskedTree,
  type BodyValues,
  type Selected,
} from '../expected/abstract-request.ts'
import type { Standpoint } from '../expected/expected.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import { namingField } from '../requests/naming-field.ts'
import { newBody } from './new-body.ts'
import { harmless, type State } from './questions.ts'
import { upsertingCreate, upsertingUpdate } from './upsert-doors.ts'

/** How a request is sent. */
export type Api = 'rest' | 'graphql' | 'transaction' | 'upsert'

/** A state of a rule about an entity, with the caller's view of the rows. */
export interface AskedState extends Standpoint {
  readonly state: State
  /** The field that the rule is about; null for the rule of an operation. */
  readonly field: string | null
}

/** A way to ask. */
export interface Door {
  readonly name: string
  readonly api: Api
  readonly request: (asked: AskedState) => AbstractRequest | null
}

type Request = Door['request']

const PAGE = 100
/** A page that ends among the rows of a world. */
const SHORT_PAGE = 7

const idOf = (row: PlainRow | null): string => String(row?.id)

const get: Request = ({ entity, state }) => ({ kind: 'get', entity: entity.name, id: idOf(state.row), selected: ALL })

const head: Request = ({ entity, state }) => ({ kind: 'get', entity: entity.name, id: idOf(state.row), selected: ALL, by: 'head' })

function list(entity: string, more: Partial<Extract<AbstractRequest, { kind: 'list' }>>): AbstractRequest {
  return { kind: 'list', entity, filters: [], sort: [], size: PAGE, search: null, count: false, selected: ALL, ...more }
}

/** A filter by all ids, so that an index serves the list with any other filter. */
function all({ reference }: AskedState, entity: string): AskedFilter {
  const ids = (reference.rows().get(entity) ?? []).map(({ id }) => id)
  return { kind: 'bracket', path: ['id'], op: 'in', value: ids.join() }
}

function including(name: string): Selected {
  return { fields: null, include: new Map([[name, ALL]]) }
}

interface Referring {
  readonly entity: string
  readonly field: string
}

/** A reference of another row to the row in question: one that the caller sees, if there is one. */
function referring({ reference, entity, sight, state }: AskedState): Referring | null {
  const found = reference.model.entities.flatMap((other) =>
    other.fields.flatMap(({ name, type }): readonly Referring[] =>
      type.kind === 'ref' && type.entity === entity.name ? [{ entity: other.name, field: name }] : [],
    ),
  )
  const isSeen = ({ entity: other, field }: Referring): boolean => {
    const rows = found.length > 1 && state.row !== null ? (sight.masked().get(other) ?? []) : []
    return rows.some((row) => row[field] === state.row?.id)
  }
  return found.find(isSeen) ?? found[0] ?? null
}

interface Containing {
  readonly entity: string
  readonly relation: string
  readonly via: string
}

/** A relation of another row in which the row in question can be: of a row that the caller sees, if there is one. */
function containing({ entity, sight, state }: AskedState): Containing | null {
  const found = entity.fields.flatMap(({ name, type }): readonly Containing[] =>
    type.kind === 'ref' && type.inverse !== null ? [{ entity: type.entity, relation: type.inverse, via: name }] : [],
  )
  const isSeen = ({ entity: other, via }: Containing): boolean => {
    const id = state.row?.[via] ?? null
    return found.length > 1 && id !== null && (sight.masked().get(other) ?? []).some((row) => row.id === id)
  }
  return found.find(isSeen) ?? found[0] ?? null
}

const includeOne: Request = (asked) => {
  const from = referring(asked)
  return from === null ? null : list(from.entity, { selected: including(from.field) })
}

const includeMany: Request = (asked) => {
  const from = containing(asked)
  const parent = from === null ? null : (asked.state.row?.[from.via] ?? null)
  return from === null || parent === null
    ? null
    : { kind: 'get', entity: from.entity, id: String(parent), selected: including(from.relation) }
}

/** The rows beside a row: those of the relation that it is in, through its own reference. */
const includeBeside: Request = (asked) => {
  const from = containing(asked)
  if (from === null) return null
  return list(asked.entity.name, { selected: { fields: null, include: new Map([[from.via, including(from.relation)]]) } })
}

/** Whether the rule is about a computed field that is no column: filters in brackets have no such fields. */
function isDerived({ entity, field }: AskedState): boolean {
  return entity.derived.some(({ name }) => name === field)
}

const throughReference: Request = (asked) => {
  const from = referring(asked)
  if (from === null || isDerived(asked)) return null
  return list(from.entity, {
    filters: [all(asked, from.entity), { kind: 'bracket', path: [from.field, asked.field ?? 'version'], op: 'isNull', value: 'false' }],
  })
}

/** The filter names the row, so that another row of the relation cannot stand for it. */
const throughRelation: Request = (asked) => {
  const from = containing(asked)
  if (from === null || isDerived(asked)) return null
  const { field, state } = asked
  const id = idOf(state.row)
  const isRow: AskedTree = { kind: 'condition', field: 'id', op: 'eq', value: id }
  const of: AskedTree = field === null ? isRow : { kind: 'and', of: [isRow, { kind: 'condition', field, op: 'isNull', value: 'false' }] }
  const isNumber = typeof state.row?.id === 'number'
  const conditions = [`one.id == ${isNumber ? id : JSON.stringify(id)}`, ...(field === null ? [] : [`one.${field} != null`])]
  const source = `${from.relation}.exists(one, ${conditions.join(' && ')})`
  const read = ['id', ...(field === null ? [] : [field])].map((name) => [asked.entity.name, name] as const)
  const names = [[from.entity, from.relation] as const, ...read]
  return list(from.entity, {
    filters: [all(asked, from.entity), { kind: 'expression', source, names, tree: { kind: 'some', relation: from.relation, of } }],
  })
}

function update(asked: AskedState, mode: 'patch' | 'put', body: BodyValues): AbstractRequest {
  return { kind: 'update', entity: asked.entity.name, mode, id: idOf(asked.state.row), body, version: null, selected: ALL }
}

const patch: Request = (asked) =>
  asked.state.row === null ? null : update(asked, 'patch', asked.state.body ?? harmless(asked, asked.state.row))

/** A replacement with the values of the row, and the change. */
const put: Request = (asked) => {
  const { row, body } = asked.state
  if (row === null) return null
  const change = body ?? harmless(asked, row)
  const writable = asked.sight.kind.writable(asked.entity.name)
  const kept = asked.entity.fields.filter(
    ({ name, type, immutable }) => writable.has(name) && !immutable && type.kind !== 'password' && type.kind !== 'file',
  )
  const guarded = kept.filter(({ name }) => asked.reference.design.entities[asked.entity.name]?.fields[name]?.write === undefined)
  const same = Object.fromEntries(guarded.flatMap(({ name }) => ((row[name] ?? null) === null ? [] : [[name, row[name]]])))
  // A replacement also sets what it leaves out, so a field with a rule of its own would be judged as well.
  return kept.length > guarded.length ? null : update(asked, 'put', { ...same, ...change })
}

const remove: Request = ({ entity, state }) =>
  state.row === null ? null : { kind: 'delete', entity: entity.name, id: idOf(state.row), version: null }

/** A new row of another entity that refers to the row in question, where the caller may create such rows at all. */
const inReference: Request = (asked) => {
  const from = referring(asked)
  if (from === null) return null
  const other = entityNamed(asked.reference.model, from.entity)
  const template = (asked.reference.rows().get(other.name) ?? [])[0]
  const at: Standpoint = { ...asked, entity: other }
  const { kind } = asked.sight
  if (template === undefined || !kind.mayHold(other.name, 'create') || !kind.writable(other.name).has(from.field)) return null
  const body = { ...newBody(at, template, { n: 900, needed: [] }), [from.field]: asked.state.row?.id }
  return { kind: 'create', entity: other.name, rows: [body], many: false, selected: ALL }
}

function create({ entity, state }: AskedState, many: boolean): AbstractRequest | null {
  return state.body === null ? null : { kind: 'create', entity: entity.name, rows: [state.body], many, selected: ALL }
}

const bulk: Request = (asked) => {
  const one = create(asked, true)
  return one?.kind === 'create' ? { ...one, by: 'bulk' } : null
}

const register: Request = (asked) => {
  const isAccount = asked.reference.model.identity?.entity === asked.entity.name
  const one = create(asked, false)
  return isAccount && one?.kind === 'create' && asked.user === null ? { ...one, by: 'register' } : null
}

const upsertCreate: Request = (asked) => {
  const one = create(asked, false)
  return one?.kind === 'create' ? upsertingCreate(asked, one) : null
}

const upsertUpdate: Request = (asked) => {
  const one = patch(asked)
  return one?.kind === 'update' ? upsertingUpdate(asked, one) : null
}

const filtered: Request = (asked) => {
  const present: AskedFilter = { kind: 'bracket', path: [asked.field ?? 'version'], op: 'isNull', value: 'false' }
  return isDerived(asked) ? null : list(asked.entity.name, { filters: [all(asked, asked.entity.name), present] })
}

const sorted: Request = (asked) => {
  const field = asked.entity.fields.find(({ name }) => name === asked.field)
  const isSortable = field !== undefined && field.type.kind !== 'list' && SCALARS[storedScalar(field.type)].ordered
  return isSortable ? list(asked.entity.name, { sort: [{ name: field.name, descending: false }] }) : null
}

const door = (name: string, request: Request, api: Api = 'rest'): Door => ({ name, api, request })

const plainList: Request = ({ entity }) => list(entity.name, {})

/** The doors through which rows are read, or must be visible for a write. */
export const READ_DOORS: readonly Door[] = [
  door('get', get),
  door('head', head),
  door('list', plainList),
  door('count', ({ entity }) => list(entity.name, { count: true, selected: { fields: ['id'], include: new Map() } })),
  door('include-one', includeOne),
  door('include-many', includeMany),
  door('include-beside', includeBeside),
  door('filter-reference', throughReference),
  door('filter-relation', throughRelation),
  door('cursor', ({ entity }) => list(entity.name, { size: SHORT_PAGE })),
  door('patch', patch),
  door('put', put),
  door('delete', remove),
  door('transaction', get, 'transaction'),
  door('reference', inReference),
  door('graphql-get', get, 'graphql'),
  door('graphql-list', plainList, 'graphql'),
  door('graphql-nested', (asked) => includeMany(asked) ?? includeOne(asked), 'graphql'),
]

/** The uses of a field that a caller may not read on every row. */
export const FIELD_READ_DOORS: readonly Door[] = [
  door('get', get),
  door('list', plainList),
  door('filter', filtered),
  door('filter-reference', throughReference),
  door('filter-relation', throughRelation),
  door('sort', sorted),
  door('include-one', includeOne),
  door('include-many', includeMany),
  door('answer-to-patch', patch),
  door('transaction', get, 'transaction'),
  door('graphql-get', (asked) => namingField(asked, get(asked)), 'graphql'),
  door('graphql-list', (asked) => namingField(asked, plainList(asked)), 'graphql'),
  door('graphql-filter', filtered, 'graphql'),
]

/** The doors of a write. */
export const WRITE_DOORS: Readonly<Record<'create' | 'update' | 'delete', readonly Door[]>> = {
  create: [
    door('create', (asked) => create(asked, false)),
    door('create-many', (asked) => create(asked, true)),
    door('create-bulk', bulk),
    door('register', register),
    door('transaction', (asked) => create(asked, false), 'transaction'),
    door('graphql', (asked) => create(asked, false), 'graphql'),
    door('graphql-many', (asked) => create(asked, true), 'graphql'),
    door('upsert', upsertCreate, 'upsert'),
  ],
  update: [
    door('patch', patch),
    door('put', put),
    door('transaction', patch, 'transaction'),
    door('graphql', patch, 'graphql'),
    door('upsert', upsertUpdate, 'upsert'),
  ],
  delete: [door('delete', remove), door('transaction', remove, 'transaction'), door('graphql', remove, 'graphql')],
}

/** Doors that no case uses yet, with the reason; they are listed in every report. */
export const DOORS_NOT_TESTED: readonly { readonly what: string; readonly why: string }[] = [
  { what: 'access through nested rows', why: 'this version of verify has no cases for them' },
  { what: 'access through files and events, and rules about setting a file', why: 'this version of verify has no cases for them' },
]

/** Whether a backend has an API. */
export function hasApi({ served }: Model, api: Api): boolean {
  return api === 'graphql' || api === 'upsert' ? served.graphql : served.rest !== null
}
