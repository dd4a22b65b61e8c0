/** Defects of sign-in, tokens and sessions, between a correct backend and its callers. */

import { answers, type ProxiedFault, requests, saying } from './proxied.ts'

type Claims = Readonly<Record<string, unknown>>

/** The members of a part of a token; null for any other text. */
function membersOf(part: string | undefined): Claims | null {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Claims
  } catch {
    return null
  }
}

/** A defect that takes forged tokens of some kind for those of the account that they name. */
function believing(isBelieved: (header: Claims, payload: Claims) => boolean): ProxiedFault['answer'] {
  return async ({ ask, tokenFor }, asked) => {
    const [header, payload] = (asked.token ?? '').split('.').map(membersOf)
    const isTaken = header !== undefined && header !== null && payload !== undefined && payload !== null && isBelieved(header, payload)
    const isForged = isTaken && (await ask({ method: 'GET', url: '/api/auth/me', token: asked.token })).status === 401
    return ask(isForged ? { ...asked, token: await tokenFor(String(payload.sub)) } : asked)
  }
}

const now = (): number => Date.now() / 1_000

/** A defect that takes any token that names a session for an old one of it, and ends the session. */
function endingSessions(): ProxiedFault['answer'] {
  let given = ''
  return async ({ ask }, asked) => {
    const answer = await ask(asked)
    if (typeof answer.json?.refreshToken === 'string') given = answer.json.refreshToken
    const sent = String((asked.body as { readonly refreshToken?: unknown } | undefined)?.refreshToken ?? '')
    // The id of the session is at the beginning.
    if (asked.url.endsWith('/auth/refresh') && answer.status === 401 && sent.slice(0, 20) === given.slice(0, 20))
      await ask({ method: 'POST', url: '/api/auth/logout', body: { refreshToken: given }, token: null })
    return answer
  }
}

