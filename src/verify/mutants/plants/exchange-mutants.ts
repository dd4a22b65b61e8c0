/** Mutants between the caller and the backend: parts of requests that are ignored, and answers that are changed. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity, Model } from '../../../model/model.ts'
import type { SentRequest } from '../../run/stage.ts'
import type { AlteredExchange, Mutant } from '../mutant.ts'
import { changedBody, decoded, isAbout, isList, exchangeMutant as mutantOf, withJson } from './exchanges.ts'
import { hasOneRowEach, isActedOn, isChanged, isCreated } from './plantable.ts'

/** A status, and the status that is sent in its place. */
const SWAPPED = [
  [404, 403],
  [401, 403],
  [403, 404],
  [400, 422],
  [409, 400],
  [201, 200],
] as const

/** All mutants of requests and answers in REST; none for a design without REST. */
export function exchangeMutants(model: Model): readonly Mutant[] {
  if (model.served.rest === null) return []
  const base = restBase(model)
  return model.entities.flatMap((entity) => [
    ...(isCreated(entity) || isChanged(entity) ? accepted(entity, base) : []),
    ...headers(entity, base, isActedOn(entity, model)),
    ...parameters(entity, base),
    ...pages(entity, base),
    ...failures(entity, base),
  ])
}

/** Bodies that the backend takes although they have a field that it maintains: it drops the field and says nothing. */
function accepted(entity: Entity, base: string): readonly Mutant[] {
  const about = isAbout(entity, base)
  return entity.fields
    .filter(({ system }) => system !== null && system !== 'id')
    .map(({ name }) =>
      mutantOf(entity, {
        kind: 'maintained-field-accepted',
        detail: name,
        what: `a body with ${name} is accepted`,
        claims: [`security/F203/${entity.name}`],
        open: () => ({ request: (asked) => (about(asked) ? { ...asked, body: withoutMember(asked.body, name) } : asked) }),
      }),
    )
}

/** A body without a member; that of a list, without it in each item. */
function withoutMember(body: unknown, name: string): unknown {
  return changedBody(body, (members) => Object.fromEntries(Object.entries(members).filter(([own]) => own !== name)))
}

/** Headers that the backend does not read. @param isActed whether somebody may change, delete or do something else with rows. */
function headers(entity: Entity, base: string, isActed: boolean): readonly Mutant[] {
  const about = isAbout(entity, base)
  const without = (header: string) => (asked: SentRequest) => {
    if (!about(asked) || asked.headers === undefined) return asked
    return { ...asked, headers: Object.fromEntries(Object.entries(asked.headers).filter(([name]) => name.toLowerCase() !== header)) }
  }
  const matched = mutantOf(entity, {
    kind: 'if-match-ignored',
    what: 'If-Match is not compared',
    claims: [`races/${entity.name}`],
    open: () => ({ request: without('if-match') }),
  })
  const repeated = mutantOf(entity, {
    kind: 'idempotency-ignored',
    what: 'a repeated request is done again',
    claims: [`races/${entity.name}`],
    open: () => ({ request: without('idempotency-key') }),
  })
  return [...(isActed ? [matched] : []), ...(isCreated(entity) ? [repeated] : [])]
}

/** Parameters of lists that the backend does not read. */
function parameters(entity: Entity, base: string): readonly Mutant[] {
  const query = (change: (parameters: readonly string[]) => readonly string[]) => (asked: SentRequest) => {
    if (!isList(asked, entity, base)) return asked
    const [path = '', parameters = ''] = asked.url.split('?', 2)
    const kept = change(parameters.split('&').filter((one) => one !== ''))
    return { ...asked, url: kept.length === 0 ? path : `${path}?${kept.join('&')}` }
  }
  const has = (name: string) => (parameter: string) => decoded(parameter.split('=', 1)[0] ?? '').startsWith(name)
  const claims = [`lists/${entity.name}`, `access/${entity.name}.read`]
  const ignored = (kind: 'filter-ignored' | 'order-ignored' | 'page-size-ignored', what: string, name: string): Mutant =>
    mutantOf(entity, { kind, what, claims, open: () => ({ request: query((all) => all.filter((one) => !has(name)(one))) }) })
  return [
    ignored('filter-ignored', 'lists are not filtered', 'filter'),
    ...(hasOneRowEach(entity)
      ? []
      : [
          ignored('order-ignored', 'lists are not sorted', 'sort'),
          ignored('page-size-ignored', 'pages have the usual size', 'page[size]'),
        ]),
  ]
}

