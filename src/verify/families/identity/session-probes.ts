/** Sessions: refresh tokens that are rotated, lost, used again, forged and refreshed at once, and sessions that end. */

import { sampleValue } from '../../../compile/values/sample.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { Answered } from '../../expected/answered.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { SAMPLE_PASSWORD, type SigningIn } from './signing-in.ts'

const AT_ONCE = 30
/** Five seconds are promised; a loaded machine may take longer to ask. */
const SPREAD_MS = 8_000
const PAUSE_MS = 250

const CLAIM = 'identity/sessions'

/** What a session has. */
interface Tokens {
  readonly token: string
  readonly refreshToken: string
}

/** What a probe does with a new session. Returns what is wrong, or null. */
type Story = (session: Session) => Promise<string | null>

interface Session {
  readonly tools: ProbeTools
  /** Signs the same account in once more. */
  readonly again: () => Promise<Answered>
  readonly first: Tokens
  readonly refresh: (refreshToken: string, instance?: number) => Promise<Answered>
  /** The status of a request with an access token to the account's own row. */
  readonly me: (token: string, instance?: number) => Promise<number>
  readonly logout: (sent: { readonly token: string | null; readonly refreshToken?: string }) => Promise<Answered>
}

/** All probes about sessions. */
export function sessionProbes(signing: SigningIn): readonly ProbeCase[] {
  const { asking } = signing
  const [first = '', second = first] = asking.world.accounts
  const story = (goal: string, why: string, tell: Story): ProbeCase => storyOf(signing, { goal, why, account: first, tell })
  return [
    story('rotated', 'RFC 9700 4.14.2: each refresh gives another token', rotated),
    story('lost-answer', 'the answer to a refresh may be lost, and asked again', lostAnswer),
    story('reused', 'RFC 9700 4.14.2: an old token that is used again ends the session', reused),
    story('at-once', 'one token that is refreshed at once has one successor', atOnce),
    story('forged-refresh', 'a refresh token that was not issued is refused, and the session goes on', forgedRefresh),
    story('altered-refresh', 'a token that was not issued is no old one, so it ends no session', alteredRefresh),
    story('logged-out', 'a session ends with logging out', loggedOut),
    story('logged-out-by-refresh', 'a session ends with its refresh token, too', loggedOutByRefresh),
    story('logged-out-elsewhere', 'a session that ended is refused on every instance within five seconds', loggedOutElsewhere),
    story('logged-out-alone', 'logging out ends one session, and no other of the account', loggedOutAlone),
    story('logged-out-nobody', 'nobody is signed in', async ({ logout }) =>
      mismatch('logging out', (await logout({ token: null })).status, 401),
    ),
    ...changedPassword(signing, second),
  ]
}

interface Telling {
  readonly goal: string
  readonly why: string
  readonly account: string
  readonly tell: Story
}

function storyOf({ at, identity, loginOf }: SigningIn, { goal, why, account, tell }: Telling): ProbeCase {
  return {
    name: `${CLAIM}/${goal}/session`,
    claim: CLAIM,
    door: 'session',
    user: account,
    goals: [goal],
    atoms: {},
    async ask(tools): Promise<ProbeOutcome> {
      const sent = {
        method: 'POST',
        url: `${at}/login`,
        body: { [identity.login]: loginOf(account), [identity.password]: SAMPLE_PASSWORD },
      }
      const answer = await tools.send({ ...sent, token: null })
      const outcome = { statuses: [200], why, sent, answer }
      if (answer.status !== 200) return { ...outcome, wrong: `signing in is answered ${answer.status}` }
      const refresh: Session['refresh'] = (refreshToken, instance = 0) =>
        tools.send({ method: 'POST', url: `${at}/refresh`, body: { refreshToken }, token: null, instance })
      const me: Session['me'] = async (token, instance = 0) =>
        (await tools.send({ method: 'GET', url: `${at}/me`, token, instance })).status
      const logout: Session['logout'] = ({ token, refreshToken }) =>
        tools.send({ method: 'POST', url: `${at}/logout`, token, ...(refreshToken === undefined ? {} : { body: { refreshToken } }) })
      const again: Session['again'] = () => tools.send({ ...sent, token: null })
      return { ...outcome, wrong: await tell({ tools, again, first: answer.json as Tokens, refresh, me, logout }) }
    },
  }
}

