/** Limits of lists: conditions, texts and items of filters, sort keys, levels of include, and parameters. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity, Model } from '../../../model/model.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { readerOf } from '../probes.ts'
import type { AskedLimit } from './limit-probe.ts'

const CONDITIONS = 100
const TEXT = 1_000
const ITEMS = 500
const SORT_KEYS = 8
const LEVELS = 3
const PARAMETERS = 200

/** The limits of the lists of an entity, in REST and GraphQL; none for one that nobody may list, or without a row. */
export function listLimits(asking: PlannedWorld, entity: Entity): readonly AskedLimit[] {
  const { model } = asking.reference
  const user = readerOf(asking, entity)
  const id = asking.reference.rows().get(entity.name)?.[0]?.id
  if (id === undefined) return []
  const at = `${restBase(model)}/${entity.path}`
  const list = (goal: string, most: number, query: (count: number) => string, reached: AskedLimit['reached'] = 'served'): AskedLimit => ({
    ...{ goal: `list-${goal}`, user, most, reached },
    having: (count) => ({ method: 'GET', url: `${at}?${query(count)}` }),
  })
  const text = entity.fields.find(
    ({ type, read, system }) => system === null && read.kind === 'const' && type.kind === 'scalar' && type.scalar === 'text',
  )?.name
  const one = `filter[id][eq]=${id}`
  const names = entity.fields.filter(({ type, read }) => read.kind === 'const' && type.kind === 'scalar').map(({ name }) => name)
  const chain = relationChain(model, entity, LEVELS + 1)
  return [
    list('conditions', CONDITIONS, (count) => Array.from({ length: count }, () => one).join('&')),
    list('items', ITEMS, (count) => `${one}&filter[version][in]=${Array.from({ length: count }, () => 1).join()}`),
    list('parameters', PARAMETERS, (count) => Array.from({ length: count }, (_, i) => `nothing${i}=1`).join('&'), 'refused otherwise'),
    list('search', TEXT, (count) => `search=${'a'.repeat(count)}`, entity.search === null ? 'refused otherwise' : 'served'),
    ...(text === undefined
      ? []
      : (['eq', 'contains', 'startsWith'] as const).map((op) =>
          list(`text-${op}`, TEXT, (count) => `${one}&filter[${text}][${op}]=${'a'.repeat(count)}`),
        )),
    ...(names.length > SORT_KEYS
      ? [list('sort-keys', SORT_KEYS, (count) => `${one}&sort=${names.slice(0, count).join()}`, 'refused otherwise')]
      : []),
    ...(chain === null ? [] : [list('include', LEVELS, (count) => `include=${chain.slice(0, count).join('.')}`, 'refused otherwise')]),
    ...(model.served.graphql ? inGraphql(asking, entity, { user, id, text }) : []),
  ]
}

function inGraphql(
  asking: PlannedWorld,
  entity: Entity,
  { user, id, text }: { readonly user: string | null; readonly id: unknown; readonly text: string | undefined },
): readonly AskedLimit[] {
  const { many, types, members } = schemaNamesOf(asking, entity)
  const query = `query ($f: ${types.get('Filter')}) { ${many}(filter: $f) { nodes { id } } }`
  const list = (goal: string, most: number, filter: (count: number) => unknown): AskedLimit => ({
    ...{ goal: `graphql-${goal}`, user, most, reached: 'served' },
    having: (count) => ({ method: 'POST', url: '/graphql', body: { query, variables: { f: filter(count) } } }),
  })
  const known = text === undefined ? undefined : (members.get(text) ?? text)
  return [
    list('conditions', CONDITIONS, (count) => ({ or: Array.from({ length: count }, () => ({ id: { eq: id } })) })),
    list('items', ITEMS, (count) => ({ id: { in: Array.from({ length: count }, () => id) } })),
    ...(known === undefined ? [] : [list('text', TEXT, (count) => ({ id: { eq: id }, [known]: { eq: 'a'.repeat(count) } }))]),
  ]
}

/** Names of relations and references, each of the entity that the one before leads to; null if there are not so many. */
function relationChain(model: Model, entity: Entity, length: number): readonly string[] | null {
  if (length === 0) return []
  const ways = [
    ...entity.fields.flatMap(({ name, type }) => (type.kind === 'ref' ? [[name, type.entity] as const] : [])),
    ...entity.relations.map(({ name, entity: to }) => [name, to] as const),
  ]
  for (const [name, to] of ways) {
    const next = model.entities.find((other) => other.name === to)
    const rest = next === undefined ? null : relationChain(model, next, length - 1)
    if (rest !== null) return [name, ...rest]
  }
  return null
}
