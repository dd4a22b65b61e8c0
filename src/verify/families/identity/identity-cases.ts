/** The cases of the family `identity`: signing in, staying signed in, signing out, and tokens that must be refused. */

import { restBase } from '../../../model/address/served.ts'
import { entityNamed } from '../../../model/model.ts'
import type { Case } from '../../cases/case.ts'
import type { PlannedFamily } from '../../cases/family-plan.ts'
import { answerMismatch, type ProbeCase, type ProbeOutcome, type ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { ALL } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { forgedKinds, forgedTokens } from '../../expected/forged-tokens.ts'
import { followedChanges } from './followed-changes.ts'
import { issuedTokens } from './issued-tokens.ts'
import { newAccounts } from './new-accounts.ts'
import { publicKeysProbe } from './public-keys.ts'
import { rightsProbes } from './rights-probes.ts'
import { sessionProbes } from './session-probes.ts'
import { signInProbes } from './sign-in-probes.ts'
import type { SigningIn } from './signing-in.ts'
import { spelledLogins, spelledTokens } from './spelled-credentials.ts'
import { takenLogins } from './taken-logins.ts'

/** The claims about signing in; none for a design without accounts or without REST. */
export function identityCases(asking: PlannedWorld): readonly PlannedFamily[] {
  const { model, find } = asking.reference
  const { identity } = model
  if (identity === null || model.served.rest === null || asking.world.accounts.length < 3) return []
  const entity = entityNamed(model, identity.entity)
  const loginOf = (account: string): string => String(find(entity.name, account)?.[identity.login] ?? '')
  const signing: SigningIn = { asking, entity, identity, at: `${restBase(model)}/auth`, loginOf }
  const family = (
    name: string,
    claim: string,
    parts: { readonly cases?: readonly Case[]; readonly probes: readonly ProbeCase[]; readonly goals: readonly string[] },
  ) => {
    const { cases = [], probes, goals } = parts
    const asked = [...new Set([...cases, ...probes].flatMap((one) => one.goals))]
    return {
      plan: {
        id: `identity/${name}`,
        claim,
        path: ['entities', entity.name, 'identity'],
        oracle: 'RFC 7519, 8725, 9068 and 9700, and the guide to signing in',
        text: 'requests with right, wrong, forged, used and ended credentials, on all instances',
        what: 'kinds of sign-in',
        asked,
        impossible: [],
        untested: goals.filter((goal) => !asked.includes(goal)),
      },
      cases,
      probes,
    } as const
  }
  const [tokens, signIn, sessions] = [
    [...forgedProbes(signing), ...issuedTokens(signing), ...spelledTokens(signing)],
    [...signInProbes(signing), ...spelledLogins(signing), ...takenLogins(signing), ...newAccounts(signing)],
    [...sessionProbes(signing), ...followedChanges(signing)],
  ]
  const rights = rightsProbes(signing)
  return [
    family('tokens', 'An access token counts only as it was issued.', {
      cases: meCases(signing),
      probes: tokens,
      goals: [...forgedKinds(), 'genuine', 'anonymous', 'public-keys', 'issued', 'own-rows', 'spelled'],
    }),
    family('sign-in', 'Only the right password of an account signs in, and a wrong one tells nothing.', { probes: signIn, goals: [] }),
    family('sessions', 'A session lasts while its tokens are used once, and ends at once where it must.', { probes: sessions, goals: [] }),
    ...(rights.length === 0
      ? []
      : [
          family('rights', 'A right that is taken away is gone at once where it was taken, and everywhere within five seconds.', {
            probes: rights,
            goals: [],
          }),
        ]),
  ]
}

/** The caller's own row. */
function meCases({ asking, entity }: SigningIn): readonly Case[] {
  const claim = 'identity/tokens'
  const me = (user: string | null, goal: string): Case => ({
    name: `${claim}/${goal}/me`,
    claim,
    door: 'me',
    api: 'rest',
    user,
    request: { kind: 'get', entity: entity.name, id: user ?? '', selected: ALL, by: 'me' },
    goals: [goal],
    atoms: {},
  })
  const [account = null] = asking.world.accounts
  return [me(account, 'genuine')]
}

/** One probe for each kind of forged token: it must be refused at every kind of address, always in the same words. */
function forgedProbes({ asking, at, entity }: SigningIn): readonly ProbeCase[] {
  const claim = 'identity/tokens'
  const { accounts } = asking.world
  const [user = '', otherAccount = ''] = accounts
  const { model } = asking.reference
  const urls = [`${at}/me`, `${restBase(model)}/${entity.path}`]
  const kinds = forgedKinds().map(
    (kind): ProbeCase => ({
      name: `${claim}/${kind}/header`,
      claim,
      door: 'header',
      user,
      goals: [kind],
      atoms: {},
      async ask(tools) {
        const genuine = tools.tokenOf(user)
        if (tools.signing === null || genuine === null) return notPossible(urls[0] ?? '', 'the key of the backend is not known')
        const forged = forgedTokens({ token: genuine, pem: tools.signing.pem, otherAccount }).find((one) => one.kind === kind)
        const { token, why } = forged ?? { token: '', why: '' }
        const control = await tools.send({ method: 'GET', url: urls[0] ?? '', token: genuine })
        if (control.status === 401)
          return {
            wrong: 'the valid token is refused, too',
            statuses: [200],
            why,
            sent: { method: 'GET', url: urls[0] ?? '' },
            answer: control,
          }
        return refusedEverywhere(tools, { token, why, urls, hasGraphql: model.served.graphql })
      },
    }),
  )
  const anonymous: ProbeCase = {
    name: `${claim}/anonymous/me`,
    claim,
    door: 'me',
    user: null,
    goals: ['anonymous'],
    atoms: {},
    async ask(tools) {
      const sent = { method: 'GET', url: `${at}/me` }
      const answer = await tools.send({ ...sent, token: null })
      const why = 'nobody has signed in'
      return { wrong: answerMismatch(answer, { statuses: [401], why, code: 'not_signed_in' }), statuses: [401], why, sent, answer }
    },
  }
  return [...kinds, anonymous, publicKeysProbe(claim)]
}

interface Refusing {
  readonly token: string
  readonly why: string
  readonly urls: readonly string[]
  readonly hasGraphql: boolean
}

async function refusedEverywhere(tools: ProbeTools, { token, why, urls, hasGraphql }: Refusing): Promise<ProbeOutcome> {
  const requests = [
    ...urls.map((url) => ({ method: 'GET', url })),
    ...(hasGraphql ? [{ method: 'POST', url: '/graphql', body: { query: '{ __typename }' } }] : []),
  ]
  const answers: Answered[] = []
  for (const request of requests) answers.push(await tools.send({ ...request, token }))
  const at = answers.findIndex((answer) => answerMismatch(answer, { statuses: [401], why, code: 'invalid_token' }) !== null)
  const answer = answers[Math.max(0, at)] as Answered
  const sent = requests[Math.max(0, at)] ?? { method: 'GET', url: urls[0] ?? '' }
  return { wrong: answerMismatch(answer, { statuses: [401], why, code: 'invalid_token' }), statuses: [401], why, sent, answer }
}

function notPossible(url: string, wrong: string): ProbeOutcome {
  return { wrong, statuses: [401], why: wrong, sent: { method: 'GET', url }, answer: { status: 0, headers: {}, text: '', json: undefined } }
}
