/** F210: headers that mean something elsewhere, and that no document of this backend names. */

import { restBase } from '../../../model/address/served.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { differenceOf } from '../alike.ts'
import type { SecurityProbe } from '../probes.ts'

type Headers = Readonly<Record<string, string>>

const HOST = 'stray.example'
/** An address for documents (RFC 5737), which no client has. */
const ADDRESS = '198.51.100.77'

/** Headers by which proxies name their client. */
const CLIENTS: Headers = {
  ...{ 'x-forwarded-for': ADDRESS, forwarded: `for=${ADDRESS};host=${HOST};proto=http` },
  ...{ 'x-real-ip': ADDRESS, 'x-client-ip': ADDRESS, 'x-cluster-client-ip': ADDRESS, 'true-client-ip': ADDRESS },
  ...{ 'cf-connecting-ip': ADDRESS, 'fastly-client-ip': ADDRESS, 'x-originating-ip': ADDRESS, 'x-remote-addr': ADDRESS },
}

/** Headers by which proxies name the address that their client has used. */
const HOSTS: Headers = {
  ...{ 'x-forwarded-host': HOST, 'x-forwarded-proto': 'http', 'x-forwarded-port': '81', 'x-forwarded-prefix': '/stray' },
  ...{ 'x-forwarded-server': HOST, 'x-original-host': HOST, 'x-host': HOST, 'x-forwarded-scheme': 'http', referer: `http://${HOST}/` },
}

/** Headers that choose another address or method, or details for developers. */
const OTHERS: Headers = {
  ...{ 'x-original-url': '/docs', 'x-rewrite-url': '/docs', 'x-http-method-override': 'DELETE', 'x-method-override': 'DELETE' },
  ...{ 'x-debug': '1', 'x-trace': '1', 'x-dev': '1', 'x-environment': 'development', 'x-internal': 'true', cookie: 'debug=1; admin=1' },
}

/** Headers by which a proxy names who has signed in. */
const accountHeaders = (id: string): Headers => ({
  ...{ 'x-user-id': id, 'x-user': id, 'remote-user': id, 'x-remote-user': id, 'x-forwarded-user': id, 'x-authenticated-user': id },
  ...{ 'x-account-id': id, 'x-role': 'admin', 'x-admin': 'true', 'x-auth-role': 'admin', 'x-api-key': id },
})

const WHY = 'no document names these headers, and no proxy is trusted, so they change nothing'

/** The probes. Each header has the same effect at every address, so a few are asked. */
export function strayHeaders(asking: PlannedWorld): readonly SecurityProbe[] {
  const { model } = asking.reference
  const [account = null] = asking.world.accounts
  const kinds: Readonly<Record<string, Headers>> = {
    client: CLIENTS,
    host: HOSTS,
    ...(account === null ? {} : { account: accountHeaders(account) }),
    other: OTHERS,
  }
  return [
    ...Object.entries(placesOf(asking)).map(
      ([place, { user, sent }]): SecurityProbe => ({
        goal: `headers/${place}`,
        goals: Object.keys(kinds).map((kind) => `headers/${place}/${kind}`),
        user,
        async ask(tools) {
          const token = tools.tokenOf(user)
          const usual = await tools.send({ ...sent, token })
          let last = { sent, answer: usual }
          for (const [kind, headers] of Object.entries(kinds)) {
            const asked = { ...sent, headers: { ...sent.headers, ...headers } }
            const answer = await tools.send({ ...asked, token })
            last = { sent: asked, answer }
            const difference = differenceOf(answer, usual, [])
            if (difference !== null)
              return { wrong: `headers that name another ${kind}: ${difference}`, statuses: [usual.status], why: WHY, ...last }
          }
          return { wrong: null, statuses: [usual.status], why: WHY, ...last }
        },
      }),
    ),
    ...createdElsewhere(asking),
    // Where nothing is, nothing is counted.
    ...model.entities.slice(0, 1).map(({ path }) => countedClient(`${restBase(model)}/${path}`)),
  ]
}

interface Place {
  readonly user: string | null
  readonly sent: SentOverHttp
}

