/** F200 where accounts sign in: a login with special characters is a login like others, and texts of statements are nobody's. */

import { restBase } from '../../../model/address/served.ts'
import { type Entity, hasHooksFor } from '../../../model/model.ts'
import { takeNewRows } from '../../cases/placed/new-rows.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestsOf } from '../../cases/usual-request.ts'
import type { AbstractRequest, BodyValues, SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { answersAlike } from '../../expected/written-design.ts'
import type { SecurityProbe } from '../probes.ts'

/** Names before the `@` of addresses, and logins of other types. All characters are those of the addresses that browsers take. */
const LOCAL = ["o'neil--", "a'or'1'='1", 'a$1$$%_{x}', 'a`b|c&d*e/f?g']

/** Texts of statements in place of a login or a token; `LOGIN` is the login of an account. */
const STATEMENTS = [
  ...["' OR '1'='1", "' OR 1=1 --", "LOGIN' --", "LOGIN'; select 1; --", "LOGIN' or 'a'='a", "nobody@example.org' union select 1 --"],
  ...["x'||(select 1)||'@example.org", '$1', '%', 'LOGIN\\', "x'; drop table users; --@example.org"],
]

type Create = Extract<AbstractRequest, { kind: 'create' }>

/** One probe; none for an entity that does not sign in. @param password the password of all accounts of the world */
export function signInTexts(asking: PlannedWorld, entity: Entity, password: string): readonly SecurityProbe[] {
  const { reference, world } = asking
  const { identity } = reference.model
  const [account] = world.accounts
  if (identity === null || identity.entity !== entity.name || account === undefined) return []
  const at = `${restBase(reference.model)}/auth`
  const victim = String(reference.find(entity.name, account)?.[identity.login] ?? '')
  const post = (address: string, body: BodyValues): SentOverHttp => ({ method: 'POST', url: `${at}/${address}`, body })
  const signIn = (login: unknown, secret: unknown): SentOverHttp => post('login', { [identity.login]: login, [identity.password]: secret })
  const texts = STATEMENTS.map((text) => text.replaceAll('LOGIN', victim))
  const refused = [
    ...texts.map((text) => signIn(text, password)),
    ...texts.slice(0, 2).map((text) => signIn(victim, text)),
    ...texts.map((refreshToken) => post('refresh', { refreshToken })),
  ]
  const registrations = registrationsOf(asking, entity)
  return [
    {
      goal: 'sign-in-texts',
      user: null,
      async ask(tools) {
        const outcome = { statuses: [200, 401], why: 'a text means nothing more than any other text' }
        let last: { readonly sent: SentOverHttp; readonly answer: Answered } | null = null
        const send = async (sent: SentOverHttp, token: string | null = null): Promise<Answered> => {
          const answer = await tools.send({ ...sent, token })
          last = { sent, answer }
          return answer
        }
        const wrongOf = async (): Promise<string | null> => {
          for (const { body, status } of registrations) {
            const [login, secret] = [body[identity.login], body[identity.password]]
            const registered = await send(post('register', body))
            if (registered.status !== status) return `a registration with ${JSON.stringify(login)} is answered ${registered.status}`
            const [row] = await newIds(tools, entity)
            const signedIn = await send(signIn(login, secret))
            const token = typeof signedIn.json?.token === 'string' ? signedIn.json.token : null
            if (signedIn.status !== 200 || token === null) return `${JSON.stringify(login)} signs in with ${signedIn.status}`
            const own = await send({ method: 'GET', url: `${at}/me` }, token)
            if (own.status === 200 && row !== undefined && String(own.json?.id) !== row)
              return `${JSON.stringify(login)} is another account`
            const { isGone } = await takeNewRows(tools, entity, tools.before)
            if (!isGone) break
          }
          for (const sent of refused) {
            const { status } = await send(sent)
            if (status !== 400 && status !== 401) return `${JSON.stringify(sent.body)} is answered ${status}`
          }
          return null
        }
        const wrong = await wrongOf()
        if (last === null) throw new Error('a text is sent at least once')
        return { ...outcome, ...(last as { readonly sent: SentOverHttp; readonly answer: Answered }), wrong }
      },
      // New accounts are taken away again, and their events remain.
      rows: () => null,
    },
  ]
}

/** The ids of accounts that were made. */
async function newIds(tools: Parameters<SecurityProbe['ask']>[0], { name }: Entity): Promise<readonly string[]> {
  const known = new Set((tools.before.get(name) ?? []).map(({ id }) => id))
  return ((await tools.rows()).get(name) ?? []).filter(({ id }) => !known.has(id)).map(({ id }) => String(id))
}

interface Registration {
  readonly body: BodyValues
  readonly status: number
}

/** Registrations that must succeed, each with another login; none where nobody may register, or where hooks may refuse. */
function registrationsOf(asking: PlannedWorld, entity: Entity): readonly Registration[] {
  const { reference } = asking
  const { identity } = reference.model
  const field = entity.fields.find(({ name }) => name === identity?.login)
  const kind = field?.type.kind === 'scalar' ? field.type.scalar : null
  const isFree =
    kind === 'email' || (kind === 'text' && reference.design.entities[entity.name]?.fields[field?.name ?? '']?.pattern === undefined)
  if (identity === null || !isFree || hasHooksFor(entity.hooks, 'create')) return []
  const found = [...requestsOf(asking, entity, 'create')].find(({ user, expected }) => user === null && expected.every((one) => one < 300))
  if (found?.request.kind !== 'create') return []
  const { request } = found
  return LOCAL.flatMap((local): readonly Registration[] => {
    const body = { ...request.rows[0], [identity.login]: kind === 'email' ? `${local}@example.org` : local }
    const registering: Create = { ...request, rows: [body], many: false, by: 'register' }
    const isTaken = expectationOf(reference, null, registering).statuses.every((status) => status < 300)
    return isTaken ? [{ body, status: answersAlike(reference.design.entities[entity.name]) ? 202 : 201 }] : []
  })
}
