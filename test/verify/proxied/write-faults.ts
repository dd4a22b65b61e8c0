/** Defects of writes: done before their refusal, or done to fields that their caller may not set. */

import type { Answered } from '../../../src/verify/expected/answered.ts'
import { isProblem, type ProxiedFault, requests, without } from './proxied.ts'

/** A defect by which some requests are done without their parameters, and then answered as a correct backend answers them. */
const doneFirst =
  (method: string, parameter: RegExp): ProxiedFault['answer'] =>
  async ({ ask }, asked) => {
    const answer = await ask(asked)
    if (asked.method === method && parameter.test(asked.url) && isProblem(answer))
      await ask({ ...asked, url: asked.url.split('?', 1)[0] ?? '', headers: {} })
    return answer
  }

/** A defect that gives the answer to a list of rows again, whatever has become of them. */
function keepingAnswers(): ProxiedFault['answer'] {
  const kept = new Map<string, Answered>()
  return async ({ ask }, asked) => {
    const key = asked.headers?.['idempotency-key']
    const answer = await ask(asked)
    if (key === undefined || !asked.url.endsWith('/bulk')) return answer
    if (answer.status === 201) kept.set(key, answer)
    return kept.get(key) ?? answer
  }
}

/** The defects. */
export const WRITE_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a change is made before its unknown fields are refused',
    only: 'security/F104/Post/unanswerable/update',
    named: /unanswerable\/update: fields: refused, and the rows changed/,
    answer: doneFirst('PATCH', /[?&]fields=/),
  },
  {
    what: 'a row is deleted before an unknown include is refused',
    only: 'security/F104/Post/unanswerable/delete',
    named: /unanswerable\/delete: include: refused, and the rows changed/,
    answer: doneFirst('DELETE', /[?&]include=/),
  },
  {
    what: 'a create in GraphQL ignores a field that the schema does not have',
    only: 'security/F104/Post/unanswerable/create',
    named: /unanswerable\/create: graphql: status 200/,
    answer: async ({ ask }, asked) =>
      asked.url === '/graphql'
        ? ask({ ...asked, body: JSON.parse(JSON.stringify(asked.body).replace(' nothingOfThisName', '')) })
        : ask(asked),
  },
  {
    what: 'a change with a key is made as often as it is sent',
    only: 'security/F104/Post/repeated/update',
    named: /repeated\/update: sent again with its key, it is written again/,
    answer: requests((asked) => (asked.method === 'PATCH' ? without(asked, 'idempotency-key') : asked)),
  },
  {
    what: 'GraphQL reads no key',
    only: 'security/F104/Post/repeated/create-graphql',
    named: /repeated\/create-graphql: sent again with its key, it is written again/,
    answer: requests((asked) => (asked.url === '/graphql' ? without(asked, 'idempotency-key') : asked)),
  },
  {
    what: 'an answer to many rows is kept whole for their key',
    only: 'security/F104/Post/repeated/create-bulk',
    named: /repeated\/create-bulk: sent again after its row was deleted, it is answered 201/,
    answer: keepingAnswers(),
  },
]
