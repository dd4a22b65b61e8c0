/** What the reference expects of a request: the status, the body, and the rows afterwards. */

import { entityNamed } from '../../model/model.ts'
import type { AbstractRequest } from './abstract-request.ts'
import { expectCreate, expectDelete, expectUpdate } from './expectation-write.ts'
import {
  badName,
  closed,
  type Expectation,
  type ExpectedChange,
  expecting,
  type ListedRow,
  NOT_SEEN,
  type Standpoint,
  visibleRow,
} from './expected.ts'
import type { AllRows, ReferenceBackend } from './reference.ts'
import { expressionOf, matchesWords, namesOf } from './reference-filter.ts'
import { brokenChecks } from './relation-checks.ts'
import { searchedFields } from './written-design.ts'

/** The expected outcome of a user's request; null is an anonymous caller. */
export function expectationOf(reference: ReferenceBackend, user: string | null, request: AbstractRequest): Expectation {
  const at: Standpoint = { reference, user, sight: reference.sightOf(user), entity: entityNamed(reference.model, request.entity) }
  switch (request.kind) {
    case 'get':
      return expectGet(at, request)
    case 'list':
      return expectList(at, request)
    case 'create':
      return keptChecks(at, expectCreate(at, request))
    case 'update':
      return keptChecks(at, expectUpdate(at, request))
    case 'delete':
      return keptChecks(at, expectDelete(at, request))
  }
}

/** The expectation of a write, unless its rows break a check over relations, which is judged when all rows are written. */
function keptChecks(at: Standpoint, expected: Expectation): Expectation {
  const { change } = expected
  if (change.kind === 'none' || !at.reference.model.entities.some(({ relationChecks }) => relationChecks.length > 0)) return expected
  const broken = brokenChecks(at, rowsAfter(at.reference.rows(), change))
  return broken.length === 0 ? expected : expecting(409, `${broken.join()} would not hold`, { code: 'check_failed' })
}

/** All rows after a change. */
function rowsAfter(rows: AllRows, change: Exclude<ExpectedChange, { kind: 'none' }>): AllRows {
  switch (change.kind) {
    case 'created':
      return new Map([...rows, [change.entity, [...(rows.get(change.entity) ?? []), ...change.rows]]])
    case 'updated':
      return new Map([
        ...rows,
        [change.entity, (rows.get(change.entity) ?? []).map((row) => (row.id === change.row.id ? change.row : row))],
      ])
    case 'deleted':
      return change.rows
  }
}

function expectGet(at: Standpoint, request: Extract<AbstractRequest, { kind: 'get' }>): Expectation {
  const refused = closed(at, ['read']) ?? badName(at, request.selected)
  if (refused !== null) return refused
  const row = visibleRow(at, request.id)
  // `/api/auth/me` has no id; the token names the row.
  if (row === null) return request.by === 'me' ? { ...NOT_SEEN, hidden: null } : NOT_SEEN
  return expecting(200, 'the row may be read', { body: at.sight.show(at.entity.name, row, request.selected) })
}

function expectList(at: Standpoint, request: Extract<AbstractRequest, { kind: 'list' }>): Expectation {
  const { sight, entity, reference } = at
  const refused = closed(at, ['read']) ?? badName(at, request.selected)
  if (refused !== null) return refused
  const readable = sight.kind.readable(entity.name)
  const hidden =
    request.sort.find(({ name }) => !readable.has(name))?.name ??
    request.filters.flatMap((f) => namesOf(at, entity, f)).find((name) => name !== null)
  if (hidden !== undefined) return expecting(400, `${hidden} does not exist for this caller`)
  const searched = searchedFields(reference.design.entities[entity.name]).filter((name) => readable.has(name))
  if (request.search !== null && searched.length === 0) return expecting(400, 'there is no search for this caller')
  const sources = request.filters.map((filter) => expressionOf(reference.model, entity, filter))
  const rows = (sight.masked().get(entity.name) ?? [])
    .filter((row) => sources.every((source) => sight.passes(entity.name, source, row)))
    .filter((row) => request.search === null || matchesWords(row, searched, request.search))
    .map((row): ListedRow => {
      const whole = reference.find(entity.name, String(row.id)) ?? row
      const keys = request.sort.map(({ name }) => row[name] ?? null)
      return { id: row.id ?? null, keys, shown: sight.show(entity.name, whole, request.selected) }
    })
  return expecting(200, `${rows.length} rows may be seen`, { list: { rows, sort: request.sort, servable: isServable(at, request) } })
}

/** Lists that must succeed: one indexed order, and filters that an index serves. Other lists may be refused with the index to add. */
function isServable(at: Standpoint, { filters, sort }: Extract<AbstractRequest, { kind: 'list' }>): boolean {
  const { indexes = [], fields = {} } = at.reference.design.entities[at.entity.name] ?? {}
  if (sort.some((key) => fields[key.name]?.read !== undefined)) return false
  const flipped = (name: string) => (name.startsWith('-') ? name.slice(1) : `-${name}`)
  const wanted = sort.map((key) => `${key.descending ? '-' : ''}${key.name}`)
  const sorted = [wanted, wanted.map(flipped)].some(
    (keys) => keys.length === 0 || indexes.some((index) => index.length === keys.length && keys.every((key, i) => index[i] === key)),
  )
  const pinned =
    filters.length === 0 || filters.some((f) => f.kind === 'bracket' && f.path.length === 1 && f.path[0] === 'id' && f.op === 'in')
  return sorted && pinned
}
