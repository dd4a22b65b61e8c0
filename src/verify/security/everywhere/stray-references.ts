/** F100 for references between the operations of a transaction that lead nowhere. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered, requestsOf, type UsualRequest } from '../../cases/usual-request.ts'
import { type BodyValues, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { SecurityProbe } from '../probes.ts'
import { sending } from '../sending.ts'

/** Paths that no answer has, whatever it is. */
const NOWHERE = [
  ...['a', 'a.', 'a..id', '.id', '', '.', 'a.nothing', 'a.nothing.id', 'a.id.nothing', 'a.id.0', 'a.0', 'a.-1', 'a.data.0.id'],
  ...[
    'a.__proto__',
    'a.__proto__.x',
    'a.constructor.name',
    'a.toString',
    'a.id.length',
    'a.hasOwnProperty.call',
    '__proto__.x',
    'constructor',
  ],
  ...[
    'b.id',
    'b',
    'c.id',
    'c.x.y',
    'gone',
    'gone.id',
    'gone.id.x',
    'none',
    'none.id',
    'list',
    'list.data',
    'list.data.id',
    'list.data.-1.id',
    'list.data.99.id',
  ],
  ...[
    'list.data.0',
    'list.data.1e9.id',
    'list.data.00.id',
    'list.data.99999999999999999999.id',
    'list.data.length',
    'list.page.next',
    'list.page.next.x',
  ],
  'a.id'.repeat(200),
  // The last page of a list has no next one, and this list has no rows.
  ...[
    'empty',
    'empty.data',
    'empty.data.0',
    'empty.data.0.id',
    'empty.page.next',
    'empty.page.next.x',
    'empty.page.next.x.y',
    'empty.page.next.0',
  ],
]

/**
 * Operations whose references lead through a value that is null, a text or a list, to an operation without an answer, to itself, to a later
 * one, and to one that fails; each in a body, as a whole body, within a value, in an address and in a filter.
 */
export function strayReferences(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { model } = asking.reference
  const write =
    requestAnswered(asking, { entity, verb: 'update', statuses: [200] }) ??
    requestAnswered(asking, { entity, verb: 'create', statuses: [201] })
  const shown = shownTo(asking, entity, write?.user ?? null)
  if (!hasApi(model, 'transaction') || write === null || shown === null) return []
  const sent = httpRequestOf(model, write.request)
  const at = `${restBase(model)}/${entity.path}`
  const body = sent.body as BodyValues
  const [name = 'name'] = Object.keys(body)
  const operation = { method: sent.method, path: sent.url }
  const first = [
    { method: 'GET', path: httpRequestOf(model, shown.request).url, name: 'a' },
    { method: 'GET', path: `${at}?page[size]=2`, name: 'list' },
    { ...operation, body, prefer: 'return=minimal', name: 'none' },
    { method: 'DELETE', path: `${at}/nothing-of-this-id`, name: 'gone' },
  ]
  const rowId = asking.reference.rows().get(entity.name)?.[0]?.id
  const empty = { method: 'GET', path: `${at}?filter[id][eq]=${absentId(String(rowId ?? ''))}`, name: 'empty' }
  const last = { method: 'GET', path: at, name: 'c' }
  const members = entity.fields.flatMap((field) => [`a.${field.name}.x`, `a.${field.name}.0.x`, `list.data.0.${field.name}.x.y`])
  const places = (way: string): readonly object[] => {
    const reference = { $ref: way }
    return [
      { ...operation, body: { ...body, [name]: reference } },
      { ...operation, body: { ...body, [name]: [reference, { x: reference }] } },
      { ...operation, body: reference },
      ...(sent.method === 'POST' ? [] : [{ method: sent.method, path: `${at}/\${${way}}`, body }]),
      ...[`${at}/\${${way}}`, `${at}?filter[id][eq]=\${${way}}`, `${at}?filter[id][in]=\${${way}},\${${way}}`].map((path) => ({
        method: 'GET',
        path,
      })),
      ...[`${at}?filter=id == \${${way}} `, `${at}?fields=\${${way}}`, `/\${${way}}/x`].map((path) => ({ method: 'GET', path })),
    ]
  }
  const url = `${restBase(model)}/transaction`
  const lists = [...NOWHERE, ...members].flatMap((way) => {
    // What fails or writes comes before only where it is asked about.
    const before = way.startsWith('empty') ? [empty] : first.slice(0, way.startsWith('gone') ? 4 : way.startsWith('none') ? 3 : 2)
    return places(way).map((one) => [...before, { ...one, name: 'b' }, last])
  })
  const requests = lists.map((operations): SentOverHttp => ({ method: 'POST', url, body: { operations } }))
  return [sending({ goal: 'references', user: write.user, requests, mayWrite: true })]
}

/** The row that a caller may read of which most values are missing. */
function shownTo(asking: PlannedWorld, entity: Entity, user: string | null): UsualRequest | null {
  const missing = ({ request }: UsualRequest): number =>
    request.kind === 'get'
      ? Object.values(asking.reference.find(entity.name, request.id) ?? {}).filter((value) => value === null).length
      : 0
  const [found] = [...requestsOf(asking, entity, 'get')]
    .filter((one) => one.user === user && one.expected.join() === '200')
    .sort((one, other) => missing(other) - missing(one))
  return found ?? null
}
