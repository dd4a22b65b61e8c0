/** F208 for keys of repetition: two callers with one Idempotency-Key are two callers, and none gets what the other was answered. */

import { randomUUID } from 'node:crypto'
import { type Entity, hasHooksFor } from '../../../model/model.ts'
import { hasApi } from '../../cases/doors.ts'
import { takeNewRows } from '../../cases/placed/new-rows.ts'
import { isDone, isInGraphql } from '../../cases/placed/placed-writes.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { endsCaller, requestsOf, type UsualRequest } from '../../cases/usual-request.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { type SentWrite, writesAsTransaction } from '../../requests/writes-together.ts'
import type { SecurityProbe } from '../probes.ts'

const WHY = 'a key belongs to its caller, so a request of another one with the same key is another request'

/** A write that is sent with a key. */
interface Keyed {
  readonly way: string
  readonly sent: SentOverHttp
}

/** One probe for each kind of write that some account may do. */
export function sharedKeys(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { reference, world } = asking
  return (['create', 'update', 'delete'] as const).flatMap((verb): readonly SecurityProbe[] => {
    if (hasHooksFor(entity.hooks, verb) || (verb === 'create' && answersAlike(reference.design.entities[entity.name]))) return []
    const own = writeOf(asking, entity, verb)
    if (own === null) return []
    const { user, request } = own
    const isAllowed = (other: string): boolean => expectationOf(reference, other, request).statuses.every((status) => status < 300)
    const accounts = world.accounts.filter((one) => one !== user)
    const others = [accounts.find(isAllowed), accounts.find((one) => !isAllowed(one)), null].filter((one) => one !== undefined)
    // A row that is deleted softly stays in its table, so it cannot be returned for a second way.
    const ways = waysOf(asking, own).slice(0, verb === 'delete' && entity.softDelete ? 1 : undefined)
    return [probeOf(entity, { verb, user, others, ways })]
  })
}

/** A write of an account that is foreseen, if there is one that an anonymous caller may not do. */
function writeOf(asking: PlannedWorld, entity: Entity, verb: SentWrite['kind']): UsualRequest | null {
  const { reference } = asking
  const own = [...requestsOf(asking, entity, verb)].filter(({ user, request, expected }) => {
    const isOwn = user !== null && request.kind === verb && expected.every((status) => status < 300)
    return isOwn && !isUnforeseen(reference, { user, request, api: 'rest' }) && !endsCaller(asking, { user, request })
  })
  const closed = own.find(({ request }) => expectationOf(reference, null, request).statuses.every((status) => status >= 400))
  return closed ?? own[0] ?? null
}

function waysOf({ reference }: PlannedWorld, { user, request }: UsualRequest): readonly Keyed[] {
  const { model } = reference
  const caller = { reference, user, sight: reference.sightOf(user) }
  const write = request as SentWrite
  return [
    { way: 'rest', sent: httpRequestOf(model, request) },
    ...(request.kind === 'create' ? [{ way: 'many', sent: httpRequestOf(model, { ...request, many: true }) }] : []),
    ...(hasApi(model, 'transaction') ? [{ way: 'transaction', sent: writesAsTransaction(model, [write]) }] : []),
    ...(isInGraphql(reference, { user, write })
      ? [{ way: 'graphql', sent: GRAPHQL.encode(caller, GRAPHQL.adapt(caller, request), null) }]
      : []),
  ]
}

interface Sharing {
  readonly verb: SentWrite['kind']
  readonly user: string | null
  readonly others: readonly (string | null)[]
  readonly ways: readonly Keyed[]
}