/** Pages that begin at the wrong row, and wrong counts. */
function pages(entity: Entity, base: string): readonly Mutant[] {
  const claims = [`lists/${entity.name}`, `access/${entity.name}.read`]
  const isNext = (asked: SentRequest): boolean => isList(asked, entity, base) && decoded(asked.url).includes('page[after]=')
  const repeats = (): AlteredExchange => {
    const last = new Map<string, unknown>()
    return {
      answer: (asked, answered) => {
        if (!isList(asked, entity, base) || answered.status !== 200) return answered
        const after = isNext(asked) ? last.get(new URL(asked.url, 'http://x').searchParams.get('page[after]') ?? '') : undefined
        const next = answered.json.page?.next
        if (typeof next === 'string') last.set(next, answered.json.data.at(-1))
        return after === undefined ? answered : withJson(answered, { ...answered.json, data: [after, ...answered.json.data] })
      },
    }
  }
  const skips = (): AlteredExchange => ({
    answer: (asked, answered) =>
      isNext(asked) && answered.status === 200 ? withJson(answered, { ...answered.json, data: answered.json.data.slice(1) }) : answered,
  })
  const counts = (): AlteredExchange => ({
    answer: (asked, answered) => {
      const count = answered.json?.page?.count
      if (!isList(asked, entity, base) || typeof count !== 'number') return answered
      return withJson(answered, { ...answered.json, page: { ...answered.json.page, count: count + 1 } })
    },
  })
  return [
    ...(hasOneRowEach(entity)
      ? []
      : [
          mutantOf(entity, {
            kind: 'cursor-repeats',
            what: 'a page begins with the last row of the page before it',
            claims,
            open: repeats,
          }),
          mutantOf(entity, { kind: 'cursor-skips', what: 'a page leaves out its first row', claims, open: skips }),
        ]),
    mutantOf(entity, { kind: 'count-wrong', what: 'a count is one too many', claims, open: counts }),
  ]
}

function failures(entity: Entity, base: string): readonly Mutant[] {
  const about = isAbout(entity, base)
  const claims = [
    `access/${entity.name}.read`,
    `access/${entity.name}.create`,
    `access/${entity.name}.update.from`,
    `values/${entity.name}`,
  ]
  // Only a value that must be unique leads to a conflict with rows of the entity itself.
  const isUnique = entity.uniques.some(({ fields }) => fields.join() !== 'id')
  const swapped = SWAPPED.filter(([from]) => (from === 409 ? isUnique : from !== 201 || isCreated(entity))).map(([from, to]) =>
    mutantOf(entity, {
      kind: 'status-swapped',
      detail: `${from}:${to}`,
      what: `${to} in place of ${from}`,
      claims,
      open: () => ({
        answer: (asked, answered) => {
          if (!about(asked) || answered.status !== from) return answered
          const { json } = answered
          return typeof json?.status === 'number'
            ? { ...withJson(answered, { ...json, status: to }), status: to }
            : { ...answered, status: to }
        },
      }),
    }),
  )
  const leak = (): AlteredExchange => ({
    answer: (asked, answered) =>
      about(asked) && answered.status >= 400 && typeof answered.json === 'object'
        ? withJson(answered, { ...answered.json, detail: `duplicate key value violates unique constraint "${entity.table}_key"` })
        : answered,
  })
  return [
    ...swapped,
    mutantOf(entity, {
      kind: 'detail-leaks',
      what: 'a failure shows a constraint of the database',
      claims: [`security/F209/${entity.name}`, ...claims],
      open: leak,
    }),
  ]
}
