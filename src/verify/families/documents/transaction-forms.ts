/** Forms of transactions that must be refused, each beside a create that would succeed; and references to earlier answers. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity, Model } from '../../../model/model.ts'
import { type BodyValues, httpRequestOf } from '../../expected/abstract-request.ts'
import { creating } from '../../security/spoiled-bodies.ts'
import type { PageFacts } from './page-facts.ts'

/** A body of a transaction, and the end of the pointer that its refusal must have. */
export interface TransactionForm {
  readonly goal: string
  readonly body: unknown
  readonly pointer: string
}

/** What an operation is made of. */
interface Made {
  readonly model: Model
  readonly entity: Entity
  /** A body that succeeds. */
  readonly good: BodyValues
}

/** Bodies with one fault. The wrong operation is the second, so what the first has written must be undone. */
export function wrongTransactions({ model, entity, good }: Made): readonly TransactionForm[] {
  const base = restBase(model)
  const { method, url: path } = httpRequestOf(model, creating(entity, [good]))
  const first = { method, path, body: good, name: 'first' }
  const list = `${base}/${entity.path}`
  const second = (goal: string, operation: unknown, at: string): TransactionForm => ({
    goal,
    body: { operations: [first, operation] },
    pointer: `/operations/1${at}`,
  })
  const get = { method: 'GET', path: list }
  const [field = 'id'] = Object.keys(good)
  return [
    { goal: 'no-operations', body: {}, pointer: '/operations' },
    { goal: 'no-list', body: { operations: first }, pointer: '/operations' },
    { goal: 'empty', body: { operations: [] }, pointer: '/operations' },
    { goal: 'unknown-member', body: { operations: [first], nothing: 1 }, pointer: '/nothing' },
    second('no-object', 'GET', ''),
    second('unknown-member-inside', { ...get, nothing: 1 }, '/nothing'),
    second('no-method', { path: list }, '/method'),
    second('strange-method', { method: 'TRACE', path: list }, '/method'),
    second('small-method', { method: 'get', path: list }, '/method'),
    second('no-path', { method: 'GET' }, '/path'),
    second('path-elsewhere', { method: 'GET', path: '/health/live' }, '/path'),
    second('no-body', { method, path }, '/body'),
    second('body-of-a-read', { ...get, body: {} }, '/body'),
    second('body-of-a-delete', { method: 'DELETE', path: `${list}/x`, body: {} }, '/body'),
    ...['', '1a', 'a b', 'a'.repeat(51), 1].map((name, i) => second(`name-${i}`, { ...get, name }, '/name')),
    second('name-twice', { ...get, name: 'first' }, '/name'),
    second('number-as-match', { ...get, ifMatch: 1 }, '/ifMatch'),
    second('number-as-preference', { ...get, prefer: 1 }, '/prefer'),
    second('reference-to-itself', { method, path, body: { ...good, [field]: { $ref: 'second.id' } }, name: 'second' }, `/body/${field}`),
    second('reference-to-nothing', { method, path, body: { ...good, [field]: { $ref: 'nothing.id' } } }, `/body/${field}`),
    second('reference-in-a-path', { method: 'GET', path: `${list}/\${nothing.id}` }, '/path'),
  ]
}

/** Reads that use what an earlier one has answered, with the ids that the last one must find. */
export function referringReads(model: Model, { entity, ids: [a = '', b = ''] }: PageFacts) {
  const list = `${restBase(model)}/${entity.path}`
  const first = { method: 'GET', path: `${list}?filter[id][in]=${a},${b}&fields=id`, name: 'list' }
  const after = (goal: string, path: string, found: readonly string[]) => ({
    goal: `refers-${goal}`,
    body: { operations: [first, { method: 'GET', path }] },
    found,
  })
  return [
    after('in-a-path', `${list}/\${list.data.1.id}`, [b]),
    after('in-a-filter', `${list}?filter[id]=\${list.data.0.id}`, [a]),
    after('in-items', `${list}?filter[id][in]=\${list.data.0.id},\${list.data.1.id}`, [a, b]),
    after('in-an-expression', `${list}?filter=id == \${list.data.1.id}`, [b]),
    after('in-a-text', `${list}?filter=id == "\${list.data.1.id}"`, [b]),
  ]
}
