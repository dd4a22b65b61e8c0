/** The cases of the family `lists`: orders, pages, counts and filters of each entity, compared with a sort and a filter in memory. */

import type { Entity } from '../../model/model.ts'
import type { Case } from '../cases/case.ts'
import { type Api, hasApi } from '../cases/doors.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import type { PlannedWorld } from '../cases/questions.ts'
import { type AbstractRequest, ALL, type AskedFilter, type SortKey } from '../expected/abstract-request.ts'
import { orderOfValues } from '../expected/compare.ts'
import { expectationOf } from '../expected/expectation.ts'
import type { PlainRow } from '../oracle/oracle-rows.ts'
import type { PlainValue } from '../oracle/oracle-values.ts'
import { type AskedList, changingPages } from './list-changes.ts'
import { foreignCursors } from './list-cursors.ts'
import { filterCases, isFilterable, itemCases } from './list-filters.ts'

const CHANGES = ['row-added', 'row-deleted']
/** The pages of each kind of order. Many small pages take long, so that orders of indexes have pages that end among equal values only. */
const SIZES: Readonly<Record<'byId' | 'byIndex', Readonly<Record<'rest' | 'graphql', readonly string[]>>>> = {
  byId: { rest: ['size-1', 'size-2', 'size-n-less-1', 'size-n', 'size-n-more-1'], graphql: ['size-2', 'size-n'] },
  byIndex: { rest: ['size-7', 'size-n-less-1'], graphql: ['size-7'] },
}

/** An order of a list, with what makes an index serve it. */
interface Order {
  /** `by-id`, `by--createdAt`, `author-by--createdAt`. */
  readonly name: string
  readonly sort: readonly SortKey[]
  readonly filters: readonly AskedFilter[]
}

/** The most rows of a page. */
const PAGE = 100

/** The claims of all entities whose rows somebody can list. */
export function listCases(asking: PlannedWorld): readonly PlannedFamily[] {
  return asking.reference.model.entities.flatMap((entity) => {
    const lists = listsOf(asking, entity)
    return lists.length === 0 ? [] : [planEntity(asking, entity, lists)]
  })
}

/** The list of the caller who sees most rows, and that of one who sees fewer but several. */
function listsOf({ reference, world }: PlannedWorld, entity: Entity): readonly AskedList[] {
  const all = [...world.accounts, null].flatMap((user): readonly AskedList[] => {
    const sight = reference.sightOf(user)
    if (!sight.kind.mayHold(entity.name, 'read')) return []
    return [{ entity, user, rows: sight.masked().get(entity.name) ?? [] }]
  })
  const [most] = all.toSorted((a, b) => b.rows.length - a.rows.length)
  if (most === undefined || most.rows.length === 0) return []
  const fewer = all.find(({ rows }) => rows.length >= 3 && rows.length < most.rows.length)
  return [most, ...(fewer === undefined ? [] : [fewer])]
}

function planEntity(asking: PlannedWorld, entity: Entity, lists: readonly AskedList[]): PlannedFamily {
  const id = `lists/${entity.name}`
  const orders = lists.flatMap((list) => ordersOf(asking, list).map((order) => ({ list, order })))
  const found = [
    ...orders.flatMap(({ list, order }) => pageCases(asking, { id, list, order })),
    ...lists.slice(0, 1).flatMap((list) => [...filterCases(asking, id, list), ...itemCases(asking, id, list)]),
  ]
  const probes = lists
    .slice(0, 1)
    .flatMap((list) => [
      ...changingPages(asking, id, list),
      ...foreignCursors(asking, id, { ...list, orders: ordersOf(asking, list).flatMap(sortAlone) }),
    ])
  const asked = new Set([...found.flatMap(({ goals }) => goals), ...probes.flatMap(({ goals }) => goals)])
  const facts = factsOf(asking, entity)
  return {
    plan: {
      id,
      claim: `Lists of ${entity.name} have all rows that may be seen, once each, in the order that was asked, on pages of any size.`,
      path: ['entities', entity.name],
      oracle: 'a sort and a filter of the rows in memory',
      text: 'pages of 1, 2, n - 1, n and n + 1 rows in both directions, equal and missing values, counts, filters of each index and operator, rows that come and go between pages',
      what: 'orders and pages',
      asked: [...asked].sort(),
      impossible: facts.impossible,
      untested: [...facts.wanted, ...CHANGES].filter((goal) => !asked.has(goal)),
    },
    cases: unique(found),
    probes,
  }
}

