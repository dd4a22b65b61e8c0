/** Tokens that are issued: their claims and their time, after signing in, after a refresh and for each account. */

import type { ProbeCase, ProbeOutcome } from '../../cases/probe.ts'
import type { Answered } from '../../expected/answered.ts'
import { SAMPLE_PASSWORD, type SigningIn } from './signing-in.ts'

const CLAIM = 'identity/tokens'
/** Seconds for which a token lasts unless the design says otherwise. */
const USUAL_SECONDS = 900
const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const

type Members = Readonly<Record<string, unknown>>

/** One probe about tokens, and one about the accounts that they are of. */
export function issuedTokens(signing: SigningIn): readonly ProbeCase[] {
  const { accounts } = signing.asking.world
  return [tokensOf(signing, accounts[0] ?? ''), ownRows(signing, accounts)]
}

function probe(goal: string, user: string, ask: ProbeCase['ask']): ProbeCase {
  return { name: `${CLAIM}/${goal}/login`, claim: CLAIM, door: 'login', user, goals: [goal], atoms: {}, ask }
}

function tokensOf(signing: SigningIn, account: string): ProbeCase {
  const { at, identity, loginOf } = signing
  return probe('issued', account, async (tools): Promise<ProbeOutcome> => {
    const body = { [identity.login]: loginOf(account), [identity.password]: SAMPLE_PASSWORD }
    const sent = { method: 'POST', url: `${at}/login`, body }
    const first = await tools.send({ ...sent, token: null })
    const outcome = { statuses: [200], why: 'RFC 9068, and the guide to signing in', sent, answer: first }
    if (first.status !== 200) return { ...outcome, wrong: `signing in is answered ${first.status}` }
    const renewed = await tools.send({ ...sent, url: `${at}/refresh`, body: { refreshToken: first.json.refreshToken }, token: null })
    const [one, two] = [first, renewed].map((answer) => claimsOf(answer))
    const wrong =
      claimsMismatch(signing, { account, answer: first, signingAs: tools.signing }) ??
      claimsMismatch(signing, { account, answer: renewed, signingAs: tools.signing }) ??
      (one?.sid === two?.sid ? null : 'a refresh begins another session') ??
      (one?.jti === two?.jti ? 'two tokens have one jti' : null)
    const me = wrong === null ? await tools.send({ method: 'GET', url: `${at}/me`, token: first.json.token }) : null
    return { ...outcome, wrong: wrong ?? (me?.status === 401 ? 'the access token of before a refresh is refused' : null) }
  })
}

interface Issued {
  readonly account: string
  readonly answer: Answered
  readonly signingAs: { readonly issuer: string; readonly audience: string } | null
}

function partOf({ json }: Answered, part: 0 | 1): Members {
  try {
    return JSON.parse(Buffer.from(String(json?.token).split('.')[part] ?? '', 'base64url').toString()) as Members
  } catch {
    return {}
  }
}

const claimsOf = (answer: Answered): Members => partOf(answer, 1)

function claimsMismatch({ asking, entity, identity }: SigningIn, { account, answer, signingAs }: Issued): string | null {
  const { alg, typ } = partOf(answer, 0)
  const { sub, iss, aud, iat, exp, sid, jti, client_id, role } = claimsOf(answer)
  const lasts = lastsOf(asking.reference.design.entities[entity.name]?.identity)
  const row = asking.reference.find(entity.name, account)
  const facts: readonly (readonly [boolean, string])[] = [
    [alg === 'EdDSA' && typ === 'at+jwt', `the token is ${alg} and ${typ}`],
    [sub === account, `the token is of ${sub}`],
    [signingAs === null || (iss === signingAs.issuer && aud === signingAs.audience), `the token is by ${iss} for ${aud}`],
    [client_id === aud, `client_id is ${client_id}`],
    [typeof sid === 'string' && typeof jti === 'string', 'the token has no session or no id'],
    [Number(exp) - Number(iat) === lasts, `the token lasts ${Number(exp) - Number(iat)} seconds, and not ${lasts}`],
    [Math.abs(Number(answer.json?.expiresIn) - lasts) <= 1, `expiresIn is ${answer.json?.expiresIn}`],
    [identity.role === null ? role === undefined : role === row?.[identity.role], `the role of the token is ${role}`],
  ]
  return facts.find(([isTrue]) => !isTrue)?.[1] ?? null
}

function lastsOf(identity: unknown): number {
  const { token } = (identity ?? {}) as { readonly token?: { readonly lasts?: string } }
  const [, count = '', unit = 's'] = /^(\d+)([smhd])$/.exec(token?.lasts ?? '') ?? []
  return count === '' ? USUAL_SECONDS : Number(count) * SECONDS[unit as keyof typeof SECONDS]
}

/** Each account gets its own row, also when others ask in between. */
function ownRows({ at }: SigningIn, accounts: readonly string[]): ProbeCase {
  return probe('own-rows', accounts[0] ?? '', async (tools): Promise<ProbeOutcome> => {
    const sent = { method: 'GET', url: `${at}/me` }
    let answer: Answered = { status: 0, headers: {}, text: '', json: undefined }
    for (const account of [...accounts, ...accounts.toReversed()]) {
      answer = await tools.send({ ...sent, token: tools.tokenOf(account) })
      const { id } = (answer.json ?? {}) as Members
      const isOther = answer.status === 401 || (answer.status === 200 && id !== undefined && String(id) !== account)
      if (isOther)
        return {
          wrong: `the account ${account} is answered ${answer.status} with ${id}`,
          statuses: [200],
          why: 'a token is of one account',
          sent,
          answer,
        }
    }
    return { wrong: null, statuses: [200, 403, 404], why: 'a token is of one account', sent, answer }
  })
}
