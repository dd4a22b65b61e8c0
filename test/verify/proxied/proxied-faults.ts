/** Defects of answers, lists and races between a correct backend and its callers: each changes requests or answers. */

import type { Answered } from '../../../src/verify/expected/answered.ts'
import type { SentRequest } from '../../../src/verify/run/stage.ts'
import { IDENTITY_FAULTS } from './identity-faults.ts'
import { answers, type Behind, isProblem, type ProxiedFault, requests, saying, without } from './proxied.ts'

const ANSWER_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a media type that there is not is not refused',
    only: 'answers/Post.list',
    named: /Post\.list\/406/,
    answer: requests((asked) => (asked.headers?.accept === 'image/png' ? without(asked, 'accept') : asked)),
  },
  {
    what: 'a body of any media type is read',
    only: 'answers/Post.create',
    named: /Post\.create\/415/,
    answer: requests((asked) => without(asked, 'content-type')),
  },
  {
    what: 'unknown parameters are ignored',
    only: 'answers/Post.get',
    named: /Post\.get\/400-parameter/,
    answer: requests((asked) => ({ ...asked, url: asked.url.replace(/[?&]nothingOfThisName=1/, '') })),
  },
  {
    what: 'a problem has a member that no document names',
    only: 'answers/Post.get',
    named: /answers\/Post\.get/,
    answer: answers((answer) => (isProblem(answer) && answer.text !== '' ? saying(answer, { ...answer.json, stack: 'at x' }) : answer)),
  },
  {
    what: 'an answer has a header that no document names',
    only: 'answers/Post.list',
    named: /answers\/Post\.list/,
    answer: answers((answer) => (answer.status === 200 ? { ...answer, headers: { ...answer.headers, location: '/elsewhere' } } : answer)),
  },
  {
    what: 'a problem of a change has a status that no document names',
    only: 'answers/Post.update',
    named: /Post\.update/,
    answer: answers((answer, { method }) => (method === 'PATCH' && answer.status === 412 ? { ...answer, status: 423 } : answer)),
  },
  {
    what: 'a row that has changed is answered as unchanged',
    only: 'answers/Post.get',
    named: /Post\.get\/304/,
    answer: answers((answer, { headers }) =>
      headers?.['if-none-match'] !== undefined && answer.status === 200 ? { ...answer, status: 304, text: '', json: undefined } : answer,
    ),
  },
  {
    what: 'GraphQL answers a member beside data and errors',
    only: 'access/Post.read/published/true/graphql-list',
    named: /answers\/graphql/,
    answer: answers((answer, { url }) => (url === '/graphql' ? saying(answer, { ...answer.json, debug: {} }) : answer)),
  },
]

/** Pages that count rows instead of remembering a position. */
async function byOffset({ ask }: Behind, asked: SentRequest): Promise<Answered> {
  const url = new URL(asked.url, 'http://localhost')
  const after = url.searchParams.get('page[after]')
  if (asked.method !== 'GET' || !url.searchParams.has('page[size]') || url.searchParams.has('filter[id][in]')) return ask(asked)
  const size = Number(url.searchParams.get('page[size]'))
  const skipped = after === null ? 0 : Number(after.slice(1))
  const plain = asked.url.replace(/&page\[after\]=[^&]*/, '').replace(/page\[size\]=\d+/, `page[size]=${Math.min(100, skipped + size + 1)}`)
  const answer = await ask({ ...asked, url: plain })
  if (answer.status !== 200) return answer
  const data = answer.json.data.slice(skipped, skipped + size)
  const next = answer.json.data.length > skipped + size ? `o${skipped + size}` : null
  return saying(answer, { data, page: { ...answer.json.page, next } })
}

const LIST_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'pages count rows, so that rows are lost when others go',
    only: 'lists/Post/row',
    named: /row-(added|deleted)/,
    answer: byOffset,
  },
  {
    what: 'a filter by at least is a filter by more',
    only: 'lists/Book/filter-rating',
    named: /filter-rating-gte\/rest/,
    design: 'test/verify/designs/library.yaml',
    answer: requests((asked) => ({ ...asked, url: asked.url.replace('[gte]', '[gt]') })),
  },
  {
    what: 'missing values are not in none of some values, and are shown there',
    only: 'lists/Book/filter-rating',
    named: /filter-rating-ne\/rest/,
    design: 'test/verify/designs/library.yaml',
    answer: requests((asked) => ({
      ...asked,
      url: asked.url.replace(/filter\[rating\]\[ne\]=(\d+)/, (_, n) => `filter=${encodeURIComponent(`rating != ${n} || rating == null`)}`),
    })),
  },
  {
    what: 'a descending order is ascending',
    only: 'lists/Post',
    named: /by--?createdAt/,
    answer: requests((asked) => ({ ...asked, url: asked.url.replace('sort=-createdAt', 'sort=createdAt') })),
  },
  {
    what: 'the last row of a page is also the first of the next',
    only: 'lists/Post/by-id',
    named: /by-id\/size-2\/rest/,
    answer: async ({ ask }, asked) => {
      const answer = await ask(asked)
      if (answer.status !== 200 || !asked.url.includes('page[after]') || answer.json.data.length === 0) return answer
      return saying(answer, { ...answer.json, data: [answer.json.data[0], ...answer.json.data] })
    },
  },
  {
    what: 'a count is that of the page',
    only: 'lists/Post',
    named: /count/,
    answer: answers((answer) =>
      answer.json?.page?.count === undefined
        ? answer
        : saying(answer, { ...answer.json, page: { ...answer.json.page, count: answer.json.page.count + 1 } }),
    ),
  },
]

/** What a defect of one request keeps for the next: rows that it has read. */
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

const RACE_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'the version is compared before the write, and not by it',
    only: 'races/Post/same-version',
    named: /same-version/,
    answer: async ({ ask }, asked) => {
      const wanted = asked.headers?.['if-match']
      if (wanted === undefined) return ask(asked)
      const { json } = await ask({ method: 'GET', url: asked.url, token: asked.token })
      await pause(5)
      return ask(`"${json?.version}"` === wanted ? without(asked, 'if-match') : asked)
    },
  },
  {
    what: 'a key has no effect',
    only: 'races/Post/same-key',
    named: /same-key/,
    answer: requests((asked) => without(asked, 'idempotency-key')),
  },
  {
    what: 'an increment reads and then writes',
    only: 'races/Book/increment',
    named: /increment-copies/,
    design: 'test/verify/designs/library.yaml',
    answer: async ({ ask }, asked) => {
      const [[name, value] = ['', null]] = Object.entries((asked.body ?? {}) as Record<string, { increment?: number } | null>)
      if (asked.method !== 'PATCH' || value?.increment === undefined) return ask(asked)
      const { json } = await ask({ method: 'GET', url: asked.url, token: asked.token })
      return ask({ ...asked, body: { [name]: json[name] + value.increment } })
    },
  },
  {
    what: 'a row that is gone is deleted once more',
    only: 'races/Post/same-delete',
    named: /same-delete/,
    answer: answers((answer, { method }) =>
      method === 'DELETE' && answer.status === 404 ? { ...answer, status: 204, text: '', json: undefined } : answer,
    ),
  },
]

/** Every defect, in the order of the families. */
export const PROXIED_FAULTS: readonly ProxiedFault[] = [...ANSWER_FAULTS, ...LIST_FAULTS, ...RACE_FAULTS, ...IDENTITY_FAULTS]
