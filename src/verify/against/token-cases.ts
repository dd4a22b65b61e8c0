/** F205 and F207: addresses without a token, with broken and with forged tokens. */

import { generateKeyPairSync } from 'node:crypto'
import { restBase } from '../../model/address/served.ts'
import type { Entity } from '../../model/model.ts'
import type { PlannedFamily } from '../cases/family-plan.ts'
import { answerMismatch, type ProbeCase, type ProbeRequest } from '../cases/probe.ts'
import { ALL } from '../expected/abstract-request.ts'
import { expectationOf } from '../expected/expectation.ts'
import { forgedKinds, forgedTokens, WITHOUT_KEY } from '../expected/forged-tokens.ts'
import type { AskedEnvironment } from './reading.ts'

/** Tokens that are none. */
const BROKEN: Readonly<Record<string, string>> = {
  garbage: 'no.token.atall',
  word: 'null',
  dots: '..',
  long: 'a'.repeat(4_000),
}

/** The claim about tokens; none for a design without accounts. */
export function tokenCases(environment: AskedEnvironment): readonly PlannedFamily[] {
  const { model } = environment.asking.reference
  if (model.identity === null) return []
  const probes = [
    ...Object.entries(BROKEN).map(([kind, token]) => refused(environment, kind, () => token)),
    ...forged(environment),
    ...model.entities.flatMap((entity) => anonymous(environment, entity)),
  ]
  const asked = probes.flatMap(({ goals }) => goals)
  return [
    {
      plan: {
        id: CLAIM,
        claim: 'Only tokens that the backend has issued count, and what needs a sign-in is refused without one.',
        path: ['entities', model.identity.entity, 'identity'],
        oracle: 'RFC 7515, 7519, 8725 and 9068, and the rules of the design for anonymous callers',
        text: 'broken and forged tokens at the list of each entity, the own row and GraphQL; requests without a token',
        what: 'kinds of sign-in',
        asked,
        impossible: [],
        // What differs from a valid token in its content alone needs the key of the backend.
        untested: forgedKinds().filter((kind) => !asked.includes(kind)),
      },
      cases: [],
      probes,
    },
  ]
}

const CLAIM = 'identity/tokens'

/** Tokens made from a real one without the key of the backend; none where no token was given, or it is no JWT. */
function forged(environment: AskedEnvironment): readonly ProbeCase[] {
  const [first, second] = environment.callers
  if (first === undefined || !isJwt(first.token)) return []
  const pem = String(generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }))
  const all = forgedTokens({ token: first.token, pem, otherAccount: second?.id ?? '01900000-0000-7000-8000-000000000001' })
  return all.filter(({ kind }) => WITHOUT_KEY.has(kind)).map(({ kind, token }) => refused(environment, kind, () => token))
}

function isJwt(token: string): boolean {
  try {
    const [header = '', payload = ''] = token.split('.')
    return [header, payload].every((part) => typeof JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) === 'object')
  } catch {
    return false
  }
}

/** A token that is refused everywhere, also where nobody has to sign in. */
function refused({ asking }: AskedEnvironment, kind: string, token: () => string): ProbeCase {
  const { model } = asking.reference
  const base = restBase(model)
  const requests: readonly Omit<ProbeRequest, 'token'>[] = [
    { method: 'GET', url: `${base}/auth/me` },
    ...model.entities.map(({ path }) => ({ method: 'GET', url: `${base}/${path}` })),
    ...(model.served.graphql ? [{ method: 'POST', url: '/graphql', body: { query: '{ __typename }' } }] : []),
  ]
  const why = 'a token that is not valid is refused, and does not count as anonymous'
  return {
    ...{ name: `${CLAIM}/${kind}`, claim: CLAIM, door: 'header', user: null, goals: [kind], atoms: {} },
    async ask(tools) {
      for (const sent of requests) {
        const answer = await tools.send({ ...sent, token: token() })
        const wrong = answerMismatch(answer, { statuses: [401], why, code: 'invalid_token' })
        if (wrong !== null || sent === requests.at(-1)) return { wrong, statuses: [401], why, sent, answer }
      }
      throw new Error('there are requests')
    },
  }
}

/** An entity that anonymous callers may never read: its list is refused. */
function anonymous({ asking }: AskedEnvironment, entity: Entity): readonly ProbeCase[] {
  const { reference } = asking
  const list = { kind: 'list', entity: entity.name, filters: [], sort: [], size: 1, search: null, count: false, selected: ALL } as const
  const { statuses, why } = expectationOf(reference, null, list)
  if (statuses.includes(200)) return []
  const goal = `anonymous/${entity.name}`
  const url = `${restBase(reference.model)}/${entity.path}`
  const urls = [url, `${url}?count=true`, `${url}/01900000-0000-7000-8000-000000000001`]
  return [
    {
      ...{ name: `${CLAIM}/${goal}`, claim: CLAIM, door: 'rest', user: null, goals: [goal], atoms: {} },
      async ask(tools) {
        for (const at of urls) {
          const sent = { method: 'GET', url: at }
          const answer = await tools.send({ ...sent, token: null })
          const wrong = statuses.includes(answer.status) ? null : `status ${answer.status}, expected ${statuses.join(' or ')}`
          if (wrong !== null || at === urls.at(-1)) return { wrong, statuses, why, sent, answer }
        }
        throw new Error('there are addresses')
      },
    },
  ]
}
