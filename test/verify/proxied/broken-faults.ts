/** Defects by which there is no answer, or one of another form than its documents say. */

import { NO_ANSWER } from '../../../src/verify/expected/answered.ts'
import { answers, type ProxiedFault, requests, saying } from './proxied.ts'

/** The defects. */
export const BROKEN_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a connection breaks where a row is read',
    only: 'access/Post.read/published',
    named: /get: GET \S+ got no answer: socket hang up/,
    answer: answers((answer, { method, url }) =>
      method === 'GET' && /^\/api\/posts\/[^/]+$/.test(url)
        ? { status: NO_ANSWER, headers: {}, text: 'socket hang up', json: undefined }
        : answer,
    ),
  },
  {
    what: 'a connection breaks where a version is of too many digits',
    only: 'security/F100/Post/update/versions',
    named: /versions: PATCH \S+ got no answer/,
    answer: answers((answer, { headers = {} }) =>
      (headers['if-match']?.length ?? 0) > 60 ? { status: NO_ANSWER, headers: {}, text: 'socket hang up', json: undefined } : answer,
    ),
  },
  {
    what: 'a list has no rows and no page',
    only: 'access/Post.read/published',
    named: /list: the answer has another form/,
    answer: answers((answer, { url }) => (/^\/api\/posts\?/.test(url) && answer.status === 200 ? saying(answer, null) : answer)),
  },
  {
    what: 'a page of GraphQL has no information about itself',
    only: 'lists/Post',
    named: /graphql\S*: the answer has another form/,
    answer: answers((answer, { url }) =>
      url === '/graphql' && answer.json?.data?.posts !== undefined ? saying(answer, { data: { posts: null } }) : answer,
    ),
  },
  {
    what: 'a division by zero is an error of the server',
    only: 'security/F100/Post/expressions',
    named: /expressions: status 500/,
    answer: answers((answer, { url }) => (/version%20%2F%200%20/.test(url) ? { ...answer, status: 500 } : answer)),
  },
  {
    what: 'a page may have more rows than the documents say',
    only: 'security/F100/Post/limits',
    named: /limits: status 200/,
    answer: requests((asked) => ({ ...asked, url: asked.url.replace('page[size]=101', 'page[size]=100') })),
  },
  {
    what: 'the answer to a new row does not say where it is',
    only: 'answers/Post.create/201-headers',
    named: /201-headers: Location is undefined/,
    answer: answers((answer) => (answer.status === 201 ? { ...answer, headers: { ...answer.headers, location: undefined } } : answer)),
  },
  {
    what: 'the tag of a changed row has the version of before',
    only: 'answers/Post.update/200-headers',
    named: /200-headers: ETag is \S+ of version/,
    answer: answers((answer, { method }) =>
      method === 'PATCH' && answer.status === 200
        ? { ...answer, headers: { ...answer.headers, etag: String(answer.headers.etag).replace(/\d+/, '1') } }
        : answer,
    ),
  },
]