/** The defects. */
export const IDENTITY_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a refresh token that was never issued ends the session that it names',
    only: 'identity/sessions/altered-refresh',
    named: /the session after altered refresh tokens is answered 401/,
    answer: endingSessions(),
  },
  {
    what: 'a token without a signature is believed',
    only: 'identity/tokens',
    named: /alg-none/,
    answer: believing(({ alg }) => alg === 'none'),
  },
  {
    what: 'an expired token is believed',
    only: 'identity/tokens/expired',
    named: /tokens\/expired\//,
    answer: believing((_, { exp }) => Number(exp) < now()),
  },
  {
    what: 'the audience of a token is not compared',
    only: 'identity/tokens/other-audience',
    named: /other-audience/,
    answer: believing((_, { aud }) => aud === 'https://other.example'),
  },
  {
    what: 'a token of another type is believed',
    only: 'identity/tokens/typ-jwt',
    named: /typ-jwt/,
    answer: believing(({ typ }) => typ === 'JWT'),
  },
  {
    what: 'a token that is not valid yet is believed',
    only: 'identity/tokens/not-yet-valid',
    named: /not-yet-valid/,
    answer: believing((_, { nbf }) => Number(nbf) > now()),
  },
  {
    what: 'a refresh token stays the same',
    only: 'identity/sessions/rotated',
    named: /sessions\/rotated/,
    answer: answers((answer, { url, body }) =>
      url === '/api/auth/refresh' && answer.status === 200
        ? saying(answer, { ...answer.json, refreshToken: (body as { readonly refreshToken: string }).refreshToken })
        : answer,
    ),
  },
  {
    what: 'logging out does nothing',
    only: 'identity/sessions/logged-out',
    named: /sessions\/logged-out\//,
    answer: async ({ ask }, asked) =>
      asked.url === '/api/auth/logout' && asked.token !== null ? { status: 204, headers: {}, text: '', json: undefined } : ask(asked),
  },
  {
    what: 'an old refresh token is refused, and the session goes on',
    only: 'identity/sessions/reused',
    named: /sessions\/reused/,
    answer: reuseForgiven(),
  },
  {
    what: 'an unknown account has an answer of its own',
    only: 'identity/sign-in/alike',
    named: /sign-in\/alike/,
    answer: answers((answer, { url, body }) =>
      url === '/api/auth/login' && JSON.stringify(body).includes('nobody-')
        ? saying(answer, { ...answer.json, detail: 'no such account' })
        : answer,
    ),
  },
  {
    what: 'a new password ends no session where another operation follows',
    only: 'identity/sessions/password-followed',
    named: /password-followed/,
    answer: sessionsKept(),
  },
  {
    what: 'a change of the own name ends the own session',
    only: 'identity/sessions/goes-on-name',
    named: /goes-on-name/,
    answer: endedByName(),
  },
  {
    what: 'an operation that refers to an earlier answer is that of nobody',
    only: 'security/F205/Post/parts/update',
    named: /parts\/update/,
    answer: requests((asked) => (JSON.stringify(asked.body ?? '').includes('{row.id}') ? { ...asked, token: null } : asked)),
  },
  {
    what: 'a password counts up to its seventy-second byte',
    only: 'identity/sign-in/whole-password',
    named: /whole-password/,
    answer: requests((asked) =>
      asked.body === undefined
        ? asked
        : { ...asked, body: JSON.parse(JSON.stringify(asked.body, (name, value) => (name === 'password' ? cut(value) : value))) },
    ),
  },
  {
    what: 'all callers share their keys of repetition',
    only: 'security/F208/Post/shared-key/create',
    named: /shared-key\/create: rest: with the same key, another account/,
    answer: keysOfAll(),
  },
  {
    what: 'what is refused is done in a document with @atomic',
    only: 'security/F206/Post/parts/update',
    named: /parts\/update\/account/,
    answer: answers((answer, { body }) =>
      JSON.stringify(body ?? '').includes('@atomic') ? saying(answer, { data: { m0: { id: 'x' } } }) : answer,
    ),
  },
  {
    what: 'an address takes an expired token for none',
    only: 'security/F207/addresses',
    named: /F207\/addresses/,
    answer: ({ ask }, asked) => {
      const { exp = Infinity } = membersOf(asked.token?.split('.')[1]) ?? {}
      return ask(asked.url.endsWith('/bulk') && Number(exp) < now() ? { ...asked, token: null } : asked)
    },
  },
  {
    what: 'the answer to a sign-in has another time than its token',
    only: 'identity/tokens/issued',
    named: /tokens\/issued/,
    answer: answers((answer, { url }) => (url === '/api/auth/login' ? saying(answer, { ...answer.json, expiresIn: 86_400 }) : answer)),
  },
  {
    what: 'the second of two accounts gets the row of the first',
    only: 'identity/tokens/own-rows',
    named: /own-rows/,
    answer: firstOwnRow(),
  },
  {
    what: 'a repetition has no mark',
    only: 'security/F208/Post/shared-key/update',
    named: /shared-key\/update: rest: sent again, its answer has no/,
    answer: answers((answer) => {
      const { 'idempotency-replayed': _, ...headers } = answer.headers
      return { ...answer, headers }
    }),
  },
  {
    what: 'wrong passwords are counted by the spelling of the login',
    only: 'identity/sign-in/locked',
    named: /sign-in\/locked/,
    answer: countedBySpelling(),
  },
  {
    what: 'the published keys have a private member',
    only: 'identity/tokens/public-keys',
    named: /public-keys/,
    answer: answers((answer, { url }) =>
      url === '/.well-known/jwks.json' ? saying(answer, { keys: [{ ...answer.json.keys[0], d: 'AAAA' }] }) : answer,
    ),
  },
  ...['login', 'refresh', 'logout', 'register'].map(
    (name): ProxiedFault => ({
      what: `a body that is no object breaks ${name}`,
      only: `security/F100/User/sign-in/${name}`,
      named: new RegExp(`sign-in/${name}`),
      answer: answers((answer, { url, body }) =>
        url === `/api/auth/${name}` && String(body).startsWith('[') ? { ...answer, status: 500 } : answer,
      ),
    }),
  ),
  {
    what: 'a password is compared without regard to letter case',
    only: 'identity/sign-in/password-other-case',
    named: /password-other-case/,
    answer: requests((asked) =>
      asked.url === '/api/auth/login'
        ? { ...asked, body: JSON.parse(JSON.stringify(asked.body).replace(/sample-passphrase-10/i, 'Sample-Passphrase-10')) }
        : asked,
    ),
  },
]

