/** Signing in and registering: right and wrong passwords, unknown accounts, and whether the answers or their times tell them apart. */

import { newBody } from '../../cases/new-body.ts'
import { answerMismatch, type ProbeCase, type ProbeTools } from '../../cases/probe.ts'
import type { Answered } from '../../expected/answered.ts'
import { changeMismatch } from '../../expected/compare.ts'
import { expectationOf } from '../../expected/expectation.ts'
import { answersAlike } from '../../expected/written-design.ts'
import { SAMPLE_PASSWORD, type SigningIn } from './signing-in.ts'
import { wholePasswords } from './whole-passwords.ts'

const SAMPLES = 9
/** The medians of both may differ by this share of the longer one. A hash that is left out takes nearly all of the time away. */
const MOST_DIFFERENCE = 0.5
/** Or by this many milliseconds, which is what a loaded machine adds to a short answer. */
const LEAST_MS = 10
/** Mann-Whitney's U of nine and nine samples that equal times have or go below once in some thousand runs. */
const LEAST_U = 4
const WRONG_PASSWORDS = 10

const CLAIM = 'identity/sign-in'

/** What is sent to sign in. */
interface Credentials {
  readonly login: unknown
  readonly password: unknown
}

/** All probes about signing in. */
export function signInProbes(signing: SigningIn): readonly ProbeCase[] {
  const [first = ''] = signing.asking.world.accounts
  return [
    ...rightAndWrong(signing),
    ...wholePasswords(signing, first),
    alike(signing),
    timing(signing),
    locked(signing),
    ...registering(signing),
  ]
}

function loginRequest({ at, identity }: SigningIn, { login, password }: Credentials) {
  return { method: 'POST', url: `${at}/login`, body: { [identity.login]: login, [identity.password]: password }, token: null }
}

function probe(goal: string, ask: ProbeCase['ask'], rows?: ProbeCase['rows']): ProbeCase {
  return {
    name: `${CLAIM}/${goal}/login`,
    claim: CLAIM,
    door: 'login',
    user: null,
    goals: [goal],
    atoms: {},
    ask,
    ...(rows === undefined ? {} : { rows }),
  }
}

/** A login of an account that does not exist, in the form of an existing one. */
function unknownLogin(known: string): string {
  return known.includes('@') ? `nobody-of-this-name@${known.split('@')[1]}` : `nobody-${known}`
}

function rightAndWrong(signing: SigningIn): readonly ProbeCase[] {
  const { asking, loginOf, at } = signing
  const [account = ''] = asking.world.accounts
  const login = loginOf(account)
  const right = probe('right', async (tools) => {
    const sent = loginRequest(signing, { login, password: SAMPLE_PASSWORD })
    const answer = await tools.send(sent)
    const why = 'login and password are right'
    const wrong = answerMismatch(answer, { statuses: [200], why, check: ({ json }) => tokensMismatch(json) })
    const own = wrong === null ? await tools.send({ method: 'GET', url: `${at}/me`, token: answer.json.token }) : null
    const isOther = own?.status === 200 && own.json.id !== undefined && String(own.json.id) !== account
    return {
      wrong: wrong ?? (own?.status === 401 ? 'the new token is refused' : isOther ? 'the token is of another account' : null),
      statuses: [200],
      why,
      sent,
      answer,
    }
  })
  const refused = (goal: string, credentials: Credentials): ProbeCase =>
    probe(goal, async (tools) => {
      const sent = loginRequest(signing, credentials)
      const answer = await tools.send(sent)
      const why = 'login or password is wrong'
      return { wrong: answerMismatch(answer, { statuses: [401], why, code: 'invalid_credentials' }), statuses: [401], why, sent, answer }
    })
  const malformed = (goal: string, credentials: Credentials): ProbeCase =>
    probe(goal, async (tools) => {
      const sent = loginRequest(signing, credentials)
      const answer = await tools.send(sent)
      const why = 'login and password are texts'
      return { wrong: answerMismatch(answer, { statuses: [400], why, code: 'validation_failed' }), statuses: [400], why, sent, answer }
    })
  return [
    right,
    refused('password-cut', { login, password: SAMPLE_PASSWORD.slice(0, -1) }),
    refused('password-longer', { login, password: `${SAMPLE_PASSWORD}0` }),
    refused('password-other-case', { login, password: SAMPLE_PASSWORD.toLowerCase() }),
    refused('password-empty', { login, password: '' }),
    refused('unknown-account', { login: unknownLogin(login), password: SAMPLE_PASSWORD }),
    malformed('password-number', { login, password: 7 }),
    malformed('password-null', { login, password: null }),
    malformed('login-list', { login: [login], password: SAMPLE_PASSWORD }),
  ]
}

