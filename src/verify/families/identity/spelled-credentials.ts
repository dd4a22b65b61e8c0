/** Right credentials in the other spellings that the documents allow: of the header `Authorization`, and of a login that is an address. */

import { storedScalar } from '../../../model/model.ts'
import type { ProbeCase, ProbeOutcome, ProbeRequest, ProbeTools } from '../../cases/probe.ts'
import type { Answered } from '../../expected/answered.ts'
import { SAMPLE_PASSWORD, type SigningIn } from './signing-in.ts'

/** The header in each spelling: RFC 9110, sections 11.1 (letter case) and 11.4 (one space or more). */
const HEADERS: readonly (readonly [name: string, header: (scheme: string, token: string) => string])[] = [
  ['the scheme in capitals', (scheme, token) => `${scheme.toUpperCase()} ${token}`],
  ['the scheme in small letters', (scheme, token) => `${scheme.toLowerCase()} ${token}`],
  ['several spaces', (scheme, token) => `${scheme}   ${token}`],
  ['capitals and two spaces', (scheme, token) => `${scheme.toUpperCase()}  ${token}`],
]

/** The login in each spelling. */
const LOGINS: readonly (readonly [name: string, spelled: (login: string) => string])[] = [
  ['capitals', (login) => login.toUpperCase()],
  ['both cases', (login) => [...login].map((letter, i) => (i % 2 === 0 ? letter.toUpperCase() : letter)).join('')],
  ['spaces around it', (login) => `  ${login} `],
]

/** Each spelling of the header is accepted, at REST and in GraphQL, with a token that was sent before and with one that was not. */
export function spelledTokens({ asking, at, identity }: SigningIn): readonly ProbeCase[] {
  const [account = ''] = asking.world.accounts
  const { scheme } = identity.token
  const claim = 'identity/tokens'
  return [
    {
      ...{ name: `${claim}/spelled/header`, claim, door: 'header', user: account, goals: ['spelled'], atoms: {} },
      async ask(tools) {
        const tokens = [tools.tokenOf(account) ?? '', await tools.newToken(account)]
        const asked = tokens.flatMap((token) =>
          HEADERS.flatMap(([name, header]) => {
            const headers = { authorization: header(scheme, token) }
            const me: ProbeRequest = { method: 'GET', url: `${at}/me`, headers, token: null }
            const graphql: ProbeRequest = { method: 'POST', url: '/graphql', body: { query: '{ __typename }' }, headers, token: null }
            return [
              { name, sent: me, isMe: true },
              ...(asking.reference.model.served.graphql ? [{ name, sent: graphql, isMe: false }] : []),
            ]
          }),
        )
        return firstWrong(tools, asked, account)
      },
    },
  ]
}

/** Each spelling of a login that is an address signs in to the same account; none for another kind of login. */
export function spelledLogins({ asking, at, identity, entity, loginOf }: SigningIn): readonly ProbeCase[] {
  const [account = ''] = asking.world.accounts
  const type = entity.fields.find(({ name }) => name === identity.login)?.type
  if (type === undefined || storedScalar(type) !== 'email') return []
  const claim = 'identity/sign-in'
  const login = loginOf(account)
  return [
    {
      ...{ name: `${claim}/login-spelled/login`, claim, door: 'login', user: null, goals: ['login-spelled'], atoms: {} },
      async ask(tools) {
        let last: ProbeOutcome | null = null
        for (const [name, spelled] of LOGINS) {
          const body = { [identity.login]: spelled(login), [identity.password]: SAMPLE_PASSWORD }
          const sent = { method: 'POST', url: `${at}/login`, body }
          const answer = await tools.send({ ...sent, token: null })
          const own = answer.status === 200 ? await tools.send({ method: 'GET', url: `${at}/me`, token: answer.json.token }) : null
          const wrong = answer.status === 200 ? otherAccount(own, account) : `status ${answer.status}`
          last = { wrong: wrong === null ? null : `${name}: ${wrong}`, statuses: [200], why: WHY_LOGIN, sent, answer }
          if (wrong !== null) return last
        }
        if (last === null) throw new Error('there are spellings')
        return last
      },
    },
  ]
}

const WHY_HEADER = 'the letter case of the scheme and the number of spaces decide nothing'
const WHY_LOGIN = 'the letter case of an address and the spaces around it decide nothing'

interface Asked {
  readonly name: string
  readonly sent: ProbeRequest
  /** Whether the answer is the row of the account. */
  readonly isMe: boolean
}

async function firstWrong({ send }: ProbeTools, asked: readonly Asked[], account: string): Promise<ProbeOutcome> {
  let last: ProbeOutcome | null = null
  for (const { name, sent, isMe } of asked) {
    const answer = await send(sent)
    const refused = answer.status === 401 ? 'status 401' : null
    const wrong = refused ?? (isMe ? otherAccount(answer, account) : null)
    last = { wrong: wrong === null ? null : `${name}: ${wrong}`, statuses: [200], why: WHY_HEADER, sent, answer }
    if (wrong !== null) return last
  }
  if (last === null) throw new Error('there are spellings')
  return last
}

/** What is wrong with the answer about the own row. An account that may not read its own row is told so. */
function otherAccount(answer: Answered | null, account: string): string | null {
  if (answer === null || answer.status === 401) return 'the caller is not signed in'
  const isOther = answer.status === 200 && answer.json?.id !== undefined && String(answer.json.id) !== account
  return isOther ? 'the caller is another account' : null
}