function mismatch(what: string, status: number, expected: number): string | null {
  return status === expected ? null : `${what} is answered ${status}, expected ${expected}`
}

/** A caller who is known may still not be allowed to read the own row. */
function unknown(what: string, status: number): string | null {
  return status === 401 ? `${what} is answered 401` : null
}

const rotated: Story = async ({ first, refresh, me }) => {
  const second = await refresh(first.refreshToken)
  if (second.status !== 200) return mismatch('the refresh', second.status, 200)
  if (second.json.refreshToken === first.refreshToken) return 'a refresh gives the same refresh token'
  if (second.json.token === first.token) return 'a refresh gives the same access token'
  const third = await refresh(second.json.refreshToken)
  if (third.status !== 200) return mismatch('the second refresh', third.status, 200)
  return (await me(third.json.token)) === 401 ? 'the access token of a refresh is refused' : null
}

const lostAnswer: Story = async ({ first, refresh }) => {
  const [one, two] = [await refresh(first.refreshToken), await refresh(first.refreshToken)]
  const wrong = mismatch('the repetition', two.status, 200)
  if (wrong !== null) return wrong
  return one.json.refreshToken === two.json.refreshToken ? null : 'the repetition gives another refresh token'
}

const reused: Story = async ({ first, refresh, me }) => {
  const second = await refresh(first.refreshToken)
  const third = await refresh(second.json?.refreshToken ?? '')
  const old = await refresh(first.refreshToken)
  const newest = await refresh(third.json?.refreshToken ?? '')
  return (
    mismatch('a refresh token of two generations before', old.status, 401) ??
    mismatch('the newest refresh token of a session with a stolen one', newest.status, 401) ??
    mismatch('the access token of that session', await me(third.json?.token ?? ''), 401)
  )
}

const atOnce: Story = async ({ tools, first, refresh }) => {
  const answers = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => refresh(first.refreshToken, n % tools.instances)))
  const refused = answers.find(({ status }) => status !== 200)
  if (refused !== undefined) return mismatch('one of the refreshes at once', refused.status, 200)
  const successors = new Set(answers.map(({ json }) => json.refreshToken))
  if (successors.size !== 1) return `${AT_ONCE} refreshes at once gave ${successors.size} refresh tokens`
  const [next] = [...successors]
  return mismatch('the successor', (await refresh(String(next))).status, 200)
}

const forgedRefresh: Story = async ({ first, refresh }) => {
  const { token, refreshToken } = first
  const bytes = Buffer.from(refreshToken, 'base64url')
  const last = bytes.length - 1
  bytes[last] = (bytes[last] ?? 0) ^ 1
  const forged = [bytes.toString('base64url'), refreshToken.slice(0, -2), `${refreshToken}A`, token, 'x', '']
  for (const one of forged) {
    const wrong = mismatch(`the forged refresh token ${one.slice(0, 12)}…`, (await refresh(one)).status, 401)
    if (wrong !== null) return wrong
  }
  return mismatch('the session after forged refresh tokens', (await refresh(refreshToken)).status, 200)
}

/** Each byte of the newest token of a session that has had several: whatever it says then, it was never issued. */
const alteredRefresh: Story = async ({ first, refresh, logout }) => {
  const second = await refresh(first.refreshToken)
  const third = await refresh(second.json?.refreshToken ?? '')
  const newest = Buffer.from(third.json?.refreshToken ?? '', 'base64url')
  if (newest.length === 0) return mismatch('the second refresh', third.status, 200)
  for (const at of newest.keys()) {
    const altered = Buffer.from(newest)
    altered[at] = (altered[at] ?? 0) ^ 1
    const refreshToken = altered.toString('base64url')
    const wrong = mismatch(`a refresh token with another byte ${at}`, (await refresh(refreshToken)).status, 401)
    if (wrong !== null) return wrong
    await logout({ token: null, refreshToken })
  }
  return mismatch('the session after altered refresh tokens', (await refresh(third.json.refreshToken)).status, 200)
}

