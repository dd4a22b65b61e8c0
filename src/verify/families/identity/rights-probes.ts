/** What rules read of a caller and somebody changes counts at once on the instance that wrote it, and everywhere within five seconds. */

import { randomUUID } from 'node:crypto'
import { type Field, fieldNamed } from '../../../model/model.ts'
import { isDone, placedWrites } from '../../cases/placed/placed-writes.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, ALL, httpRequestOf } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { type ReferenceBackend, referenceOf } from '../../expected/reference.ts'
import type { PlainValue } from '../../oracle/oracle-values.ts'
import type { SigningIn } from './signing-in.ts'

/** Five seconds are promised; a loaded machine may take longer to ask. */
const SPREAD_MS = 8_000
const PAUSE_MS = 250

const RIGHTS = 'identity/rights'

/** A change of an account, and a read that the account may do before it and not after it. */
interface Withdrawal {
  /** A write that the account may do before the change and not after it; null if there is none. */
  readonly write: AbstractRequest | null
  readonly account: string
  readonly field: string
  readonly by: string
  readonly change: Extract<AbstractRequest, { kind: 'update' }>
  readonly read: AbstractRequest
}

/** One probe for each field of accounts that takes a right away; none where no other account may change such a field. */
export function rightsProbes(signing: SigningIn): readonly ProbeCase[] {
  const { asking, entity, identity } = signing
  if (entity.hooks.length > 0) return []
  const { model } = asking.reference
  const names = new Set([...(identity.role === null ? [] : [identity.role]), ...model.claims.map(({ field }) => field)])
  return [...names].flatMap((name) => {
    const field = fieldNamed(entity, name)
    const found = field === undefined ? null : withdrawalOf(signing, field)
    return found === null ? [] : [probeOf(asking, found)]
  })
}

/** The first change that takes a right away. */
function withdrawalOf({ asking, entity }: SigningIn, field: Field): Withdrawal | null {
  const { reference, world } = asking
  for (const account of world.accounts) {
    for (const value of otherValues(reference, entity.name, field)) {
      const change = {
        ...({ kind: 'update', entity: entity.name, mode: 'patch', id: account, body: { [field.name]: value } } as const),
        ...{ version: null, selected: ALL },
      }
      const by = world.accounts.find(
        (other) => other !== account && expectationOf(reference, other, change).statuses.every((status) => status < 300),
      )
      const changed = { account, entity: entity.name, field: field.name, value }
      const read = by === undefined ? null : requestThatEnds(asking, changed, 'get')
      const write = read === null ? null : requestThatEnds(asking, changed, 'update')
      if (by !== undefined && read !== null) return { account, field: field.name, by, change, read, write }
    }
  }
  return null
}

/** The other values that accounts of the world have. */
function otherValues(reference: ReferenceBackend, entity: string, { name }: Field): readonly PlainValue[] {
  return [...new Set((reference.rows().get(entity) ?? []).map((row) => row[name] ?? null))].filter((value) => typeof value !== 'object')
}

interface Changed {
  readonly account: string
  readonly entity: string
  readonly field: string
  readonly value: PlainValue
}

/** What an account may do with a row as it is, and not with the changed value. */
function requestThatEnds(asking: PlannedWorld, { account, entity, field, value }: Changed, verb: 'get' | 'update'): AbstractRequest | null {
  const { reference } = asking
  const rows = new Map(reference.rows())
  rows.set(
    entity,
    (rows.get(entity) ?? []).map((row) => (String(row.id) === account ? { ...row, [field]: value } : row)),
  )
  const afterwards = referenceOf(reference.design, reference.model, rows)
  for (const other of reference.model.entities) {
    if (verb === 'update' && (other.name === entity || other.hooks.length > 0)) continue
    for (const { user, request, expected } of requestsOf(asking, other, verb)) {
      const isOwn = user === account && expected.every((status) => status === 200)
      // A repetition answers with the row as it may be read then, so the right to read it must end too.
      const ended = [request, ...(request.kind === 'update' ? [readOf(request)] : [])]
      const isEnded = ended.every((one) => expectationOf(afterwards, account, one).statuses.every((status) => status >= 400))
      if (isOwn && isEnded) return request
    }
  }
  return null
}