/** `-createdAt`, for an order that needs no filter. */
function sortAlone({ sort, filters }: Order): readonly string[] {
  return filters.length > 0 ? [] : [sort.map(({ name, descending }) => `${descending ? '-' : ''}${name}`).join()]
}

function unique(cases: readonly Case[]): readonly Case[] {
  const seen = new Set<string>()
  return cases.filter(({ name }) => !seen.has(name) && seen.add(name))
}

/** Equal and missing values of each index: those that can be there, and those that cannot. */
function factsOf(
  { reference }: PlannedWorld,
  entity: Entity,
): { readonly wanted: readonly string[]; readonly impossible: readonly string[] } {
  const own = reference.design.entities[entity.name]
  const facts = (own?.indexes ?? []).flatMap((index) => {
    const name = index.join('+')
    const names = index.map((key) => key.replace(/^-/, ''))
    const fields = names.flatMap((one) => entity.fields.filter((field) => field.name === one))
    const isHidden = fields.some((field) => own?.fields[field.name]?.read !== undefined)
    const isUnique = entity.uniques.some(({ fields: unique }) => unique.every((one) => names.includes(one)))
    const isList = fields.some(({ type }) => type.kind === 'list')
    const isSortable = !isHidden && !isList
    return [
      { goal: `${name}/equal`, possible: isSortable && !isUnique },
      { goal: `${name}/missing`, possible: isSortable && fields.some(({ optional }) => optional) },
    ]
  })
  return {
    wanted: facts.filter(({ possible }) => possible).map(({ goal }) => goal),
    impossible: facts.filter(({ possible }) => !possible).map(({ goal }) => goal),
  }
}

/** The order by id, and each declared index in both directions, also after its first fields are equal to a value. */
function ordersOf({ reference }: PlannedWorld, { entity, rows, user }: AskedList): readonly Order[] {
  const own = reference.design.entities[entity.name]
  const readable = reference.sightOf(user).kind.readable(entity.name)
  const byId = [false, true].map(
    (descending): Order => ({ name: descending ? 'by--id' : 'by-id', sort: [{ name: 'id', descending }], filters: [] }),
  )
  const declared = (own?.indexes ?? []).flatMap((index) => {
    const keys = index.map((key): SortKey => ({ name: key.replace(/^-/, ''), descending: key.startsWith('-') }))
    const isUsable = keys.every(({ name }) => {
      const field = entity.fields.find((one) => one.name === name)
      return field !== undefined && readable.has(name) && own?.fields[name]?.read === undefined && field.type.kind !== 'list'
    })
    if (!isUsable) return []
    return keys.flatMap((_, at) => {
      const filters = equalTo(rows, keys.slice(0, at))
      if (filters === null) return []
      const prefix = keys
        .slice(0, at)
        .map(({ name }) => `${name}-`)
        .join('')
      return [false, true].map((reversed): Order => {
        const sort = keys.slice(at).map(({ name, descending }) => ({ name, descending: descending !== reversed }))
        return { name: `${prefix}by-${sort.map(({ name, descending }) => `${descending ? '-' : ''}${name}`).join('-')}`, sort, filters }
      })
    })
  })
  return [...byId, ...declared]
}

