/** What follows from a change of an account follows at every door, and at each place of a transaction and of a document. */

import { sampleValue } from '../../../compile/values/sample.ts'
import { isDone, placedWrites } from '../../cases/placed/placed-writes.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import { otherValue } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, ALL, type BodyValues } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { SigningIn } from './signing-in.ts'

const CLAIM = 'identity/sessions'

/** A change of an account, and who makes it. */
interface Change {
  readonly account: string
  readonly by: string
  readonly write: Extract<AbstractRequest, { kind: 'update' | 'delete' }>
}

/** What is asked after each change: what is wrong, or null. */
type After = (asked: {
  readonly tools: ProbeTools
  /** The status of a request to the own row. */
  readonly me: (token: string, instance: number) => Promise<number>
  /** A session of the account that was used before the change. */
  readonly other: string
  /** The session that made the change. */
  readonly own: string
}) => Promise<string | null>

/** The probes: new passwords, deleted accounts, and changes after which sessions go on. */
export function followedChanges(signing: SigningIn): readonly ProbeCase[] {
  const { asking, entity } = signing
  if (entity.hooks.length > 0) return []
  const [first = '', second = first] = asking.world.accounts
  return [
    ...passwordChanges(signing, second),
    ...deletions(signing),
    ...ownChanges(signing, first).map((change) =>
      probeOf(signing, {
        goal: `goes-on-${Object.keys(bodyOf(change))[0]}`,
        why: 'only a new password ends sessions',
        change,
        after: goesOn,
      }),
    ),
  ]
}

function passwordChanges(signing: SigningIn, account: string): readonly ProbeCase[] {
  const { asking, entity, identity } = signing
  const field = entity.fields.find(({ name }) => name === identity.password)
  const password = field === undefined ? undefined : sampleValue(field.type, 0)
  if (password === undefined) return []
  const changeBy = (by: string): Change => ({ account, by, write: patch(signing, account, { [identity.password]: password }) })
  const isAllowed = ({ by, write }: Change): boolean => expectationOf(asking.reference, by, write).statuses.join() === '200'
  const others = asking.world.accounts.filter((one) => one !== account)
  const own = [changeBy(account)].filter(isAllowed)
  const foreign = others.map(changeBy).filter(isAllowed).slice(0, 1)
  return [
    ...own.map((change) =>
      probeOf(signing, { goal: 'password-followed', why: 'a new password ends all other sessions', change, after: endsOthers }),
    ),
    ...foreign.map((change) =>
      probeOf(signing, { goal: 'password-of-another', why: 'a new password ends all sessions of its account', change, after: ends }),
    ),
  ]
}

function deletions(signing: SigningIn): readonly ProbeCase[] {
  const { asking, entity } = signing
  for (const { user, request, expected } of requestsOf(asking, entity, 'delete')) {
    if (user === null || request.kind !== 'delete' || request.id === user || expected.join() !== '204') continue
    const change: Change = { account: request.id, by: user, write: request }
    if (!asking.world.accounts.includes(request.id)) continue
    return [probeOf(signing, { goal: 'deletion-followed', why: 'a deleted account has no session', change, after: ends })]
  }
  return []
}

/** A change of each field that the account may change, but for its password: one value in each. */
function ownChanges(signing: SigningIn, account: string): readonly Change[] {
  const { asking, entity } = signing
  const { reference } = asking
  const row = reference.find(entity.name, account)
  const writable = reference.sightOf(account).kind.writable(entity.name)
  return entity.fields.flatMap((field): readonly Change[] => {
    const isPlain = ['scalar', 'choice', 'list'].includes(field.type.kind) && !field.immutable && field.system === null
    const value = isPlain && writable.has(field.name) ? otherValue(field, row?.[field.name] ?? null) : undefined
    if (value === undefined) return []
    const write = patch(signing, account, { [field.name]: value })
    return expectationOf(reference, account, write).statuses.join() === '200' ? [{ account, by: account, write }] : []
  })
}

function bodyOf({ write }: Change): BodyValues {
  return write.kind === 'update' ? write.body : {}
}

function patch({ entity }: SigningIn, id: string, body: BodyValues): Extract<AbstractRequest, { kind: 'update' }> {
  return { kind: 'update', entity: entity.name, mode: 'patch', id, body, version: null, selected: ALL }
}

interface Asking {
  readonly goal: string
  readonly why: string
  readonly change: Change
  readonly after: After
}

function probeOf(signing: SigningIn, { goal, why, change, after }: Asking): ProbeCase {
  const { asking, at, entity } = signing
  const { account, by, write } = change
  const places = placedWrites(asking, { user: by, write })
  return {
    name: `${CLAIM}/${goal}/places`,
    claim: CLAIM,
    door: 'session',
    user: by,
    goals: places.map(({ place }) => `${goal}-${place}`),
    atoms: {},
    async ask(tools): Promise<ProbeOutcome> {
      const mine = { method: 'GET', url: `${at}/me` }
      const me = async (token: string, instance: number): Promise<number> => (await tools.send({ ...mine, token, instance })).status
      const own = by === account ? await tools.newToken(by) : (tools.tokenOf(by) ?? '')
      let last: ProbeOutcome = { wrong: null, statuses: [200], why, sent: mine, answer: await tools.send({ ...mine, token: own }) }
      for (const [i, { place, sent }] of places.entries()) {
        // The last delete stays: with its row, the account gets a new session.
        if (write.kind === 'delete' && i > 0) await tools.returnRow(entity.name, account)
        const other = await tools.newToken(account)
        const before = await me(other, 0)
        const answer = await tools.send({ ...sent, token: own })
        const wrong =
          (before === 401 ? 'a new session is answered 401 before the change' : null) ??
          (isDone(answer) ? null : `the change is answered ${answer.status}: ${answer.text.slice(0, 200)}`) ??
          (await after({ tools, me, other, own }))
        last = { wrong: wrong === null ? null : `${place}: ${wrong}`, statuses: [200, 204], why, sent, answer }
        if (wrong !== null) return last
      }
      return last
    },
    // The same change is made several times, and others beside it.
    rows: () => null,
  }
}

/** The session is refused where the change was made, where it was known, and on another instance, which has never seen it. */
const ends: After = async ({ tools, me, other }) => {
  for (const instance of new Set([0, tools.instances - 1])) {
    const status = await me(other, instance)
    if (status !== 401) return `a session of the account is answered ${status} afterwards${instance === 0 ? '' : ' on another instance'}`
  }
  return null
}

/** No session has ended. Another instance has not remembered them. */
const goesOn: After = async ({ tools, me, other, own }) => {
  for (const instance of new Set([0, tools.instances - 1])) {
    const which = instance === 0 ? '' : ' on another instance'
    if ((await me(own, instance)) === 401) return `the session that made the change is answered 401 afterwards${which}`
    if ((await me(other, instance)) === 401) return `another session is answered 401 afterwards${which}`
  }
  return null
}

const endsOthers: After = async (asked) => {
  const ended = await ends(asked)
  return ended ?? goesOn({ ...asked, other: asked.own })
}
