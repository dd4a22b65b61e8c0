/** F204: a row that the caller may not read is answered like one that does not exist, by every method and in lists. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { absentId } from '../../cases/absent-id.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { isLive } from '../../expected/reference.ts'
import { answersAlike, searchedFields, uniquesOf } from '../../expected/written-design.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { differenceOf } from '../alike.ts'
import { madeUpLinks } from '../doors/made-up-links.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'
import { rowDoors } from '../row-doors.ts'

/** The claim about the rows of an entity. None where every caller reads all rows. */
export function hiddenRows(asking: PlannedWorld, entity: Entity): PlannedFamily {
  const found = blindCallers(asking, entity)
  return familyOf(
    {
      of: 'F204',
      entity: entity.name,
      claim: `Nothing tells a ${entity.name} that the caller may not read from one that does not exist (OWASP API1).`,
      text: 'each method, header and filter with the id of a hidden row and with a made-up one; hidden unique values; searches for words of hidden rows; links to files that somebody made up',
      oracle: 'the same request about a row that does not exist, compared byte for byte',
    },
    found.flatMap((blind) => [
      ...doorProbes(asking, blind),
      ...filterProbes(asking, blind),
      ...uniqueProbes(asking, blind),
      ...searchProbe(asking, blind),
      ...madeUpLinks(asking, entity, blind),
    ]),
  )
}

/** A caller with a row that it may not read. */
interface Blind {
  readonly entity: Entity
  readonly user: string | null
  readonly row: PlainRow
  /** For names of probes. */
  readonly who: 'account' | 'anonymous'
}

/** An account, which may do as much as possible, and an anonymous caller. */
function blindCallers({ reference, world }: PlannedWorld, entity: Entity): readonly Blind[] {
  const rows = (reference.rows().get(entity.name) ?? []).filter(isLive)
  const blind = [...world.accounts, null].flatMap((user): readonly Blind[] => {
    const row = rows.find((one) => !reference.sightOf(user).sees(entity.name, one))
    return row === undefined ? [] : [{ entity, user, row, who: user === null ? 'anonymous' : 'account' }]
  })
  const power = ({ user }: Blind): number => {
    const { kind } = reference.sightOf(user)
    return (['read', 'create', 'update.from', 'delete'] as const).filter((rule) => kind.mayHold(entity.name, rule)).length
  }
  const accounts = blind.filter(({ user }) => user !== null).toSorted((a, b) => power(b) - power(a))
  return [...accounts.slice(0, 1), ...blind.filter(({ user }) => user === null)]
}

/** One request about a hidden row, and its twin. */
function twinProbe(
  goal: string,
  user: string | null,
  [sent, twin]: readonly [SentOverHttp, SentOverHttp],
  texts: readonly [string, string],
): SecurityProbe {
  return {
    goal,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const answer = await tools.send({ ...sent, token })
      const other = await tools.send({ ...twin, token })
      const wrong = answer.status >= 500 ? `status ${answer.status}` : differenceOf(answer, other, [texts])
      return {
        wrong,
        statuses: [other.status],
        why: 'a row that the caller may not read is answered as one that does not exist',
        sent,
        answer,
      }
    },
  }
}

function doorProbes(asking: PlannedWorld, { entity, user, row, who }: Blind): readonly SecurityProbe[] {
  const id = String(row.id)
  const absent = absentId(id)
  return rowDoors(asking, { entity, user, row }).map(({ name, to }) =>
    twinProbe(`${name}/${who}`, user, [to(id), to(absent)], [id, absent]),
  )
}

