/**
 * Writes an action for each operation of an OpenAPI document that plainly creates, reads, changes or deletes rows. The others are tasks:
 * the contract has their addresses and types, and they answer 501 until somebody writes an action.
 */

import { carry, type Draft, designField, type NamedEntity } from '../draft/draft.ts'
import { memberName, untakenName } from '../draft/names.ts'
import type { ApiOperation } from '../openapi/operations.ts'
import type { ReadApi } from '../openapi/read-openapi.ts'
import { bodyInput, rowAnswer } from './trees.ts'

/** An action for an operation, or why there is none. */
type Binding =
  | { readonly kind: 'action'; readonly entity: string | null; readonly action: Readonly<Record<string, unknown>> }
  | { readonly kind: 'task'; readonly why: string }

/** Adds the contract and its actions. Nobody may call them yet. `file` is the path of the document, relative to the design. */
export function bindOperations(
  api: ReadApi,
  draft: Draft,
  { entities, file }: { readonly entities: readonly NamedEntity[]; readonly file: string },
): void {
  draft.design.contract = file
  // the addresses of a contract are often those of Plinth
  draft.design.serve = { rest: false, graphql: false }
  const taken = new Map<string, Set<string>>()
  for (const operation of api.operations) {
    const { id, method, path, at } = operation
    const address = `${method.toUpperCase()} ${path}`
    const object = { kind: 'operation', name: id === null ? address : `${id} (${address})`, at: api.document.at(at.path) }
    const found = bindingOf(operation, api, entities)
    if (found.kind === 'task') {
      carry(draft, ['contract'], { ...object, note: `answers 501 until an action serves it: ${found.why}` })
      continue
    }
    const names = taken.get(found.entity ?? '') ?? new Set(entities.find(({ name }) => name === found.entity)?.taken)
    taken.set(found.entity ?? '', names)
    const name = untakenName(memberName(id ?? `${method} ${path}`), names)
    const endpoint = id === null || name !== memberName(id) ? { endpoint: id ?? address } : {}
    const entity = found.entity === null ? undefined : draft.design.entities[found.entity]
    const holder = entity ?? draft.design
    holder.actions = { ...holder.actions, [name]: { ...endpoint, ...found.action } }
    const holderPath = entity === undefined ? ['actions'] : ['entities', found.entity ?? '', 'actions']
    carry(draft, [...holderPath, name], object)
  }
}

function bindingOf(operation: ApiOperation, api: ReadApi, entities: readonly NamedEntity[]): Binding {
  const { method, names, path } = operation
  const task = (why: string): Binding => ({ kind: 'task', why })
  const isRow = names.length === 1 && path.endsWith(`{${names[0]}}`)
  if (names.length > 1 || (names.length === 1 && !isRow)) return task('its path leads below another row')
  const subject = (operation.answer ?? operation.body)?.subject ?? (method === 'delete' ? subjectOfPath(operation, api) : null)
  const entity = entities.find(({ sketch }) => sketch.name === subject)
  if (entity === undefined) return task('it is about no entity')
  if (isRow && !finds(entity, names[0] ?? '')) return task(`{${names[0]}} is neither the id nor unique`)
  if (method !== 'get' && operation.query.length > 0) return task('it has parameters in its query')
  switch (method) {
    case 'get':
      return isRow ? readRow(operation, entity, { api, entities }) : listRows(operation, entity, { api, entities })
    case 'post':
      return isRow ? task('a post to one row is an action of its own') : createRow(operation, entity, { api, entities })
    case 'delete':
      return isRow ? deleteRow(operation, entity) : task('it deletes no single row')
    default:
      return isRow ? updateRow(operation, entity, { api, entities }) : task('it changes no single row')
  }
}

/** What the other operations at the same path are about. */
function subjectOfPath({ path }: ApiOperation, { operations }: ReadApi): string | null {
  const others = operations.filter((each) => each.path === path && each.method !== 'delete')
  return others.map(({ answer, body }) => (answer ?? body)?.subject ?? null).find((subject) => subject !== null) ?? null
}

/** Whether a name in the path finds a row: its id, or a unique field. */
function finds(entity: NamedEntity, name: string): boolean {
  const field = designField(entity, name)
  if (field === undefined) return /^id$|Id$|_id$/.test(name)
  return field === 'id' || entity.design.fields[field]?.unique === true
}

interface Bindable {
  readonly api: ReadApi
  readonly entities: readonly NamedEntity[]
}

function action(entity: NamedEntity | null, parts: Readonly<Record<string, unknown>>): Binding {
  const given = Object.entries(parts).filter(([, part]) => part !== undefined)
  return { kind: 'action', entity: entity?.name ?? null, action: Object.fromEntries(given) }
}

const NO_ANSWER: Binding = { kind: 'task', why: 'its answer has members that no field holds' }

function readRow(operation: ApiOperation, entity: NamedEntity, how: Bindable): Binding {
  if (operation.query.length > 0) return { kind: 'task', why: 'it has parameters in its query' }
  const answer = rowAnswer(operation, { entity, row: 'row', ...how })
  return answer === null ? NO_ANSWER : action(entity, { answer })
}

function updateRow(operation: ApiOperation, entity: NamedEntity, how: Bindable): Binding {
  const input = bodyInput(operation, { entity, ...how })
  if (input === null) return { kind: 'task', why: 'its body has members that no field holds' }
  const answer = rowAnswer(operation, { entity, row: 'row', ...how })
  if (answer === null) return NO_ANSWER
  return action(entity, { input, steps: [{ update: 'row', set: 'input' }], answer })
}

function deleteRow(operation: ApiOperation, entity: NamedEntity): Binding {
  if (operation.body !== null || operation.answer !== null) return { kind: 'task', why: 'a plain delete has no body and no answer' }
  return action(entity, { steps: [{ delete: 'row' }] })
}

function createRow(operation: ApiOperation, entity: NamedEntity, how: Bindable): Binding {
  const input = bodyInput(operation, { entity, ...how })
  if (input === null || Object.keys(input).length === 0) return { kind: 'task', why: 'its body has members that no field holds' }
  const answer = rowAnswer(operation, { entity, row: 'made', ...how })
  if (answer === null) return NO_ANSWER
  const step = { create: entity.name, set: 'input', ...(answer === undefined ? {} : { as: 'made' }) }
  return action(null, { input, steps: [step], answer })
}

const LIMIT = 100

function listRows(operation: ApiOperation, entity: NamedEntity, how: Bindable): Binding {
  if (operation.answer?.list !== true) return { kind: 'task', why: 'it answers no list of rows' }
  const input: Record<string, unknown> = {}
  const step: Record<string, unknown> = { list: entity.name, sort: ['id'], limit: LIMIT, as: 'found' }
  for (const { name } of operation.query) {
    const called = memberName(name)
    if (/^(?:limit|pageSize|perPage|size)$/.test(called)) {
      input[called] = { type: 'integer', min: 1, max: LIMIT, default: LIMIT }
      step.limit = `input.${called}`
    } else if (called === 'offset' || called === 'skip') {
      input[called] = { type: 'integer', min: 0, default: 0 }
      step.offset = `input.${called}`
    } else return { kind: 'task', why: `it filters by ${name}; write the condition` }
  }
  const answer = rowAnswer(operation, { entity, row: 'found', ...how })
  return answer === null ? NO_ANSWER : action(null, { ...(Object.keys(input).length === 0 ? {} : { input }), steps: [step], answer })
}