/** All accounts get the answer of the first one that asks for its own row. */
function firstOwnRow(): ProxiedFault['answer'] {
  let first: Awaited<ReturnType<ProxiedFault['answer']>> | null = null
  return async ({ ask }, asked) => {
    const answer = await ask(asked)
    if (asked.url !== '/api/auth/me') return answer
    first ??= answer
    return first
  }
}

/** A text as some hashes take it. */
function cut(value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value).subarray(0, 72).toString() : value
}

/** A request with a key that anybody has used is answered as that one was. */
function keysOfAll(): ProxiedFault['answer'] {
  const kept = new Map<string, Awaited<ReturnType<ProxiedFault['answer']>>>()
  return async ({ ask }, asked) => {
    const key = asked.headers?.['idempotency-key'] ?? ''
    const known = kept.get(key)
    if (known !== undefined) return { ...known, headers: { ...known.headers, 'idempotency-replayed': 'true' } }
    const answer = await ask(asked)
    if (key !== '' && answer.status < 300) kept.set(key, answer)
    return answer
  }
}

/** A new password ends no session if another operation of its transaction follows. */
function sessionsKept(): ProxiedFault['answer'] {
  let isKept = false
  return async ({ ask, tokenFor }, asked) => {
    const text = JSON.stringify(asked.body ?? '')
    if (text.includes('"password"')) isKept = /"operations":\[.*"password".*"path"/.test(text)
    const answer = await ask(asked)
    const { sub } = membersOf(asked.token?.split('.')[1]) ?? {}
    const isMissed = isKept && asked.url === '/api/auth/me' && answer.status === 401
    return isMissed ? ask({ ...asked, token: await tokenFor(String(sub)) }) : answer
  }
}

/** The session that changes its own name has ended. */
function endedByName(): ProxiedFault['answer'] {
  const ended = new Set<string | null>()
  return ({ ask }, asked) => {
    if (JSON.stringify(asked.body ?? '').includes('"name"')) ended.add(asked.token)
    return ask(asked.url === '/api/auth/me' && ended.has(asked.token) ? { ...asked, token: 'x' } : asked)
  }
}

/** Refresh tokens of two generations before do not reach the backend, so that it does not see that they were used again. */
function reuseForgiven(): ProxiedFault['answer'] {
  const used: string[] = []
  return async ({ ask }, asked) => {
    const { refreshToken = '' } = (asked.body ?? {}) as { readonly refreshToken?: string }
    if (asked.url === '/api/auth/refresh' && used.slice(0, -1).includes(refreshToken)) return ask({ ...asked, body: { refreshToken: 'x' } })
    if (asked.url === '/api/auth/refresh') used.push(refreshToken)
    return ask(asked)
  }
}

/** Only the wrong passwords for a login in small letters reach the count of the backend. */
function countedBySpelling(): ProxiedFault['answer'] {
  return async ({ ask }, asked) => {
    const { email, password } = (asked.body ?? {}) as { readonly email?: unknown; readonly password?: unknown }
    const isOther = typeof email === 'string' && email !== email.toLowerCase().trim() && password !== 'Sample-Passphrase-10'
    return asked.url === '/api/auth/login' && isOther ? ask({ ...asked, body: { email: 'nobody-@example.com', password } }) : ask(asked)
  }
}
