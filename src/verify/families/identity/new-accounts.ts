/** An account that is made at any door signs in with its password, and with no other one. */

import { entityNamed } from '../../../model/model.ts'
import { takeNewRows } from '../../cases/placed/new-rows.ts'
import { isDone, placedWrites } from '../../cases/placed/placed-writes.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import { type AbstractRequest, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { AllRows } from '../../expected/reference.ts'
import { answersAlike } from '../../expected/written-design.ts'
import type { PlainRow } from '../../oracle/oracle-rows.ts'
import { differing } from '../../security/everywhere/texts-everywhere.ts'
import type { SigningIn } from './signing-in.ts'

const CLAIM = 'identity/sign-in'

type Create = Extract<AbstractRequest, { kind: 'create' }>

interface Creating {
  readonly user: string | null
  readonly create: Create
}

/** One probe; none where no caller may make an account with a password. */
export function newAccounts({ asking, entity, identity, at }: SigningIn): readonly ProbeCase[] {
  const found = entity.hooks.length > 0 ? null : creatingOf(asking, { entity, identity })
  if (found === null) return []
  const doors = doorsOf(asking, found)
  const password = String(found.create.rows[0]?.[identity.password])
  const loginWith = (row: PlainRow, text: string) => ({
    ...{ method: 'POST', url: `${at}/login`, token: null },
    body: { [identity.login]: row[identity.login], [identity.password]: text },
  })
  return [
    {
      name: `${CLAIM}/new-accounts/login`,
      claim: CLAIM,
      door: 'login',
      user: found.user,
      goals: doors.map(({ door }) => `new-account-${door}`),
      atoms: {},
      async ask(tools): Promise<ProbeOutcome> {
        const outcome = { statuses: [201, 202], why: 'a new account signs in with the password that it was made with' }
        let last = { sent: { method: 'POST', url: '/' } as SentOverHttp, answer: NO_ANSWER }
        const stored = new Set<unknown>()
        for (const { door, sent } of doors) {
          const answer = await tools.send({ ...sent, token: tools.tokenOf(found.user) })
          last = { sent, answer }
          const made = newRows(await tools.rows(), tools.before, entity.name)
          const wrong =
            !isDone(answer) || made.length === 0
              ? `status ${answer.status}, and ${made.length} new accounts: ${answer.text.slice(0, 200)}`
              : made.some((row) => row[identity.password] === password)
                ? 'the password is stored as it was sent'
                : madeAlike(stored, made, identity.password)
                  ? 'the same password of another account is stored in the same form'
                  : await signInMismatch(tools, [loginWith(made[0] as PlainRow, password), loginWith(made[0] as PlainRow, `${password}1`)])
          const { isGone } = await takeNewRows(tools, entity, tools.before)
          if (wrong !== null || !isGone) return { ...outcome, ...last, wrong: wrong === null ? null : `${door}: ${wrong}` }
        }
        return { ...outcome, ...last, wrong: null }
      },
      // New accounts are taken away again, and their events remain.
      rows: () => null,
    },
  ]
}

/** Whether a form of the password was stored before, or twice now. Each has a salt of its own. */
function madeAlike(stored: Set<unknown>, made: readonly PlainRow[], password: string): boolean {
  const forms = made.map((row) => row[password])
  const isAlike = forms.some((form, i) => stored.has(form) || forms.indexOf(form) !== i)
  for (const form of forms) stored.add(form)
  return isAlike
}

const NO_ANSWER = { status: 0, headers: {}, text: '', json: undefined }

function creatingOf(asking: PlannedWorld, { entity, identity }: Pick<SigningIn, 'entity' | 'identity'>): Creating | null {
  const all = [...requestsOf(asking, entity, 'create')]
  for (const { user, request, expected } of [...all.filter((one) => one.user === null), ...all]) {
    const isMade = request.kind === 'create' && expected.every((status) => status < 300)
    if (!isMade || isUnforeseen(asking.reference, { user, request, api: 'rest' })) continue
    const [body = {}] = request.rows
    if (Object.hasOwn(body, identity.password) && Object.hasOwn(body, identity.login)) return { user, create: request }
  }
  return null
}

/** The doors at which the account can be made. Where the answer hides whether a login is taken, it must be alone in its request. */
function doorsOf(asking: PlannedWorld, { user, create }: Creating): readonly { readonly door: string; readonly sent: SentOverHttp }[] {
  const { model, design } = asking.reference
  const rest = (door: string, more: Partial<Create>) => ({ door, sent: httpRequestOf(model, { ...create, ...more }) })
  const register = user === null ? [rest('register', { by: 'register' })] : []
  if (answersAlike(design.entities[create.entity])) return [rest('create', {}), ...register]
  const [first = {}] = create.rows
  const second = { ...first, ...differing(asking, entityNamed(model, create.entity), 9) }
  return [
    ...placedWrites(asking, { user, write: create }).map(({ place, sent }) => ({ door: place, sent })),
    ...register,
    rest('many', { many: true }),
    rest('bulk', { many: true, by: 'bulk' }),
    rest('two-at-once', { many: true, rows: [first, second] }),
  ]
}

function newRows(rows: AllRows, before: AllRows, entity: string): readonly PlainRow[] {
  const known = new Set((before.get(entity) ?? []).map(({ id }) => id))
  return (rows.get(entity) ?? []).filter(({ id }) => !known.has(id))
}

async function signInMismatch(
  tools: ProbeTools,
  [right, wrong]: readonly [Parameters<ProbeTools['send']>[0], Parameters<ProbeTools['send']>[0]],
): Promise<string | null> {
  const refused = await tools.send(wrong)
  if (refused.status !== 401) return `another password signs in with ${refused.status}`
  const { status } = await tools.send(right)
  return status === 200 ? null : `the new account signs in with ${status}`
}