function tokensMismatch(json: unknown): string | null {
  const { token, refreshToken, expiresIn } = (json ?? {}) as Readonly<Record<string, unknown>>
  if (typeof token !== 'string' || token.split('.').length !== 3) return 'there is no access token'
  if (typeof refreshToken !== 'string' || refreshToken.length < 22) return 'there is no refresh token'
  return typeof expiresIn === 'number' && expiresIn > 0 ? null : 'the answer does not say how long the token lasts'
}

/** A wrong password and an unknown account have the same answer, byte for byte but the trace id. */
function alike(signing: SigningIn): ProbeCase {
  const { asking, loginOf } = signing
  const login = loginOf(asking.world.accounts[1] ?? '')
  return probe('alike', async (tools) => {
    const sent = loginRequest(signing, { login, password: 'Another-Passphrase-1' })
    const known = await tools.send(sent)
    const unknown = await tools.send(loginRequest(signing, { login: unknownLogin(login), password: 'Another-Passphrase-1' }))
    const isAlike = saidOf(known) === saidOf(unknown)
    return {
      wrong: isAlike ? null : `an existing account is answered ${saidOf(known)}, an unknown one ${saidOf(unknown)}`,
      statuses: [401],
      why: 'the answer does not say whether the account exists',
      sent,
      answer: known,
    }
  })
}

/** An answer without what differs from request to request. */
function saidOf({ status, text, headers }: Answered): string {
  const names = Object.keys(headers)
    .filter((name) => !['date', 'x-request-id', 'traceparent'].includes(name))
    .sort()
  return `${status} ${text.replace(/"traceId":"[^"]*"/, '')} ${names.join(',')}`
}

/** Samples of known and unknown accounts in turn: the times must be alike. The account is used by no other probe. */
function timing(signing: SigningIn): ProbeCase {
  const { asking, loginOf } = signing
  const login = loginOf(asking.world.accounts[2] ?? '')
  return probe('time-alike', async (tools) => {
    const [known, unknown]: [number[], number[]] = [[], []]
    const sent = loginRequest(signing, { login, password: 'Another-Passphrase-1' })
    const other = loginRequest(signing, { login: unknownLogin(login), password: 'Another-Passphrase-1' })
    let answer = await tools.send(other)
    for (let i = 0; i < SAMPLES; i++) {
      known.push((await timed(() => tools.send(sent))).ms)
      const second = await timed(() => tools.send(other))
      unknown.push(second.ms)
      answer = second.answer
    }
    const [a, b] = [median(known), median(unknown)]
    const isApart = Math.abs(a - b) > Math.max(LEAST_MS, MOST_DIFFERENCE * Math.max(a, b)) && smallerU(known, unknown) <= LEAST_U
    return {
      wrong: isApart
        ? `a known account takes ${a.toFixed(1)} ms, an unknown one ${b.toFixed(1)} ms, as the medians of ${SAMPLES} samples each`
        : null,
      statuses: [401],
      why: 'the time does not say whether the account exists',
      sent: other,
      answer,
    }
  })
}

/** The smaller of both U of Mann and Whitney: how many pairs are in the rarer order. */
function smallerU(some: readonly number[], others: readonly number[]): number {
  const below = some.reduce((sum, one) => sum + others.filter((other) => one < other).length, 0)
  return Math.min(below, some.length * others.length - below)
}

