/** F204 for accounts: where a new account may not tell whether its login is taken, it does so at no door and by no byte. */

import { newBody } from '../../cases/new-body.ts'
import { takeNewRows } from '../../cases/placed/new-rows.ts'
import { isInGraphql } from '../../cases/placed/placed-writes.ts'
import type { ProbeCase, ProbeOutcome } from '../../cases/probe.ts'
import type { BodyValues } from '../../expected/abstract-request.ts'
import { type AbstractRequest, ALL, httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { GRAPHQL } from '../../requests/transport-graphql.ts'
import { differenceOf } from '../../security/alike.ts'
import type { SigningIn } from './signing-in.ts'

const CLAIM = 'identity/sign-in'
const WHY = 'the answer to a new account does not say whether its login is taken'

type Create = Extract<AbstractRequest, { kind: 'create' }>

/** One probe for an anonymous caller; none where the design tells that a login is taken. */
export function takenLogins({ asking, entity, identity, loginOf }: SigningIn): readonly ProbeCase[] {
  const { reference, world } = asking
  const [template] = reference.rows().get(entity.name) ?? []
  if (template === undefined || entity.hooks.length > 0 || !answersAlike(reference.design.entities[entity.name])) return []
  const sight = reference.sightOf(null)
  const body = newBody({ reference, user: null, sight, entity }, template, { n: 1_350, needed: [] })
  const create: Create = { kind: 'create', entity: entity.name, rows: [body], many: false, selected: ALL }
  if (expectationOf(reference, null, create).statuses.some((status) => status >= 300) || !Object.hasOwn(body, identity.password)) return []
  const taken = loginOf(world.accounts[0] ?? '')
  const doors: readonly (readonly [string, (values: BodyValues) => SentOverHttp])[] = [
    ['register', (values) => httpRequestOf(reference.model, { ...create, rows: [values], by: 'register' })],
    ['create', (values) => httpRequestOf(reference.model, { ...create, rows: [values] })],
    ...(isInGraphql(reference, { user: null, write: create })
      ? [
          [
            'graphql',
            (values: BodyValues) => {
              const caller = { reference, user: null, sight }
              return GRAPHQL.encode(caller, GRAPHQL.adapt(caller, { ...create, rows: [values] }), null)
            },
          ] as const,
        ]
      : []),
  ]
  const spellings = [taken, ...(taken.includes('@') ? [taken.toUpperCase()] : [])]
  return [
    {
      name: `${CLAIM}/taken-login/register`,
      claim: CLAIM,
      door: 'register',
      user: null,
      goals: doors.map(([name]) => `taken-login-${name}`),
      atoms: {},
      async ask(tools): Promise<ProbeOutcome> {
        const outcome = { statuses: [202], why: WHY }
        let last = { sent: doors[0]?.[1](body) ?? { method: 'POST', url: '/' }, answer: NO_ANSWER }
        for (const [name, sentWith] of doors) {
          // A new login, and then the same with a password that must be refused, beside taken ones.
          const fresh = await tools.send({ ...sentWith(body), token: null })
          await takeNewRows(tools, entity, tools.before)
          const weak = { [identity.password]: 'x' }
          const refused = await tools.send({ ...sentWith({ ...body, ...weak }), token: null })
          for (const login of spellings) {
            const own = { ...body, [identity.login]: login }
            const replaced = [[login, String(body[identity.login])]] as const
            const sent = sentWith(own)
            const answer = await tools.send({ ...sent, token: null })
            last = { sent, answer }
            const other = await tools.send({ ...sentWith({ ...own, ...weak }), token: null })
            const wrong = differenceOf(answer, fresh, replaced) ?? differenceOf(other, refused, replaced)
            if (wrong !== null) return { ...outcome, ...last, wrong: `${name}: ${wrong}` }
          }
        }
        return { ...outcome, ...last, wrong: null }
      },
      // New accounts are taken away again, and their events remain.
      rows: () => null,
    },
  ]
}

const NO_ANSWER = { status: 0, headers: {}, text: '', json: undefined }
