/** F207: what needs sign-in is refused without a token and with an invalid one. An invalid token never counts as no token. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { ProbeRequest, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { type RowVerb, requestAnswered, type UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { reissued } from '../../expected/forged-tokens.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { TRANSACTION } from '../../requests/transport-transaction.ts'
import { familyOf, type SecurityProbe } from '../probes.ts'

const VERBS: readonly RowVerb[] = ['list', 'get', 'create', 'update', 'replace', 'delete']
const HOUR = 3_600

/** The claim about the operations of an entity. None for a design without accounts. */
export function withoutSignIn(asking: PlannedWorld, entity: Entity): PlannedFamily {
  const { identity } = asking.reference.model
  const [account] = asking.world.accounts
  return familyOf(
    {
      of: 'F207',
      entity: entity.name,
      claim: `Nothing of ${entity.name} that needs sign-in is done without it, or with a token that is not valid (OWASP API2).`,
      text: 'each operation without a token, with an empty, broken, expired and misplaced one, through REST, transactions and GraphQL; operations that are open with a broken token',
      oracle: 'the rules of the design for an anonymous caller; RFC 6750: a token that is not valid is 401, and not no token',
    },
    identity === null || account === undefined
      ? []
      : VERBS.flatMap((verb) => [...refusedProbe(asking, { entity, verb, account }), ...openProbe(asking, { entity, verb, account })]),
  )
}

interface Operation {
  readonly entity: Entity
  readonly verb: RowVerb
  /** An account whose valid token is misplaced. */
  readonly account: string
}

/** A way to send credentials that do not count. */
interface Credentials {
  readonly name: string
  /** The statuses that a request with them may have. */
  readonly statuses: readonly number[]
  readonly apply: (sent: SentOverHttp) => ProbeRequest
}

const BROKEN = [401]

/** Tokens that are not valid. */
function brokenTokens({ signing }: ProbeTools, token: string | null): readonly (readonly [string, string])[] {
  const past = Math.floor(Date.now() / 1_000) - HOUR
  return [
    ['malformed', 'x'],
    ['three parts', 'no.token.atall'],
    ['cut', String(token).slice(0, -6)],
    ...(signing === null || token === null
      ? []
      : [['expired', reissued({ token, pem: signing.pem }, { iat: past - HOUR, exp: past })] as const]),
  ]
}

function credentials(
  tools: ProbeTools,
  account: string,
  { scheme, refusals }: { readonly scheme: string; readonly refusals: readonly number[] },
): readonly Credentials[] {
  const token = tools.tokenOf(account)
  const header = (name: string, statuses: readonly number[], value: string): Credentials => ({
    name,
    statuses,
    apply: (sent) => ({ ...sent, headers: { ...sent.headers, authorization: value }, token: null }),
  })
  return [
    { name: 'no token', statuses: refusals, apply: (sent) => ({ ...sent, token: null }) },
    ...brokenTokens(tools, token).map(
      ([name, value]): Credentials => ({ name, statuses: BROKEN, apply: (sent) => ({ ...sent, token: value }) }),
    ),
    header('an empty header', [...BROKEN, ...refusals], ''),
    header('an empty token', BROKEN, `${scheme} `),
    header('another scheme', BROKEN, `Basic ${Buffer.from(`${account}:${token}`).toString('base64')}`),
    ...['Basic', 'Token', 'JWT', `${scheme}s`, scheme.slice(0, -1)].map((other) =>
      header(`the token after ${other}`, BROKEN, `${other} ${token}`),
    ),
    header('the token without its scheme', BROKEN, String(token)),
    {
      name: 'the token in a cookie',
      statuses: refusals,
      apply: (sent) => ({
        ...sent,
        headers: { ...sent.headers, cookie: `token=${token}; access_token=${token}; session=${token}` },
        token: null,
      }),
    },
    {
      name: 'the token in the address',
      statuses: [400, ...refusals],
      apply: (sent) => ({ ...sent, url: `${sent.url}${sent.url.includes('?') ? '&' : '?'}access_token=${token}`, token: null }),
    },
    {
      name: 'an account in a header',
      statuses: refusals,
      apply: (sent) => ({
        ...sent,
        headers: { ...sent.headers, 'x-user-id': account, 'x-forwarded-user': account, 'x-remote-user': account },
        token: null,
      }),
    },
  ]
}

