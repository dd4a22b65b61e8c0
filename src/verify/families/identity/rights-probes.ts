/** What rules read of a caller and somebody changes counts at once on the instance that wrote it, and everywhere within five seconds. */

import { type Field, fieldNamed } from '../../../model/model.ts'
import type { ProbeCase, ProbeOutcome } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, ALL, httpRequestOf } from '../../expected/abstract-request.ts'
import { changeMismatch } from '../../expected/compare.ts'
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
      const read = by === undefined ? null : readThatEnds(asking, { account, entity: entity.name, field: field.name, value })
      if (by !== undefined && read !== null) return { account, field: field.name, by, change, read }
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

/** A row that an account may read as it is, and not with the changed value. */
function readThatEnds(asking: PlannedWorld, { account, entity, field, value }: Changed): AbstractRequest | null {
  const { reference } = asking
  const rows = new Map(reference.rows())
  rows.set(
    entity,
    (rows.get(entity) ?? []).map((row) => (String(row.id) === account ? { ...row, [field]: value } : row)),
  )
  const afterwards = referenceOf(reference.design, reference.model, rows)
  for (const read of reference.model.entities) {
    for (const { user, request, expected } of requestsOf(asking, read, 'get')) {
      const isOwn = user === account && expected.every((status) => status === 200)
      if (isOwn && expectationOf(afterwards, account, request).statuses.every((status) => status >= 400)) return request
    }
  }
  return null
}

function probeOf({ reference }: PlannedWorld, { account, field, by, change, read }: Withdrawal): ProbeCase {
  const { model } = reference
  const sent = httpRequestOf(model, read)
  return {
    name: `${RIGHTS}/${field}/withdrawn`,
    claim: RIGHTS,
    door: 'session',
    user: account,
    goals: [field],
    atoms: {},
    rows: (now, after) => changeMismatch(now, expectationOf(now, by, change).change, after),
    async ask(tools): Promise<ProbeOutcome> {
      const why = `${field} of the account has changed, and the rules read it`
      const token = tools.tokenOf(account)
      const other = tools.instances - 1
      const asked = (instance: number) => tools.send({ ...sent, token, instance })
      // Both instances may remember what they know of the account.
      const before = [await asked(0), await asked(other)]
      const known = before.find(({ status }) => status !== 200)
      if (known !== undefined)
        return { wrong: `before the change: status ${known.status}`, statuses: [200], why: 'the rules allow it', sent, answer: known }
      const written = await tools.send({ ...httpRequestOf(model, change), token: tools.tokenOf(by) })
      if (written.status >= 300) return { wrong: `the change: status ${written.status}`, statuses: [200], why, sent, answer: written }
      let answer = await asked(0)
      if (answer.status < 400)
        return { wrong: `after the change: status ${answer.status} on the instance that wrote it`, statuses: [403, 404], why, sent, answer }
      const until = performance.now() + SPREAD_MS
      for (answer = await asked(other); answer.status < 400; answer = await asked(other)) {
        if (performance.now() > until)
          return { wrong: 'another instance still allows it eight seconds after the change', statuses: [403, 404], why, sent, answer }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
      }
      return { wrong: null, statuses: [401, 403, 404], why, sent, answer }
    },
  }
}
