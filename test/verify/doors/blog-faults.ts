/** Defects at one of many doors: of fields that callers may not set. */

import type { Answered } from '../../../src/verify/expected/answered.ts'
import { answers, isProblem, type ProxiedFault, requests, saying } from '../proxied/proxied.ts'

/** The values of an upsert. */
interface Upsert {
  readonly update?: Readonly<Record<string, unknown>>
}

/** A body without one member, also in the rows of a list. */
function without(body: unknown, name: string): unknown {
  return JSON.parse(JSON.stringify(body), (key, value) => (key === name ? undefined : value))
}

/** The defects. */
export const BLOG_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'an upsert that finds its row forgets the rule of a field',
    only: 'security/F203/User/guarded/role/update',
    named: /update-(?:never|sometimes): upsert-update: status 200/,
    async answer({ ask }, asked) {
      const { variables = {} } = (asked.body ?? {}) as { readonly variables?: Upsert }
      const answer = await ask(asked)
      const isRefused = answer.json?.errors !== undefined || isProblem(answer)
      return variables.update?.role === undefined || !isRefused
        ? answer
        : { ...saying(answer, { data: { upsertUser: { created: false, id: 'x' } } }), status: 200 }
    },
  },
  {
    what: 'a registration takes an id',
    only: 'security/F203/User/all/register',
    named: /all\/register: id: status 201/,
    answer: requests((asked) =>
      asked.url.endsWith('/auth/register') ? { ...asked, body: without(JSON.parse(String(asked.body)), 'id') } : asked,
    ),
  },
  {
    what: 'a list of new rows takes the time of their creation',
    only: 'security/F203/Post/all/create-bulk',
    named: /all\/create-bulk: createdAt: status 201/,
    answer: requests((asked) =>
      asked.url.endsWith('/bulk') ? { ...asked, body: without(JSON.parse(String(asked.body)), 'createdAt') } : asked,
    ),
  },
  {
    what: 'the page of an address that does not exist repeats it',
    only: 'security/F201/refused-pages/no-address',
    named: /no-address: the answer is text\/html and has the markup/,
    answer: answers((answer, { url, headers }) =>
      answer.status === 404 && headers?.accept?.startsWith('text/html') === true
        ? { ...answer, headers: { ...answer.headers, 'content-type': 'text/html' }, text: `<p>no ${decodeURIComponent(url)}</p>` }
        : answer,
    ),
  },
  {
    what: 'a quote in a login ends a text of the statement',
    only: 'security/F200/User/sign-in-texts',
    named: /o'neil--@example\.org\\?" signs in with 401/,
    answer: answers((answer, { url, body }) =>
      url.endsWith('/auth/login') && JSON.stringify(body).includes("o'neil") ? { ...answer, status: 401, json: {} } : answer,
    ),
  },
  {
    what: 'a comment in a login signs in',
    only: 'security/F200/User/sign-in-texts',
    named: /' --\S* is answered 200|is answered 200/,
    answer: answers((answer, { url, body }) =>
      url.endsWith('/auth/login') && JSON.stringify(body).includes("' --") ? { ...answer, status: 200 } : answer,
    ),
  },
  {
    what: 'a NUL in a password is an error of the server',
    only: 'security/F100/User/sign-in/register',
    named: /sign-in\/register: status 500/,
    answer: answers((answer, { url, body }) =>
      url.endsWith('/auth/register') && /"password":"[^"]*\\u0000/.test(String(body)) ? { ...answer, status: 500 } : answer,
    ),
  },
  {
    what: 'half a surrogate in a cursor is an error of the server',
    only: 'security/F100/Post/parameters',
    named: /parameters: status 500/,
    answer: answers((answer, { url }) => (url.includes('page[after]=%ED%A0%80') ? { ...answer, status: 500 } : answer)),
  },
  {
    what: 'a page in the rows of another page may have more rows',
    only: 'values/page-sizes/User/graphql-page-of-posts-literal',
    named: /page-of-posts-literal: 101: status 200/,
    answer: requests((asked) => ({ ...asked, body: JSON.parse(JSON.stringify(asked.body ?? null).replace('first: 101', 'first: 100')) })),
  },
  {
    what: 'the greatest page of a transaction is one row smaller',
    only: 'values/page-sizes/Post/transaction',
    named: /Post\/transaction: 100: status 400/,
    answer: requests((asked) => ({
      ...asked,
      body: JSON.parse(JSON.stringify(asked.body ?? null).replace('page[size]=100&', 'page[size]=101&')),
    })),
  },
  {
    what: 'the tag of a row knows nothing of the rows beside it',
    only: 'security/F103/Post/conditional/author',
    named: /conditional\/author: User: \w+ has changed: status 304, and 200/,
    async answer({ ask }, asked) {
      const answer = await ask(asked)
      const tag = asked.headers?.['if-none-match']
      if (tag === undefined || answer.status !== 200 || !asked.url.includes('include=')) return answer
      return { ...answer, status: 304, text: '', json: undefined }
    },
  },
  {
    what: 'the document of nobody has the documents of all',
    only: 'security/F209/documents/anonymous',
    named: /documents\/anonymous: OpenAPI has \w+ \/api\/\S+, which this caller can never use/,
    async answer({ ask, tokenFor, accounts: [account = ''] = [] }, asked) {
      return ask(asked.url === '/openapi.json' && asked.token === null ? { ...asked, token: await tokenFor(account) } : asked)
    },
  },
  {
    what: 'the schema of nobody has a field that only some may read',
    only: 'security/F209/documents/anonymous',
    named: /documents\/anonymous: GraphQL has User\.email, which/,
    answer: answers((answer, { body, token }) =>
      token === null && /types . name fields . name . inputFields/.test(JSON.stringify(body ?? ''))
        ? saying(answer, {
            data: { __schema: { types: [{ name: 'User', fields: [{ name: 'id' }, { name: 'email' }], inputFields: null }] } },
          })
        : answer,
    ),
  },
  {
    what: 'one of the deletes that arrive at once is answered and not done',
    only: 'races/Post/deletes-of-rows',
    named: /deletes-of-rows\/at-once: 1 of \d+ rows that were deleted are still there/,
    answer: forgetful('DELETE', { status: 204, headers: {}, text: '', json: undefined }),
  },
  {
    what: 'a change that arrives with others is answered with the row of another one',
    only: 'races/Post/changes-of-rows',
    named: /changes-of-rows\/at-once: the change of \S+ is answered with \S+/,
    answer: mixingUp(),
  },
  {
    what: 'a key is remembered without the row',
    only: 'security/F103/Post/same-key-another-row',
    named: /same-key-another-row: status 204, replayed from another row/,
    answer: rememberingKeys(),
  },
  {
    what: 'the key of a token is fetched from where the token says',
    only: 'security/F202/tokens/jku',
    named: /tokens\/jku: the backend connected 1 times to the address in the token/,
    async answer({ ask }, asked) {
      const header = JSON.parse(Buffer.from((asked.token ?? 'e30').split('.')[0] ?? '', 'base64url').toString('utf8'))
      if (typeof header.jku === 'string') await fetch(header.jku).catch(() => null)
      return ask(asked)
    },
  },
]

/** Answers the second request of a method without sending it. */
function forgetful(method: string, answer: Answered): ProxiedFault['answer'] {
  let sent = 0
  return async ({ ask }, asked) => (asked.method === method && ++sent === 2 ? answer : ask(asked))
}

/** Answers each change with the row of the one before. */
function mixingUp(): ProxiedFault['answer'] {
  let before: Promise<Answered> | null = null
  return async ({ ask }, asked) => {
    if (asked.method !== 'PATCH') return ask(asked)
    const [own, other] = [ask(asked), before]
    before = own
    await own
    return other ?? own
  }
}

/** Answers a key by what it was first answered. */
function rememberingKeys(): ProxiedFault['answer'] {
  const kept = new Map<string, Answered>()
  return async ({ ask }, asked) => {
    const key = asked.headers?.['idempotency-key']
    const old = key === undefined ? undefined : kept.get(key)
    if (old !== undefined) return { ...old, headers: { ...old.headers, 'idempotency-replayed': 'true' } }
    const answer = await ask(asked)
    if (key !== undefined) kept.set(key, answer)
    return answer
  }
}