/** An operation that an anonymous caller may not do. */
function refusedProbe(asking: PlannedWorld, { entity, verb, account }: Operation): readonly SecurityProbe[] {
  const { reference } = asking
  const { model } = reference
  const found = requestAnswered(asking, { entity, verb, statuses: [401, 403, 404] }, ({ user }) => user === null)
  if (found === null) return []
  const { request } = found
  const caller = { reference, user: null, sight: reference.sightOf(null) }
  const sent = httpRequestOf(model, request)
  const scheme = model.identity?.token.scheme ?? 'Bearer'
  const others: readonly SentOverHttp[] = [
    ...(hasApi(model, 'transaction') ? [TRANSACTION.encode(caller, request, null)] : []),
    ...(hasApi(model, 'graphql') ? [GRAPHQL.encode(caller, GRAPHQL.adapt(caller, request), null)] : []),
  ]
  return [
    {
      goal: `${verb}/refused`,
      user: null,
      async ask(tools) {
        const why = 'nobody has signed in'
        const refusals = [401, 403, 404]
        const all = credentials(tools, account, { scheme, refusals })
        let answer: Answered | null = null
        for (const { name, statuses, apply } of all) {
          answer = await tools.send(apply(sent))
          if (!statuses.includes(answer.status)) return { wrong: `${name}: status ${answer.status}`, statuses, why, sent, answer }
        }
        for (const other of others) {
          for (const [name, token] of [['no token', null] as const, ...brokenTokens(tools, tools.tokenOf(account))]) {
            answer = await tools.send({ ...other, token })
            const isRefused = token === null ? refusedBy(answer) : answer.status === 401
            if (!isRefused) return { wrong: `${name} at ${other.url}: status ${answer.status}`, statuses: BROKEN, why, sent: other, answer }
          }
        }
        return { wrong: null, statuses: refusals, why, sent, answer: answer ?? (await tools.send({ ...sent, token: null })) }
      },
    },
  ]
}

/** Whether a request is refused; in GraphQL also by errors, or by `null` in place of each row. */
function refusedBy({ status, json }: Answered): boolean {
  if (status >= 400) return status < 500
  if (Array.isArray(json?.errors) && json.errors.length > 0) return true
  const values = Object.values((json?.data ?? {}) as object)
  return values.length > 0 && values.every((value) => value === null)
}

/** An operation that everybody may do, with a token that is not valid. */
function openProbe(asking: PlannedWorld, { entity, verb, account }: Operation): readonly SecurityProbe[] {
  if (verb !== 'list' && verb !== 'get' && verb !== 'create') return []
  const { model } = asking.reference
  const found: UsualRequest | null = requestAnswered(asking, { entity, verb, statuses: [200, 201] }, ({ user }) => user === null)
  if (found === null) return []
  const sent = httpRequestOf(model, found.request)
  const urls = [
    sent,
    ...(verb === 'list'
      ? [
          { method: 'GET', url: '/openapi.json' },
          { method: 'GET', url: `${restBase(model)}/auth/me` },
        ]
      : []),
  ]
  return [
    {
      goal: `${verb}/open`,
      user: null,
      async ask(tools) {
        const why = 'a token that is not valid is refused, and does not count as anonymous'
        let last: Answered | null = null
        for (const one of urls) {
          for (const [name, token] of brokenTokens(tools, tools.tokenOf(account))) {
            const answer = await tools.send({ ...one, token })
            last = answer
            if (answer.status !== 401)
              return { wrong: `${name} at ${one.url}: status ${answer.status}`, statuses: BROKEN, why, sent: one, answer }
          }
        }
        return { wrong: null, statuses: BROKEN, why, sent, answer: last ?? (await tools.send({ ...sent, token: null })) }
      },
    },
  ]
}