function probeOf(entity: Entity, { verb, user, others, ways }: Sharing): SecurityProbe {
  const goal = `shared-key/${verb}`
  return {
    goal,
    goals: ways.map(({ way }) => `${goal}-${way}`),
    user,
    async ask(tools) {
      const [first] = ways
      let last = { sent: first?.sent ?? { method: 'GET', url: '/' }, answer: NO_ANSWER }
      for (const [i, { way, sent }] of ways.entries()) {
        if (verb === 'delete' && i > 0) await returnAll(tools, entity)
        const keyed = { ...sent, headers: { ...sent.headers, 'idempotency-key': randomUUID() } }
        const answer = await tools.send({ ...keyed, token: tools.tokenOf(user) })
        last = { sent, answer }
        const done = isDone(answer) ? null : `the first request is answered ${answer.status}: ${answer.text.slice(0, 200)}`
        const wrong =
          done ??
          (await repeatedBy(tools, { keyed, token: tools.tokenOf(user), first: answer })) ??
          (await sharedBy(tools, others, { entity, keyed, first: answer }))
        const { isGone } = await takeNewRows(tools, entity, tools.before)
        if (wrong !== null || !isGone)
          return { ...last, wrong: wrong === null ? null : `${way}: ${wrong}`, statuses: [200, 201, 204], why: WHY }
      }
      return { ...last, wrong: null, statuses: [200, 201, 204], why: WHY }
    },
    // The first caller may do the write, and so may others.
    rows: () => null,
  }
}

const NO_ANSWER: Answered = { status: 0, headers: {}, text: '', json: undefined }

interface Repeated {
  readonly entity: Entity
  readonly keyed: SentOverHttp
  readonly first: Answered
}

/** The same request of the same caller changes nothing, and has the answer of before. */
async function repeatedBy(
  tools: ProbeTools,
  { keyed, token, first }: Pick<Repeated, 'keyed' | 'first'> & { readonly token: string | null },
): Promise<string | null> {
  const before = JSON.stringify([...(await tools.rows())])
  const again = await tools.send({ ...keyed, token })
  if (again.status !== first.status || again.text !== first.text)
    return `sent again, it is answered ${again.status}: ${again.text.slice(0, 200)}, and not as before`
  if (again.headers['idempotency-replayed'] !== 'true') return 'sent again, its answer has no Idempotency-Replayed: true'
  return JSON.stringify([...(await tools.rows())]) === before ? null : 'sent again, it has changed rows'
}

/** The same request of each other caller is answered as with a key that nobody has used. */
async function sharedBy(tools: ProbeTools, others: readonly (string | null)[], { entity, keyed, first }: Repeated): Promise<string | null> {
  for (const other of others) {
    const token = tools.tokenOf(other)
    const who = other === null ? 'an anonymous caller' : 'another account'
    const before = await tools.rows()
    const shared = await tools.send({ ...keyed, token })
    if (shared.headers['idempotency-replayed'] !== undefined) return `with the same key, ${who} gets the answer of before`
    const [own, made] = [first, shared].map(idIn)
    if (keyed.method === 'POST' && own !== undefined && made === own && isMade(first))
      return `with the same key, ${who} gets the row of before`
    // A caller may be allowed one such row.
    if (!(await takeNewRows(tools, entity, before)).isGone) return null
    const fresh = await tools.send({ ...keyed, headers: { ...keyed.headers, 'idempotency-key': randomUUID() }, token })
    if (fresh.status !== shared.status)
      return `with the same key, ${who} is answered ${shared.status}, and ${fresh.status} with another: ${shared.text.slice(0, 200)}`
  }
  return null
}

/** Whether an answer is about a new row. */
function isMade({ status, json }: Answered): boolean {
  return status === 201 || json?.results?.[0]?.status === 201
}

function idIn({ json }: Answered): unknown {
  return json?.id ?? json?.[0]?.id ?? json?.results?.[0]?.body?.id
}

/** Returns the rows that are gone. */
async function returnAll(tools: ProbeTools, { name }: Entity): Promise<void> {
  const now = new Set(((await tools.rows()).get(name) ?? []).map(({ id }) => id))
  for (const { id } of tools.before.get(name) ?? []) if (!now.has(id)) await tools.returnRow(name, String(id))
}
