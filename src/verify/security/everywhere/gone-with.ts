/** F103 for what goes with a row: the rows that its delete takes along, and what an account has. */

import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { endsCaller, requestsOf, type UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { isLive } from '../../expected/reference.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import type { SecurityProbe } from '../probes.ts'
import { firstWrong, isRenewed, type Later, laterRequests, seenBefore } from './gone-doors.ts'

/** A row that goes with another one, and a caller who remains and may read it. */
export interface Along {
  readonly entity: Entity
  readonly row: PlainRow
  readonly reader: string | null
}

/** A delete that takes rows of other entities along, or rows of the same one. */
interface Taking extends UsualRequest {
  readonly along: readonly Along[]
}

/** Deletes that are answered 204, that are foreseen, and that leave their caller. */
function* deletesOf(asking: PlannedWorld, entity: Entity): Generator<UsualRequest> {
  const { reference } = asking
  for (const { expected, user, request } of requestsOf(asking, entity, 'delete')) {
    const one = { user, request }
    if (expected.join() !== '204' || request.kind !== 'delete' || isUnforeseen(reference, { ...one, api: 'rest' })) continue
    if (!endsCaller(asking, one)) yield one
  }
}

/** The delete that takes rows of most entities along; null where none takes any along that somebody could read. */
function takingMost(asking: PlannedWorld, entity: Entity): Taking | null {
  let most: Taking | null = null
  for (const one of deletesOf(asking, entity)) {
    const along = alongWith(asking, entity, one)
    if (along.length > (most?.along.length ?? 0)) most = { ...one, along }
  }
  return most
}

/** One row of each entity. */
function alongWith({ reference, world }: PlannedWorld, entity: Entity, { user, request }: UsualRequest): readonly Along[] {
  const { change } = expectationOf(reference, user, request)
  if (change.kind !== 'deleted' || request.kind !== 'delete') return []
  const remain = (name: string): ReadonlySet<string> => new Set((change.rows.get(name) ?? []).filter(isLive).map(({ id }) => String(id)))
  const accounts = remain(reference.model.identity?.entity ?? '')
  const readers = [user, ...world.accounts, null].filter((one) => one === null || accounts.has(one))
  return reference.model.entities.flatMap((other): readonly Along[] => {
    const rest = remain(other.name)
    const gone = (reference.rows().get(other.name) ?? []).filter(
      (row) => isLive(row) && !rest.has(String(row.id)) && !(other === entity && String(row.id) === request.id),
    )
    for (const reader of readers) {
      const row = gone.find((one) => reference.sightOf(reader).sees(other.name, one))
      if (row !== undefined) return [{ entity: other, row, reader }]
    }
    return []
  })
}

/** The rows that a delete takes along, each read before it, and asked through every door after it. */
export function goneWith(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference } = asking
  const taking = takingMost(asking, entity)
  if (taking === null) return []
  const { user, request, along } = taking
  return [
    {
      goal: 'taken-along',
      goals: along.map((one) => `with-${one.entity.name}`),
      user,
      async ask(tools) {
        const sent = httpRequestOf(reference.model, request)
        const seen = []
        for (const one of along) seen.push(await readBefore(asking, tools, one))
        const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
        const outcome = { statuses: [204], why: 'the row is gone with the row that was deleted', sent, answer }
        if (answer.status !== 204) return { ...outcome, wrong: `the delete is answered ${answer.status}` }
        for (const [i, { entity: other, row, reader }] of along.entries()) {
          const all = [...laterRequests(asking, { entity: other, user: reader, row }), ...(seen[i] ?? [])]
          const wrong = await firstWrong(tools, { all, token: tools.tokenOf(reader), id: String(row.id) })
          if (wrong !== null) return { ...outcome, wrong: `${other.name} ${row.id}, which went with it: ${wrong}` }
        }
        return { ...outcome, wrong: null }
      },
      rows: (now, after) =>
        along.some((one) => isRenewed(asking, one.entity, one.row))
          ? null
          : changeMismatch(now, expectationOf(now, user, request).change, after),
    },
  ]
}

/** Reads a row and its files on each instance, so that whatever remembers rows has it. */
export async function readBefore(asking: PlannedWorld, tools: ProbeTools, { entity, row, reader }: Along): Promise<readonly Later[]> {
  const token = tools.tokenOf(reader)
  const id = String(row.id)
  const seen = await seenBefore(asking, tools, { entity, row, token })
  const reads = laterRequests(asking, { entity, user: reader, row }).filter(
    ({ sent }) => sent(id).method === 'GET' || sent(id).url === '/graphql',
  )
  for (let instance = 0; instance < tools.instances; instance++)
    for (const { name, sent } of reads) if (!/update|delete/.test(name)) await tools.send({ ...sent(id), token, instance })
  return seen
}

