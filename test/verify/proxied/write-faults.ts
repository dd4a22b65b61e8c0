/** Defects of writes: done before their refusal, or done to fields that their caller may not set. */

import { isProblem, type ProxiedFault } from './proxied.ts'

/** A defect by which some requests are done without their parameters, and then answered as a correct backend answers them. */
const doneFirst =
  (method: string, parameter: RegExp): ProxiedFault['answer'] =>
  async ({ ask }, asked) => {
    const answer = await ask(asked)
    if (asked.method === method && parameter.test(asked.url) && isProblem(answer))
      await ask({ ...asked, url: asked.url.split('?', 1)[0] ?? '', headers: {} })
    return answer
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
]
