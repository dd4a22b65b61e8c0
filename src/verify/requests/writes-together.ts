/** Several writes in one request: as a transaction, and as the mutations of one document. */

import { restBase } from '../../model/address/served.ts'
import { entityNamed, type Model } from '../../model/model.ts'
import { type AbstractRequest, ALL, httpRequestOf, type SentOverHttp } from '../expected/abstract-request.ts'
import type { ReferenceBackend } from '../expected/reference.ts'
import { idScalarName, inputValues, schemaNamesOf } from './graphql-words.ts'
import { idVariable } from './transport-graphql.ts'

/** A write of rows. */
export type SentWrite = Extract<AbstractRequest, { kind: 'create' | 'update' | 'delete' }>

/** The writes as the operations of one transaction. */
export function writesAsTransaction(model: Model, writes: readonly SentWrite[]): SentOverHttp {
  return transaction(
    model,
    writes.map((write) => operationOf(model, write)),
  )
}

/** A row that an operation reads, under the name `row`. */
export interface ReadRow {
  readonly entity: string
  readonly id: string
}

/** A write after a read, to whose answer it refers: in the address of a change or a delete, or in one field of a create. */
export function referringWrite(model: Model, row: ReadRow, write: SentWrite, field: string): SentOverHttp {
  const read = httpRequestOf(model, { kind: 'get', ...row, selected: ALL })
  const { path, body, ...operation } = operationOf(model, write)
  const isCreate = write.kind === 'create'
  return transaction(model, [
    { method: read.method, path: read.url, name: 'row' },
    {
      ...operation,
      path: isCreate ? path : path.replace(encodeURIComponent(row.id), '${row.id}'),
      ...(body === undefined ? {} : { body: isCreate ? { ...body, [field]: { $ref: 'row.id' } } : body }),
    },
  ])
}

interface Operation {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly name?: string
}

function transaction(model: Model, operations: readonly Operation[]): SentOverHttp {
  return { method: 'POST', url: `${restBase(model)}/transaction`, body: { operations } }
}

function operationOf(model: Model, write: SentWrite): Operation {
  const { method, url, body, headers } = httpRequestOf(model, write)
  const tag = headers?.['if-match']
  return { method, path: url, ...(body === undefined ? {} : { body: body as object }), ...(tag === undefined ? {} : { ifMatch: tag }) }
}

/** The writes as the mutations of one document, named `m0`, `m1` and so on. A replacement is sent as a change. */
export function writesAsDocument(reference: ReferenceBackend, writes: readonly SentWrite[], directive: '' | '@atomic'): SentOverHttp {
  const parts = writes.map((write, i) => mutationOf(reference, write, i))
  const fields = parts.map(({ field }, i) => `m${i}: ${field} { id }`).join(' ')
  const query = `mutation (${parts.flatMap(({ declared }) => declared).join(', ')}) ${directive} { ${fields} }`
  return { method: 'POST', url: '/graphql', body: { query, variables: Object.assign({}, ...parts.map(({ values }) => values)) } }
}

interface Mutation {
  readonly declared: readonly string[]
  readonly field: string
  readonly values: Readonly<Record<string, unknown>>
}

function mutationOf(reference: ReferenceBackend, write: SentWrite, i: number): Mutation {
  const entity = entityNamed(reference.model, write.entity)
  const { types, ...names } = schemaNamesOf({ reference }, entity)
  const [id, input] = [`id${i}`, `input${i}`]
  if (write.kind === 'create')
    return {
      declared: [`$${input}: ${types.get('CreateInput')}!`],
      field: `${names.create}(input: $${input})`,
      values: { [input]: inputValues(entity, write.rows[0] ?? {}) },
    }
  const scalar = idScalarName(entity)
  const version = write.version === null ? '' : `, ifVersion: ${write.version}`
  const named = { [id]: idVariable(scalar, write.id) }
  if (write.kind === 'delete') return { declared: [`$${id}: ${scalar}!`], field: `${names.delete}(id: $${id}${version})`, values: named }
  return {
    declared: [`$${id}: ${scalar}!`, `$${input}: ${types.get('UpdateInput')}!`],
    field: `${names.update}(id: $${id}, input: $${input}${version})`,
    values: { ...named, [input]: inputValues(entity, write.body) },
  }
}
