/** Defects by which there is no answer, or one of another form than its documents say. */

import { NO_ANSWER } from '../../../src/verify/expected/answered.ts'
import { answers, type ProxiedFault, saying } from './proxied.ts'

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
]
