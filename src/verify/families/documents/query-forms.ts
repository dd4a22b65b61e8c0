/** Forms of one list in REST: equal queries answer equal rows, and what is no query is refused. */

import { restBase } from '../../../model/address/served.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { PageFacts } from './page-facts.ts'

/** A query of a list, and the ids that must be answered. */
export interface QueryForm {
  readonly goal: string
  readonly url: string
  /** Null for a query that must be refused. */
  readonly ids: readonly string[] | null
  /** The count that the page must have; absent where it must have none. */
  readonly count?: number
}

/** All forms for the lists of an entity. */
export function queryForms({ reference: { model } }: PlannedWorld, { entity, ids }: PageFacts): readonly QueryForm[] {
  const at = `${restBase(model)}/${entity.path}`
  const [a = '', b = '', c = ''] = ids
  const literal = (id: string): string => (entity.fields[0]?.type.kind === 'scalar' && /^\d+$/.test(id) ? id : JSON.stringify(id))
  const expression = (text: string): string => `filter=${encodeURIComponent(text)}`
  const three = `filter[id][in]=${a},${b},${c}`
  const forms: readonly (readonly [goal: string, query: string, ids: readonly string[] | null])[] = [
    ['equal', `filter[id]=${a}`, [a]],
    ['equal-named', `filter[id][eq]=${a}`, [a]],
    ['equal-encoded', `filter%5Bid%5D%5Beq%5D=${a}`, [a]],
    ['equal-expression', expression(`id == ${literal(a)}`), [a]],
    ['expression-reversed', expression(`${literal(a)} == id`), [a]],
    ['either', expression(`id == ${literal(a)} || id == ${literal(c)}`), [a, c]],
    ['among', expression(`id in [${literal(a)}, ${literal(c)}]`), [a, c]],
    ['items', three, [a, b, c]],
    ['not-one', `${three}&filter[id][ne]=${b}`, [a, c]],
    ['not-some', `${three}&filter[id][nin]=${a},${c}`, [b]],
    ['not-expression', `${three}&${expression(`!(id == ${literal(b)})`)}`, [a, c]],
    ['both-notations', `${three}&${expression(`id != ${literal(a)}`)}`, [b, c]],
    ['two-expressions', `${expression(`id in [${literal(a)}, ${literal(b)}]`)}&${expression(`id in [${literal(b)}, ${literal(c)}]`)}`, [b]],
    ['twice-one-filter', `filter[id]=${a}&filter[id]=${b}`, []],
    ['default-order', three, [a, b, c]],
    ['order', `${three}&sort=id`, [a, b, c]],
    ['descending', `${three}&sort=-id`, [c, b, a]],
    ['size', `${three}&page[size]=2`, [a, b]],
    ['size-one', `${three}&page[size]=1&sort=-id`, [c]],
    ['selected', `${three}&fields=id`, [a, b, c]],
    ['no-count', `${three}&count=false`, [a, b, c]],
    ['of-absent', `filter[id]=${absentOf(a)}`, []],
    ...(['page[size]=0', 'page[size]=-1', 'page[size]=101', 'page[size]=1.5', 'page[size]=x', 'page[size]='] as const).map(
      (query) => [`refused/${query}`, query, null] as const,
    ),
    ...['page[size]=1&page[size]=2', 'sort=id&sort=-id', 'sort=id,id', 'sort=id,-id', 'sort=', 'sort=,', 'sort=--id', 'sort=+id'].map(
      (query) => [`refused/${query}`, query, null] as const,
    ),
    ...['count=yes', 'count=1', 'count=', 'count=true&count=true', 'search=', 'search=%00', 'page[after]=', 'page[nothing]=1'].map(
      (query) => [`refused/${query}`, query, null] as const,
    ),
    ...['filter[id][like]=1', 'filter[]=1', 'filter[id]', 'filter[id][eq', 'filter[id][eq][x]=1', 'filter=', 'filter[nothing]=1'].map(
      (query) => [`refused/${query}`, query, null] as const,
    ),
    ...['fields=', 'fields=nothing', 'fields=id,', 'include=', 'include=nothing', 'include=id', 'fields[id]=id'].map(
      (query) => [`refused/${query}`, query, null] as const,
    ),
  ]
  return [
    ...forms.map(([goal, query, found]): QueryForm => ({ goal, url: `${at}?${query}`, ids: found })),
    { goal: 'count', url: `${at}?${three}&count=true&page[size]=1`, ids: [a], count: 3 },
  ]
}

function absentOf(id: string): string {
  return /^\d+$/.test(id) ? '987654321' : '01900000-0000-7000-8000-00000000dead'
}
