/** F100 for requests that are documents themselves: transactions and GraphQL. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { readerOf, type SecurityProbe } from '../probes.ts'
import { sending } from '../sending.ts'

/** Transactions whose list, paths, methods, bodies or options have another form. @param one a write; their operations are made from it. */
export function transactionProbe({ reference: { model } }: PlannedWorld, one: UsualRequest): SecurityProbe {
  const sent = httpRequestOf(model, one.request)
  const url = `${restBase(model)}/transaction`
  const operation = { method: sent.method, path: sent.url, body: sent.body }
  const lists: readonly unknown[] = [
    ...[null, 1, 'x', {}, [], [null], [[]], [1], [{}], Array.from({ length: 51 }, () => operation)],
    ...[
      '',
      '/',
      '//',
      '..',
      '/../..',
      'http://127.0.0.1/',
      '/graphql',
      url,
      `${sent.url}/../x`,
      `${sent.url}%00`,
      '/\ufffd',
      '${x}',
      '${x.y.z}',
      'a'.repeat(5_000),
    ].map((path) => [{ ...operation, path }]),
    ...['', 'get', 'TRACE', 'OPTIONS', 'CONNECT', null, {}, 1].map((method) => [{ ...operation, method }]),
    ...[null, 1, 'x', [], [null], { $ref: '' }, { $ref: 'x' }, { $ref: 'x.y' }, { $ref: {} }, { $ref: '__proto__.x' }].map((body) => [
      { ...operation, body },
    ]),
    ...[
      { ifMatch: 1 },
      { ifMatch: '"99999999999999999999"' },
      { ifMatch: null },
      { prefer: {} },
      { name: '__proto__' },
      { name: 1 },
      { name: '' },
      { nothing: 1 },
    ].map((more) => [{ ...operation, body: { nothingOfThisName: 1 }, ...more }]),
  ]
  const requests = lists.map((operations): SentOverHttp => ({ method: 'POST', url, body: { operations } }))
  return sending({ goal: 'transaction', user: one.user, requests, mayWrite: true })
}

/** Documents, variables and arguments of another form. */
export function graphqlProbe(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  if (!reference.model.served.graphql) return []
  const { many, one, types } = schemaNamesOf({ reference }, entity)
  const user = readerOf(asking, entity)
  const list = `{ ${many} { nodes { id } } }`
  const documents: readonly unknown[] = [
    ...[
      null,
      1,
      'x',
      [],
      {},
      [{ query: list }],
      { query: null },
      { query: 1 },
      { query: '' },
      { query: list, variables: 'x' },
      { query: list, variables: [] },
      { query: list, operationName: 'x' },
      { query: list, operationName: 1 },
      { query: list, extensions: 1 },
    ],
    ...[
      `{ ${many}(first: 99999999999999999999) { nodes { id } } }`,
      `{ ${many}(first: -1) { nodes { id } } }`,
      `{ ${many}(after: "x") { nodes { id } } }`,
      `{ ${many}(after: "") { nodes { id } } }`,
      `{ ${many}(last: 1, before: "AAAA") { nodes { id } } }`,
      `{ ${many}(search: "\\u0000") { nodes { id } } }`,
      `{ ${one}(id: "") { id } }`,
      `{ ${one}(id: null) { id } }`,
      `{ ${one}(id: 99999999999999999999) { id } }`,
      `{ node(id: "x") { id } }`,
      `{ node(id: "") { id } }`,
    ].map((query) => ({ query })),
    ...[
      `{ ...a } fragment a on Query { ...a }`,
      `{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }`,
      `query($a: [[[[Int]]]]) { __typename }`,
      `${'{ a'.repeat(500)}`,
      `{ ${Array.from({ length: 500 }, (_, i) => `a${i}: __typename`).join(' ')} }`,
      `{ __typename @skip(if: $a) }`,
      `subscription { __typename }`,
      `mutation { __typename }`,
      `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`,
    ].map((query) => ({ query })),
    ...[null, 1, 'x', [], {}, { a: 1 }, { and: [] }, { and: null }, { not: {} }].map((filter) => ({
      query: `query ($f: ${types.get('Filter')}) { ${many}(filter: $f) { nodes { id } } }`,
      variables: { f: filter },
    })),
    ...['1 ==', 'id == 1', '((((', 'id in []', 'size(id) > 99999999999999999999', "id.matches('(a+)+$')"].map((where) => ({
      query: `query ($w: String) { ${many}(where: $w) { nodes { id } } }`,
      variables: { w: where },
    })),
  ]
  return [
    sending({
      goal: 'graphql',
      user,
      requests: documents.map((body): SentOverHttp => ({ method: 'POST', url: '/graphql', body: JSON.stringify(body) })),
      mayWrite: true,
    }),
  ]
}