async function timed(ask: () => Promise<Answered>): Promise<{ readonly ms: number; readonly answer: Answered }> {
  const began = performance.now()
  const answer = await ask()
  return { ms: performance.now() - began, answer }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

/** After ten wrong passwords, in whatever spelling of the login, the right one is refused, too. The account is used by no other probe. */
function locked(signing: SigningIn): ProbeCase {
  const { asking, loginOf } = signing
  const login = loginOf(asking.world.accounts.at(-1) ?? '')
  return probe('locked', async (tools: ProbeTools) => {
    // A spelling that signs in is one of the same account, whose wrong passwords count together.
    const spellings = [login]
    for (const other of [login.toUpperCase(), ` ${login} `]) {
      const { status } = await tools.send(loginRequest(signing, { login: other, password: SAMPLE_PASSWORD }))
      if (other !== login && status === 200) spellings.push(other)
    }
    for (let i = 0; i < WRONG_PASSWORDS; i++) {
      const spelled = spellings[i % spellings.length]
      await tools.send({ ...loginRequest(signing, { login: spelled, password: `Wrong-Passphrase-${i}` }), instance: i % tools.instances })
    }
    const sent = loginRequest(signing, { login, password: SAMPLE_PASSWORD })
    const answer = await tools.send(sent)
    const why = 'ten passwords were wrong within fifteen minutes'
    return { wrong: answerMismatch(answer, { statuses: [401], why, code: 'invalid_credentials' }), statuses: [401], why, sent, answer }
  })
}

/** A new account can sign in; the same login again is refused, or answered as if it were new. */
function registering({ asking, entity, at, identity }: SigningIn): readonly ProbeCase[] {
  const { reference } = asking
  const own = reference.design.entities[entity.name]
  const sight = reference.sightOf(null)
  const [template] = reference.rows().get(entity.name) ?? []
  if (template === undefined) return []
  const [body, other] = [1_300, 1_301].map((n) => newBody({ reference, user: null, sight, entity }, template, { n, needed: [] }))
  if (body === undefined) return []
  const request = {
    kind: 'create',
    entity: entity.name,
    rows: [body],
    many: false,
    selected: { fields: null, include: new Map() },
    by: 'register',
  } as const
  const expected = expectationOf(reference, null, request)
  const isHooked = entity.hooks.length > 0
  if (expected.statuses.some((status) => status >= 300) || isHooked || !Object.hasOwn(body, identity.password)) return []
  const isHiding = answersAlike(own)
  const registered: ProbeCase = {
    name: `${CLAIM}/registered/register`,
    claim: CLAIM,
    door: 'register',
    user: null,
    goals: ['registered'],
    atoms: {},
    events: 'of-rows',
    async ask(tools) {
      const sent = { method: 'POST', url: `${at}/register`, body }
      const why = 'everybody may register'
      const answer = await tools.send({ ...sent, token: null })
      const first = answerMismatch(answer, {
        statuses: [isHiding ? 202 : 201],
        why,
        check: ({ json }) => (isHiding ? null : tokensMismatch(json)),
      })
      const credentials = { [identity.login]: body[identity.login], [identity.password]: body[identity.password] }
      const signedIn = await tools.send({ method: 'POST', url: `${at}/login`, body: credentials, token: null })
      // Another unique value that is taken may be said to be taken.
      const again = await tools.send({ ...sent, body: { ...other, ...credentials }, token: null })
      const isRefused = again.status === (isHiding ? 202 : 409)
      const wrong =
        first ??
        (signedIn.status === 200 ? null : `the new account signs in with ${signedIn.status}`) ??
        (isRefused ? null : `the same login again is answered ${again.status}`)
      return { wrong, statuses: [isHiding ? 202 : 201], why, sent, answer }
    },
    rows: (now, after) => changeMismatch(now, expectationOf(now, null, request).change, after),
  }
  return [registered]
}
