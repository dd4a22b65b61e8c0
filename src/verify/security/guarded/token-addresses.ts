/** F207: at every address of the documents, a token that is not valid is refused, and never counts as no token. */

import { compile } from '../../../compile/compile.ts'
import { restBase } from '../../../model/address/served.ts'
import type { Model } from '../../../model/model.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { reissued } from '../../expected/forged-tokens.ts'
import { familyOf, isRefusal, type SecurityProbe } from '../probes.ts'

const METHODS: ReadonlySet<string> = new Set(['get', 'post', 'put', 'patch', 'delete'])
const HOUR = 3_600
/** An id that no row has. */
const MADE_UP = '01900000-0000-7000-8000-00000000dead'

/** The claim about all addresses. None for a design without accounts. */
export function tokenAddresses(asking: PlannedWorld): PlannedFamily {
  const { model } = asking.reference
  const [account] = asking.world.accounts
  const probes = model.identity === null || account === undefined ? [] : [probeOf(model, account)]
  return familyOf(
    {
      of: 'F207',
      entity: null,
      claim: 'A token that is not valid is refused at every address (OWASP API2).',
      text: 'each operation of the OpenAPI document that takes tokens, and GraphQL, with a token that is broken, cut, expired, and of a session that has ended',
      oracle: 'RFC 6750: a token that is not valid is 401, and not no token',
    },
    probes,
  )
}

interface Operation {
  readonly method: string
  readonly url: string
  /** Whether nobody may do it without a token. */
  readonly needsToken: boolean
}

function probeOf(model: Model, account: string): SecurityProbe {
  const operations = operationsOf(model)
  const outcome = { statuses: [401], why: 'a token that is not valid is refused, and does not count as anonymous' }
  return {
    goal: 'addresses',
    goals: operations.map(({ method, url }) => `addresses/${method} ${url}`),
    user: account,
    async ask(tools) {
      const token = await tools.newToken(account)
      const ended = await tools.newToken(account)
      await tools.send({ method: 'POST', url: `${restBase(model)}/auth/logout`, token: ended })
      const past = Math.floor(Date.now() / 1_000) - HOUR
      const broken = [
        ['a broken token', 'no.token.atall'],
        ['a cut token', token.slice(0, -6)],
        ['the token of an ended session', ended],
        ...(tools.signing === null
          ? []
          : [['an expired token', reissued({ token, pem: tools.signing.pem }, { iat: past - HOUR, exp: past })] as const]),
      ] as const
      const me = { method: 'GET', url: `${restBase(model)}/auth/me` }
      let last: { readonly sent: SentOverHttp; readonly answer: Answered } = { sent: me, answer: await tools.send({ ...me, token }) }
      for (const { needsToken, ...operation } of operations) {
        for (const [name, one] of [...broken, ...(needsToken ? [['no token', null] as const] : [])]) {
          const sent = { ...operation, ...(['GET', 'DELETE'].includes(operation.method) ? {} : { body: {} }) }
          last = { sent, answer: await tools.send({ ...sent, token: one }) }
          const { status } = last.answer
          // A body may be read before its caller is judged, but not before the token is.
          if (status !== 401 && (one !== null || !isRefusal(status)))
            return { ...outcome, ...last, wrong: `${name} at ${sent.method} ${sent.url}: status ${status}` }
        }
      }
      return { ...outcome, ...last, wrong: null }
    },
  }
}

interface Described {
  readonly responses?: object
  /** The ways to authorize; an empty one is to send no token. */
  readonly security?: readonly object[]
}

/** The operations that take tokens, with made-up values in their addresses. The document itself differs by caller. */
function operationsOf(model: Model): readonly Operation[] {
  const { paths } = JSON.parse(compile(model).openapi('all')) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  }
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).flatMap(([method, { responses = {}, security = [] }]): readonly Operation[] => {
      const ways = security.map((way) => Object.keys(way).length)
      const isTold = METHODS.has(method) && '401' in responses && (ways.some((count) => count > 0) || path === '/openapi.json')
      const url = path.replaceAll(/\{[^{}]+\}/g, MADE_UP)
      return isTold ? [{ method: method.toUpperCase(), url, needsToken: ways.length > 0 && !ways.includes(0) }] : []
    }),
  )
}