/** The session is used first, so that the instance may remember it. */
const loggedOut: Story = async ({ first, refresh, me, logout }) =>
  unknown('the access token before logging out', await me(first.token)) ??
  mismatch('logging out', (await logout({ token: first.token })).status, 204) ??
  mismatch('the access token after logging out', await me(first.token), 401) ??
  mismatch('the refresh token after logging out', (await refresh(first.refreshToken)).status, 401)

const loggedOutByRefresh: Story = async ({ first, me, logout }) =>
  unknown('the access token before logging out', await me(first.token)) ??
  mismatch('logging out', (await logout({ token: null, refreshToken: first.refreshToken })).status, 204) ??
  mismatch('the access token after logging out', await me(first.token), 401)

const loggedOutAlone: Story = async ({ first, again, refresh, me, logout }) => {
  const { status, json } = await again()
  const other = json as Tokens
  return (
    mismatch('a second sign-in', status, 200) ??
    unknown('the access token of the second session', await me(other.token)) ??
    mismatch('logging out of the first session', (await logout({ token: first.token })).status, 204) ??
    unknown('the access token of the second session after logging out of the first', await me(other.token)) ??
    mismatch('the refresh token of the second session after logging out of the first', (await refresh(other.refreshToken)).status, 200)
  )
}

const loggedOutElsewhere: Story = async ({ tools, first, refresh, me, logout }) => {
  const other = tools.instances - 1
  const before = await me(first.token, other)
  if (before === 401) return 'the token is refused on another instance'
  const wrong = mismatch('logging out', (await logout({ token: first.token })).status, 204)
  if (wrong !== null) return wrong
  const until = performance.now() + SPREAD_MS
  while ((await me(first.token, other)) !== 401) {
    if (performance.now() > until) return 'the access token is accepted on another instance eight seconds after logging out'
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
  return mismatch('the refresh token on another instance after logging out', (await refresh(first.refreshToken, other)).status, 401)
}

/** A new password ends the other sessions; none where the account may not change its password. */
function changedPassword(signing: SigningIn, account: string): readonly ProbeCase[] {
  const { asking, entity, identity } = signing
  const { reference } = asking
  const field = entity.fields.find(({ name }) => name === identity.password)
  const password = field === undefined ? undefined : sampleValue(field.type, 0)
  const body = { [identity.password]: password }
  const request = {
    kind: 'update',
    entity: entity.name,
    mode: 'patch',
    id: account,
    body,
    version: null,
    selected: { fields: null, include: new Map() },
  } as const
  const isHooked = entity.hooks.length > 0
  if (password === undefined || isHooked) return []
  if (expectationOf(reference, account, request).statuses.some((status) => status >= 300)) return []
  const tell: Story = async ({ tools, first, refresh, me }) => {
    const url = `${signing.at.replace(/\/auth$/, '')}/${entity.path}/${encodeURIComponent(account)}`
    const before = await me(first.token)
    const changed = await tools.send({ method: 'PATCH', url, body, token: tools.tokenOf(account) })
    return (
      unknown('the access token of another session before the change', before) ??
      mismatch('the change of the password', changed.status, 200) ??
      mismatch('the access token of another session after a new password', await me(first.token), 401) ??
      mismatch('the refresh token of another session after a new password', (await refresh(first.refreshToken)).status, 401)
    )
  }
  const probe = storyOf(signing, { goal: 'password-changed', why: 'a new password ends sessions', account, tell })
  return [{ ...probe, rows: (now, after) => changeMismatch(now, expectationOf(now, account, request).change, after) }]
}
