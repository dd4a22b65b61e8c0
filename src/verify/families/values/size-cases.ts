/** F102 for sizes of pages: the greatest is taken at every door, and one more is refused. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeCase } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { schemaNamesOf } from '../../requests/graphql-words.ts'
import { refusalFamily } from './refused-values.ts'

const CLAIM = 'values/page-sizes'
/** The most rows of a page, as the documents say. */
const MOST = 100
const REFUSED = [MOST + 1, MOST * 2, 1_000, 2 ** 31 - 1, -1]

/** A door at which a page has a size. */
interface SizeDoor {
  readonly name: string
  readonly requestWith: (size: number) => SentOverHttp
  readonly smallest: number
}

/** The claim about sizes of pages; none for a design without REST. */
export function sizeCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model } = asking.reference
  if (model.served.rest === null) return []
  const probes = model.entities.flatMap((entity): readonly ProbeCase[] => {
    const found = requestAnswered(asking, { entity, verb: 'list', statuses: [200] })
    return found === null ? [] : doorsOf(asking, entity, found.user).map((door) => probeOf(entity, found.user, door))
  })
  return refusalFamily(
    {
      id: CLAIM,
      claim: 'No page has more rows than the documents allow, at whichever door it is asked for.',
      oracle: `the reference of REST and of GraphQL: at most ${MOST} rows`,
      text: 'sizes of pages on both sides of the limits: of lists, alone and in transactions, of pages in GraphQL and of those in their rows, in variables and in documents; refused, or answered',
    },
    probes,
  )
}

function doorsOf({ reference }: PlannedWorld, entity: Entity, user: string | null): readonly SizeDoor[] {
  const { model } = reference
  const url = (size: number): string => `${restBase(model)}/${entity.path}?page[size]=${size}&fields=id`
  const rest: readonly SizeDoor[] = [
    { name: 'list', smallest: 1, requestWith: (size) => ({ method: 'GET', url: url(size) }) },
    ...(hasApi(model, 'transaction')
      ? [
          {
            name: 'transaction',
            smallest: 1,
            requestWith: (size: number) => ({
              method: 'POST',
              url: `${restBase(model)}/transaction`,
              body: { operations: [{ method: 'GET', path: url(size) }] },
            }),
          },
        ]
      : []),
  ]
  if (!hasApi(model, 'graphql')) return rest
  const { many, members } = schemaNamesOf({ reference }, entity)
  const { kind } = reference.sightOf(user)
  const inner = entity.relations
    .filter(({ entity: other, via }) => kind.mayHold(other, 'read') && kind.readable(other).has(via))
    .map(({ name }) => members.get(name) ?? name)
  const selections = [
    { name: 'page', rows: (argument: string) => `${many}(first: ${argument}) { nodes { id } }` },
    ...inner.map((name) => ({
      name: `page-of-${name}`,
      rows: (argument: string) => `${many}(first: 1) { nodes { ${name}(first: ${argument}) { nodes { id } } } }`,
    })),
  ]
  const graphql = selections.flatMap(({ name, rows }): readonly SizeDoor[] => [
    {
      name: `graphql-${name}`,
      smallest: 0,
      requestWith: (first) => ({
        method: 'POST',
        url: '/graphql',
        body: { query: `query ($first: Int) { ${rows('$first')} }`, variables: { first } },
      }),
    },
    {
      name: `graphql-${name}-literal`,
      smallest: 0,
      requestWith: (first) => ({ method: 'POST', url: '/graphql', body: { query: `{ ${rows(String(first))} }` } }),
    },
  ])
  return [...rest, ...graphql]
}

function probeOf(entity: Entity, user: string | null, { name, requestWith, smallest }: SizeDoor): ProbeCase {
  const goal = `${entity.name}/${name}`
  return {
    ...{ name: `${CLAIM}/${goal}`, claim: CLAIM, door: name, user, goals: [goal], atoms: {} },
    async ask(tools) {
      const token = tools.tokenOf(user)
      const outcome = { statuses: [200, 400], why: `a page has at most ${MOST} rows` }
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
      for (const size of [smallest, MOST, ...(smallest === 1 ? [0] : []), ...REFUSED]) {
        const sent = requestWith(size)
        const answer = await tools.send({ ...sent, token })
        last = { sent, answer }
        const isTaken = answer.status === 200 && answer.json?.errors === undefined
        const isAllowed = size >= smallest && size <= MOST
        const wrong = answer.status >= 500 || isTaken !== isAllowed
        if (wrong) return { ...outcome, ...last, wrong: `${size}: status ${answer.status}: ${answer.text.slice(0, 200)}` }
      }
      if (last === null) throw new Error('a size is asked at least once')
      return { ...outcome, ...last, wrong: null }
    },
  }
}
