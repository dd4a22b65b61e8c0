/** Defects at one of many places: of versions, references, rows that go with others, refused writes, texts and media types. */

import type { Answered } from '../../src/verify/expected/answered.ts'
import type { SentRequest, Stage } from '../../src/verify/run/stage.ts'

/** A defect in front of a correct backend. */
export interface SecurityFault {
  readonly what: string
  /** The beginning of the names of the probes that are asked, after `security/`. */
  readonly of: string
  /** What one of the findings must match. */
  readonly named: RegExp
  readonly change: (asked: SentRequest, answered: Answered) => Answered | Promise<Answered>
}

/** The defects. @param formed the entity whose versions and references are asked */
export function faultsEverywhere(correct: Stage, formed: string): readonly SecurityFault[] {
  return [...ofVersions(formed), ...ofGoneRows(correct), ...ofRefusals(correct), ...OF_TEXTS, ...OF_PARAMETERS]
}

const PLACES: readonly (readonly [place: string, goal: string, isFaulty: (asked: SentRequest) => boolean])[] = [
  ['GraphQL', 'update/versions-graphql', ({ url, body }) => url === '/graphql' && /9{39}/.test(JSON.stringify(body))],
  ['a delete', 'delete/versions', ({ method, headers }) => method === 'DELETE' && /^"0{38}/.test(headers?.['if-match'] ?? '')],
  ['a body', 'replace/versions-body', ({ method, body }) => method === 'PUT' && String(body).includes('1e40')],
  ['a transaction', 'update/versions-transaction', ({ body }) => /"ifMatch":"[^,]*9{22}/.test(JSON.stringify(body))],
]

function ofVersions(formed: string): readonly SecurityFault[] {
  return [
    ...PLACES.map(([place, goal, isFaulty]) => ({
      what: `a version in ${place} is read as a number without a guard`,
      of: `F100/${formed}/${goal}`,
      named: new RegExp(`${goal}: status 500`),
      change: (asked: SentRequest, answered: Answered) => (isFaulty(asked) ? { ...answered, status: 500 } : answered),
    })),
    {
      what: 'a reference to an operation without an answer is an error of the server',
      of: `F100/${formed}/references`,
      named: /references: status 500/,
      change: ({ body }, answered) =>
        /\$(?:ref":"|\{)none\.id/.test(JSON.stringify(body)) && answered.status === 400 ? { ...answered, status: 500 } : answered,
    },
    {
      what: 'a reference through a null is an error of the server',
      of: `F100/${formed}/references`,
      named: /references: status 500/,
      change: ({ body }, answered) =>
        /empty\.page\.next\.x\.y/.test(JSON.stringify(body)) && answered.status === 400 ? { ...answered, status: 500 } : answered,
    },
  ]
}

function ofGoneRows(correct: Stage): readonly SecurityFault[] {
  const remembered = new Map<string, Answered>()
  return [
    {
      what: 'a row that went with another one is answered from memory',
      of: 'F103/User/taken-along',
      named: /taken-along: Post .*: get/,
      change({ method, url, token }, answered) {
        const key = `${token} ${url}`
        if (method === 'GET' && url.includes('/posts/') && answered.status === 200) remembered.set(key, answered)
        return method === 'GET' && answered.status === 404 ? (remembered.get(key) ?? answered) : answered
      },
    },
    {
      what: 'the token of a deleted account reads lists',
      of: 'F103/User/account',
      named: /account: the token of the deleted account is answered 200 at GET \/api\/posts/,
      change: ({ method, url }, answered) =>
        answered.status === 401 && method === 'GET' && url.startsWith('/api/posts') ? correct.ask({ method, url, token: null }) : answered,
    },
    {
      what: 'a deleted account signs in',
      of: 'F103/User/account',
      named: /account: the sign-in of the deleted account is answered 200/,
      change({ url, body }, answered) {
        if (url !== '/api/auth/login') return answered
        const key = JSON.stringify(body)
        if (answered.status === 200) remembered.set(key, answered)
        return remembered.get(key) ?? answered
      },
    },
  ]
}

interface Document {
  readonly query?: string
  readonly variables?: Readonly<Record<string, unknown>>
}

function ofRefusals(correct: Stage): readonly SecurityFault[] {
  const held = new Set<string>()
  return [
    {
      what: '@atomic keeps what precedes the third mutation',
      of: 'F104/Post/limit/third-atomic',
      named: /third-atomic: rows were left/,
      async change(asked, answered) {
        const { query = '', variables = {} } = (asked.body ?? {}) as Document
        if (!query.includes('@atomic') || !query.includes('m2:')) return answered
        const [input = ''] = /\$input0: \w+!/.exec(query) ?? []
        const first = `mutation (${input}) { createPost(input: $input0) { id } }`
        await correct.ask({ ...asked, body: { query: first, variables: { input0: variables.input0 } }, headers: {} })
        return answered
      },
    },
    {
      what: 'a refused create holds its Idempotency-Key',
      of: 'F104/Post/limit/create',
      named: /same Idempotency-Key, is answered 422/,
      change({ headers }, answered) {
        const key = headers?.['idempotency-key'] ?? ''
        if (answered.status === 400) held.add(key)
        return key !== '' && held.has(key) && answered.status === 201 ? { ...answered, status: 422 } : answered
      },
    },
  ]
}

/** The answer with another list of rows. */
const listing = (answered: Answered, data: readonly unknown[]): Answered => ({ ...answered, json: { ...answered.json, data } })

const OF_TEXTS: readonly SecurityFault[] = [
  {
    what: 'an account whose name has a quote is an error of the server',
    of: 'F200/User/texts',
    named: /texts: rows with such texts are answered 500/,
    change: ({ method, body }, answered) =>
      method === 'POST' && JSON.stringify(body ?? '').includes("a'b") ? { ...answered, status: 500 } : answered,
  },
  {
    what: 'an operator of a filter takes a backslash for an escape',
    of: 'F200/Post/texts',
    named: /texts: .*endsWith.*: 0 rows, and \d+ have/,
    change: ({ url }, answered) => (/\[endsWith\]=[^&]*%5C/.test(url) ? listing(answered, []) : answered),
  },
  {
    what: 'an operator of a filter in GraphQL takes a percent sign for any text',
    of: 'F200/Post/texts',
    named: /texts: .*startsWith.*rows, and \d+ have/,
    change: ({ url, body }, answered) =>
      url === '/graphql' && /"startsWith":"[^"]*%/.test(JSON.stringify(body))
        ? { ...answered, json: { data: { posts: { nodes: [{ id: 'x' }] } } } }
        : answered,
  },
  {
    what: 'one of two texts of bodies loses a control character',
    of: 'F200/Post/texts',
    named: /texts: \w+: .* became/,
    change: ({ method, url }, answered) =>
      method === 'POST' && url === '/api/posts' && Array.isArray(answered.json)
        ? { ...answered, json: answered.json.map((row: object) => JSON.parse(JSON.stringify(row).replaceAll('\\u0001', ''))) }
        : answered,
  },
]

const OF_PARAMETERS: readonly SecurityFault[] = [
  {
    what: 'a parameter makes a script of an answer',
    of: 'F201/Post/form-parameters',
    named: /form-parameters: jsonp: the answer is application\/javascript/,
    change: ({ url }, answered) =>
      url.includes('jsonp=alert')
        ? { ...answered, status: 200, headers: { ...answered.headers, 'content-type': 'application/javascript' } }
        : answered,
  },
  {
    what: 'a parameter makes a page of a refusal',
    of: 'F201/Post/form-parameters',
    named: /form-parameters: alt: a refusal is text\/html/,
    change: ({ url }, answered) =>
      url.includes('alt=') && answered.status === 400
        ? { ...answered, headers: { ...answered.headers, 'content-type': 'text/html' } }
        : answered,
  },
]