/** Addresses whose answers are the same each time: rows, refusals, documents, and what only development has. */
function placesOf(asking: PlannedWorld): Readonly<Record<string, Place>> {
  const { model } = asking.reference
  const base = restBase(model)
  const get = (url: string): Place => ({ user: null, sent: { method: 'GET', url } })
  const [list] = model.entities.flatMap((entity) => requestAnswered(asking, { entity, verb: 'list', statuses: [200] }) ?? [])
  const [refused] = model.entities.flatMap((entity) => requestAnswered(asking, { entity, verb: 'delete', statuses: [401] }) ?? [])
  return {
    ...(list === undefined ? {} : { list: { user: list.user, sent: httpRequestOf(model, list.request) } }),
    ...(refused === undefined ? {} : { refused: { user: refused.user, sent: httpRequestOf(model, refused.request) } }),
    ...(model.identity === null ? {} : { me: get(`${base}/auth/me`), keys: get('/.well-known/jwks.json') }),
    ...(model.served.graphql
      ? {
          graphql: {
            user: null,
            sent: { method: 'POST', url: '/graphql', body: { query: '{ __schema { queryType { fields { name } } } }' } },
          },
        }
      : {}),
    document: get('/openapi.json'),
    development: get('/docs'),
    nothing: get(`${base}/nothing`),
  }
}

/** A create whose answer names the address of the new row. */
function createdElsewhere(asking: PlannedWorld): readonly SecurityProbe[] {
  const { reference } = asking
  const { model } = reference
  const [found] = model.entities.flatMap(
    (entity) =>
      requestAnswered(asking, { entity, verb: 'create', statuses: [201] }, (one) => !isUnforeseen(reference, { ...one, api: 'rest' })) ??
      [],
  )
  if (found === undefined) return []
  const { user } = found
  const sent = httpRequestOf(model, found.request)
  return [
    {
      goal: 'headers/created',
      user,
      async ask(tools) {
        const asked = { ...sent, headers: { ...CLIENTS, ...HOSTS } }
        const answer = await tools.send({ ...asked, token: tools.tokenOf(user) })
        const isNamed = `${JSON.stringify(answer.headers)} ${answer.text}`.includes(HOST)
        const wrong = answer.status !== 201 ? `status ${answer.status}` : isNamed ? `the answer names ${HOST}` : null
        return { wrong, statuses: [201], why: WHY, sent: asked, answer }
      },
      rows: () => null,
    },
  ]
}

/** What is left of a limit: the rest, and the seconds until it is whole again. */
const REST = /;r=(\d+);t=(\d+)/

/** How often it is asked again where the time of the limit ended meanwhile. */
const MOST_TRIED = 4

/** Whether a client is counted as another one when it names another address. */
function countedClient(url: string): SecurityProbe {
  const sent = { method: 'GET', url }
  const forged: SentOverHttp = { ...sent, headers: CLIENTS }
  const goal = 'headers/counted-client'
  return {
    goal,
    user: null,
    async ask({ send }: ProbeTools) {
      const ask = async (asked: SentOverHttp): Promise<Answered> => send({ ...asked, token: null })
      const outcome = {
        statuses: [404],
        why: 'without a trusted proxy, a client is counted by the address of its connection',
        sent: forged,
      }
      for (let i = 0; ; i++) {
        const [before, answer, after] = [await ask(sent), await ask(forged), await ask(sent)]
        const [first, own, last] = [before, answer, after].map(({ headers }) =>
          REST.exec(String(headers.ratelimit ?? ''))
            ?.slice(1)
            .map(Number),
        )
        if (first === undefined || own === undefined || last === undefined)
          return { ...outcome, wrong: null, answer, left: { [goal]: 'this backend has no limits of rates' } }
        const isSameTime = (last[1] ?? 0) <= (first[1] ?? 0)
        if (!isSameTime && i < MOST_TRIED) continue
        const isCounted = (own[0] ?? 0) < (first[0] ?? 0) && (last[0] ?? 0) < (own[0] ?? 0)
        const told = `${own[0]} requests are left for a client that names another address, and ${first[0]} and ${last[0]} before and after`
        return { ...outcome, wrong: isCounted || !isSameTime ? null : told, answer }
      }
    },
  }
}
