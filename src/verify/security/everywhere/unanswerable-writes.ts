/** F104 for writes that ask for an answer that cannot be given: they are refused before they write, whatever the write itself is. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { isRefusal, isRefusedAnswer, type SecurityProbe } from '../probes.ts'

const NAME = 'nothingOfThisName'
const WHY = 'the answer that is asked for cannot be given, so nothing is written'

interface Asking {
  readonly label: string
  readonly sent: SentOverHttp
  /** Null for a refusal whose status says nothing, as in GraphQL. */
  readonly status: number | null
}

/** Writes that would succeed, each with every answer that cannot be given: for a create, a change, a replacement and a delete. */
export function unanswerableWrites(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  if (answersAlike(asking.reference.design.entities[entity.name])) return []
  return (['create', 'update', 'replace', 'delete'] as const).flatMap((verb) => {
    const usual = requestAnswered(asking, { entity, verb, statuses: [200, 201, 204] })
    return usual === null ? [] : [probeOf(asking, usual, `unanswerable/${verb}`)]
  })
}

/** The same address and headers with what no answer can be. */
export function unanswerable(sent: SentOverHttp): readonly Asking[] {
  const asking = (query: string): SentOverHttp => ({ ...sent, url: `${sent.url}${sent.url.includes('?') ? '&' : '?'}${query}` })
  const heading = (one: SentOverHttp, headers: Readonly<Record<string, string>>): SentOverHttp => ({
    ...one,
    headers: { ...one.headers, ...headers },
  })
  return [
    { label: 'parameter', sent: asking(`${NAME}=1`), status: 400 },
    { label: 'fields', sent: asking(`fields=${NAME}`), status: 400 },
    { label: 'some-fields', sent: asking(`fields=id,${NAME}`), status: 400 },
    { label: 'include', sent: asking(`include=${NAME}`), status: 400 },
    { label: 'fields-of-include', sent: asking(`fields[${NAME}]=id`), status: 400 },
    { label: 'fields-without-body', sent: heading(asking(`fields=${NAME}`), { prefer: 'return=minimal' }), status: 400 },
    { label: 'accept', sent: heading(sent, { accept: 'image/png' }), status: 406 },
  ]
}

function probeOf(asking: PlannedWorld, { user, request }: UsualRequest, goal: string): SecurityProbe {
  const { reference } = asking
  const { model } = reference
  const sent = httpRequestOf(model, request)
  const isOpen = isUnforeseen(reference, { user, request, api: 'rest' })
  const requests = [
    ...unanswerable(sent),
    ...(hasApi(model, 'transaction') ? [inTransaction(restBase(model), sent)] : []),
    ...(hasApi(model, 'graphql') ? inGraphql(asking, { user, request }) : []),
  ]
  return {
    goal,
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } = {
        sent,
        answer: { status: 0, headers: {}, json: null, text: '' },
      }
      for (const one of requests) {
        const answer = await tools.send({ ...one.sent, token })
        last = { sent: one.sent, answer }
        // A hook may refuse the write first.
        const isRight =
          one.status === null ? isRefusedAnswer(one.sent, answer) : answer.status === one.status || (isOpen && isRefusal(answer.status))
        if (!isRight) return { wrong: `${one.label}: status ${answer.status}`, statuses: [one.status ?? 400], why: WHY, ...last }
        if (JSON.stringify([...(await tools.rows())]) !== JSON.stringify([...tools.before]))
          return { wrong: `${one.label}: refused, and the rows changed`, statuses: [one.status ?? 400], why: WHY, ...last }
      }
      return { wrong: null, statuses: [400], why: WHY, ...last }
    },
  }
}

/** The write as the one operation of a transaction, whose answer has no such field. */
function inTransaction(base: string, { method, url, body }: SentOverHttp): Asking {
  const operation = { method, path: `${url}${url.includes('?') ? '&' : '?'}fields=${NAME}`, ...(body === undefined ? {} : { body }) }
  return { label: 'transaction', sent: { method: 'POST', url: `${base}/transaction`, body: { operations: [operation] } }, status: 400 }
}

/** The mutation in a document that also asks for a field which the schema does not have. */
function inGraphql({ reference }: PlannedWorld, { user, request }: UsualRequest): readonly Asking[] {
  if (request.kind === 'update' && request.mode === 'put') return []
  const caller = { reference, user, sight: reference.sightOf(user) }
  const sent = GRAPHQL.encode(caller, GRAPHQL.adapt(caller, request), null)
  const { query, ...more } = sent.body as { readonly query: string }
  const end = query.lastIndexOf('}')
  return [
    { label: 'graphql', sent: { ...sent, body: { query: `${query.slice(0, end)} ${NAME} ${query.slice(end)}`, ...more } }, status: null },
  ]
}