/** Filters that give each field the value that most rows have together; null where no row has them all. */
function equalTo(rows: readonly PlainRow[], keys: readonly SortKey[]): readonly AskedFilter[] | null {
  if (keys.length === 0) return []
  const having = rows.filter((row) => keys.every(({ name }) => isFilterable(row[name] ?? null)))
  const groups = [...Map.groupBy(having, (row) => JSON.stringify(keys.map(({ name }) => row[name]))).values()]
  const [most] = groups.toSorted((a, b) => b.length - a.length)
  const [row] = most ?? []
  if (row === undefined) return null
  return keys.map(({ name }) => ({ kind: 'bracket', path: [name], op: 'eq', value: String(row[name]) }))
}

interface Paging {
  readonly id: string
  readonly list: AskedList
  readonly order: Order
}

function pageCases(asking: PlannedWorld, { id, list, order }: Paging): readonly Case[] {
  const { reference } = asking
  const request = (size: number, count = false): AbstractRequest => ({
    kind: 'list',
    entity: list.entity.name,
    filters: order.filters,
    sort: order.sort,
    size,
    search: null,
    count,
    selected: ALL,
  })
  const expected = expectationOf(reference, list.user, request(PAGE))
  const shown = expected.list?.rows ?? []
  const n = shown.length
  if (expected.statuses[0] !== 200 || n === 0) return []
  const facts = [
    ...(hasEqual(shown.map(({ keys }) => keys)) ? ['equal'] : []),
    ...(shown.some(({ keys }) => keys.includes(null)) && shown.some(({ keys }) => !keys.includes(null)) ? ['missing'] : []),
  ].flatMap((fact) => indexNames(asking, list.entity, order).map((index) => `${index}/${fact}`))
  const who = list.user === null ? 'anonymous' : 'account'
  const at = (label: string, api: Api, asked: AbstractRequest): Case => ({
    name: `${id}/${order.name}/${label}/${api}${listsOf(asking, list.entity)[0]?.user === list.user ? '' : `-other-${who}`}`,
    claim: id,
    door: api === 'rest' ? 'list' : 'graphql-list',
    api,
    user: list.user,
    request: asked,
    goals: [`${order.name}/${label}`, ...facts],
    atoms: {},
    served: true,
  })
  const sizes = [
    ['size-1', 1],
    ['size-2', 2],
    ['size-7', 7],
    ['size-n-less-1', n - 1],
    ['size-n', n],
    ['size-n-more-1', n + 1],
  ] as const
  const wanted = SIZES[order.filters.length === 0 && order.sort[0]?.name === 'id' ? 'byId' : 'byIndex']
  const apis = (['rest', 'graphql'] as const).filter((api) => hasApi(reference.model, api))
  return apis.flatMap((api) => [
    ...sizes
      .filter(([label, size]) => wanted[api].includes(label) && size >= 1 && size <= PAGE)
      .filter(([label, size]) => label === 'size-1' || label === 'size-2' || size > 2)
      .map(([label, size]) => at(label, api, request(size))),
    at('count', api, request(PAGE, true)),
  ])
}

function hasEqual(keys: readonly (readonly PlainValue[])[]): boolean {
  const sorted = keys.toSorted((a, b) => a.map((value, i) => orderOfValues(value, b[i] ?? null)).find((order) => order !== 0) ?? 0)
  return sorted.some((key, i) => i > 0 && JSON.stringify(key) === JSON.stringify(sorted[i - 1]) && key.length > 0)
}

/** The declared indexes that serve an order. */
function indexNames({ reference }: PlannedWorld, entity: Entity, { sort, filters }: Order): readonly string[] {
  const fields = [...filters.flatMap((filter) => (filter.kind === 'bracket' ? filter.path : [])), ...sort.map(({ name }) => name)]
  return (reference.design.entities[entity.name]?.indexes ?? [])
    .filter((index) => JSON.stringify(index.map((key) => key.replace(/^-/, ''))) === JSON.stringify(fields))
    .map((index) => index.join('+'))
}