/** A read of the row that is changed. */
function readOf({ entity, id }: Extract<AbstractRequest, { kind: 'update' }>): AbstractRequest {
  return { kind: 'get', entity, id, selected: ALL }
}

function probeOf(asking: PlannedWorld, withdrawal: Withdrawal): ProbeCase {
  const { account, field, by, change, read } = withdrawal
  const { reference } = asking
  const { model } = reference
  const sent = httpRequestOf(model, read)
  return {
    name: `${RIGHTS}/${field}/withdrawn`,
    claim: RIGHTS,
    door: 'session',
    user: account,
    goals: [field],
    atoms: {},
    // The same change is made several times, and others beside it.
    rows: () => null,
    async ask(tools): Promise<ProbeOutcome> {
      const why = `${field} of the account has changed, and the rules read it`
      const token = tools.tokenOf(account)
      const other = tools.instances - 1
      const asked = (instance: number) => tools.send({ ...sent, token, instance })
      // Both instances may remember what they know of the account.
      const before = [await asked(0), await asked(other)]
      const keyed =
        withdrawal.write === null ? null : { ...httpRequestOf(model, withdrawal.write), headers: { 'idempotency-key': randomUUID() } }
      const done = keyed === null ? null : await tools.send({ ...keyed, token })
      if (done !== null && done.status !== 200)
        return { wrong: `a write before the change: status ${done.status}`, statuses: [200], why: 'the rules allow it', sent, answer: done }
      const known = before.find(({ status }) => status !== 200)
      if (known !== undefined)
        return { wrong: `before the change: status ${known.status}`, statuses: [200], why: 'the rules allow it', sent, answer: known }
      const written = await tools.send({ ...httpRequestOf(model, change), token: tools.tokenOf(by) })
      if (written.status >= 300) return { wrong: `the change: status ${written.status}`, statuses: [200], why, sent, answer: written }
      let answer = await asked(0)
      if (answer.status < 400)
        return { wrong: `after the change: status ${answer.status} on the instance that wrote it`, statuses: [403, 404], why, sent, answer }
      const repeated = keyed === null ? null : await tools.send({ ...keyed, token })
      if (repeated !== null && repeated.status < 400)
        return {
          wrong: `a write of before, sent again with its key: status ${repeated.status}`,
          statuses: [403, 404],
          why,
          sent,
          answer: repeated,
        }
      const until = performance.now() + SPREAD_MS
      for (answer = await asked(other); answer.status < 400; answer = await asked(other)) {
        if (performance.now() > until)
          return { wrong: 'another instance still allows it eight seconds after the change', statuses: [403, 404], why, sent, answer }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
      return { wrong: await withdrawnAtPlaces(tools, asking, withdrawal), statuses: [401, 403, 404], why, sent, answer }
    },
  }
}

/** Gives the right back, and takes it away at each other door: what is wrong at the instance that does both, or null. */
async function withdrawnAtPlaces(
  tools: ProbeTools,
  asking: PlannedWorld,
  { account, field, by, change, read }: Withdrawal,
): Promise<string | null> {
  const { model, find } = asking.reference
  const given = { ...change, body: { [field]: find(change.entity, account)?.[field] } }
  const allowed = async (): Promise<number> => (await tools.send({ ...httpRequestOf(model, read), token: tools.tokenOf(account) })).status
  for (const { place, sent } of placedWrites(asking, { user: by, write: change }).slice(1)) {
    const back = await tools.send({ ...httpRequestOf(model, given), token: tools.tokenOf(by) })
    // Who takes a right away may not always give it back.
    if (back.status >= 300) return null
    const regained = await allowed()
    if (regained !== 200) return `after the right was given back: status ${regained}`
    const taken = await tools.send({ ...sent, token: tools.tokenOf(by) })
    if (!isDone(taken)) return `the change by ${place} is answered ${taken.status}: ${taken.text.slice(0, 200)}`
    const lost = await allowed()
    if (lost < 400) return `after the change by ${place}: status ${lost} on the instance that wrote it`
  }
  return null
}