/** Filters by the id. */
function filterProbes({ reference: { model } }: PlannedWorld, { entity, user, row, who }: Blind): readonly SecurityProbe[] {
  const at = `${restBase(model)}/${entity.path}`
  const ids = [String(row.id), absentId(String(row.id))] as const
  const literal = (id: string): string => (typeof row.id === 'number' ? id : JSON.stringify(id))
  const filters: Readonly<Record<string, (id: string) => string>> = {
    'filter-id': (id) => `filter[id][eq]=${encodeURIComponent(id)}`,
    'filter-in': (id) => `filter[id][in]=${encodeURIComponent(id)}`,
    'filter-expression': (id) => `filter=${encodeURIComponent(`id == ${literal(id)}`)}`,
    count: (id) => `filter[id][in]=${encodeURIComponent(id)}&count=true`,
  }
  return Object.entries(filters).map(([name, query]) => {
    const get = (id: string): SentOverHttp => ({ method: 'GET', url: `${at}?${query(id)}` })
    return twinProbe(`${name}/${who}`, user, [get(ids[0]), get(ids[1])], ids)
  })
}

/** A create with the unique value of a hidden row says no more than one with the value of a row that the caller sees. */
function uniqueProbes(asking: PlannedWorld, { entity, user, who }: Blind): readonly SecurityProbe[] {
  const { reference } = asking
  const own = reference.design.entities[entity.name]
  const sight = reference.sightOf(user)
  const create = requestAnswered(
    asking,
    { entity, verb: 'create', statuses: [201] },
    (one) => one.user === user && !isUnforeseen(reference, { ...one, api: 'rest' }),
  )
  const [body] = create?.request.kind === 'create' ? create.request.rows : []
  if (create?.request.kind !== 'create' || body === undefined || answersAlike(own)) return []
  const { request } = create
  return uniquesOf(own).flatMap(({ names }): readonly SecurityProbe[] => {
    const [name = ''] = names
    if (names.length !== 1 || !Object.hasOwn(body, name)) return []
    const rows = (reference.rows().get(entity.name) ?? []).filter((row) => isLive(row) && typeof row[name] === 'string')
    const [hidden] = rows.filter((row) => !sight.sees(entity.name, row))
    const [seen] = rows.filter((row) => sight.sees(entity.name, row) && sight.seesField(entity.name, name, row))
    if (hidden === undefined || seen === undefined) return []
    const withValue = (row: PlainRow) => ({ ...request, rows: [{ ...body, [name]: row[name] }] })
    if ([hidden, seen].some((row) => expectationOf(reference, user, withValue(row)).statuses.join() !== '409')) return []
    const send = (row: PlainRow): SentOverHttp => httpRequestOf(reference.model, withValue(row))
    return [twinProbe(`unique-${name}/${who}`, user, [send(hidden), send(seen)], [String(hidden[name]), String(seen[name])])]
  })
}

/** No search for a word of a hidden row finds it or counts it. */
function searchProbe({ reference }: PlannedWorld, { entity, user, row, who }: Blind): readonly SecurityProbe[] {
  const { kind } = reference.sightOf(user)
  const readable = kind.readable(entity.name)
  const name = searchedFields(reference.design.entities[entity.name]).find((field) => readable.has(field) && typeof row[field] === 'string')
  const word = /[\p{L}\p{N}]{3,}/u.exec(String(name === undefined ? '' : row[name]))?.[0]
  if (word === undefined) return []
  const sent = {
    method: 'GET',
    url: `${restBase(reference.model)}/${entity.path}?search=${encodeURIComponent(word)}&count=true&page[size]=100`,
  }
  return [
    {
      goal: `search/${who}`,
      user,
      async ask(tools) {
        const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
        const { data, page } = (answer.json ?? {}) as {
          readonly data?: readonly PlainRow[]
          readonly page?: { readonly count?: number; readonly next?: unknown }
        }
        const isThere = data?.some(({ id }) => id === row.id) === true
        const isCounted = page?.next === null && page.count !== undefined && page.count !== data?.length
        const wrong =
          answer.status >= 500
            ? `status ${answer.status}`
            : isThere
              ? 'the search finds the row'
              : isCounted
                ? `${page?.count} rows are counted, and ${data?.length} shown`
                : null
        return { wrong, statuses: [200], why: 'a search finds only rows that the caller may read', sent, answer }
      },
    },
  ]
}