/** Five seconds are promised; a loaded machine may take longer to ask. */
const SPREAD_MS = 8_000
const PAUSE_MS = 250

/** An account that another one deletes: its tokens on each instance, its refresh token and its sign-in. @param password of all accounts */
export function deletedAccount(asking: PlannedWorld, entity: Entity, password: string): readonly SecurityProbe[] {
  const { reference, world } = asking
  const { model } = reference
  const { identity } = model
  if (identity?.entity !== entity.name) return []
  const found = [...deletesOf(asking, entity)].find(({ request }) => request.kind === 'delete' && world.accounts.includes(request.id))
  if (found?.request.kind !== 'delete') return []
  const { user, request } = found
  const account = request.id
  const login = String(reference.find(entity.name, account)?.[identity.login] ?? '')
  const auth = `${restBase(model)}/auth`
  const signIn = { method: 'POST', url: `${auth}/login`, body: { [identity.login]: login, [identity.password]: password }, token: null }
  return [
    {
      goal: 'account',
      goals: ['account-token', 'account-token-elsewhere', 'account-refresh', 'account-sign-in'],
      user,
      async ask(tools) {
        const sent = httpRequestOf(model, request)
        const began = await tools.send(signIn)
        const why = 'the account is gone, and all that it could do'
        if (began.status !== 200)
          return { wrong: `signing in is answered ${began.status}`, statuses: [200], why, sent: signIn, answer: began }
        const token = String(began.json?.token)
        const asked = addressesOf(asking)
        for (let instance = 0; instance < tools.instances; instance++)
          for (const one of asked) await tools.send({ ...one, token, instance })
        const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
        const outcome = { statuses: [204], why, sent, answer }
        if (answer.status !== 204) return { ...outcome, wrong: `the delete is answered ${answer.status}` }
        return {
          ...outcome,
          wrong:
            (await acceptedAt(tools, { asked, token, instance: 0 })) ??
            (await stillAccepted(tools, { asked, token })) ??
            (await beginsAgain(tools, { auth, signIn, refreshToken: began.json?.refreshToken })),
        }
      },
      rows: (now, after) => changeMismatch(now, expectationOf(now, user, request).change, after),
    },
  ]
}

/** Addresses that a session can be used at. */
function addressesOf({ reference: { model } }: PlannedWorld): readonly SentOverHttp[] {
  const base = restBase(model)
  return [
    { method: 'GET', url: `${base}/auth/me` },
    ...model.entities.slice(0, 2).map(({ path }) => ({ method: 'GET', url: `${base}/${path}?page[size]=1` })),
    { method: 'POST', url: `${base}/transaction`, body: { operations: [] } },
    ...(model.served.graphql ? [{ method: 'POST', url: '/graphql', body: { query: '{ __typename }' } }] : []),
  ]
}

interface Using {
  readonly asked: readonly SentOverHttp[]
  readonly token: string
}

async function acceptedAt(tools: ProbeTools, { asked, token, instance }: Using & { readonly instance: number }): Promise<string | null> {
  for (const one of asked) {
    const { status } = await tools.send({ ...one, token, instance })
    if (status !== 401) return `the token of the deleted account is answered ${status} at ${one.method} ${one.url}`
  }
  return null
}

/** The same on another instance, which may take five seconds to know. */
async function stillAccepted(tools: ProbeTools, using: Using): Promise<string | null> {
  const until = performance.now() + SPREAD_MS
  for (let instance = 1; instance < tools.instances; instance++) {
    for (;;) {
      const wrong = await acceptedAt(tools, { ...using, instance })
      if (wrong === null) break
      if (performance.now() > until) return `${wrong} on another instance, eight seconds after the delete`
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
  }
  return null
}

interface Beginning {
  readonly auth: string
  readonly signIn: SentOverHttp & { readonly token: null }
  /** Not a text where the design gives none. */
  readonly refreshToken: unknown
}

async function beginsAgain(tools: ProbeTools, { auth, signIn, refreshToken }: Beginning): Promise<string | null> {
  const refresh = { method: 'POST', url: `${auth}/refresh`, body: { refreshToken }, token: null }
  for (const instance of typeof refreshToken === 'string' ? [...new Set([0, tools.instances - 1])] : []) {
    const { status } = await tools.send({ ...refresh, instance })
    if (status !== 401) return `the refresh token of the deleted account is answered ${status}`
  }
  const again = await tools.send({ ...signIn, instance: tools.instances - 1 })
  return again.status === 401 ? null : `the sign-in of the deleted account is answered ${again.status}`
}
