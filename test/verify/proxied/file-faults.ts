/** Defects of files between a correct backend and its callers: what remains of deleted rows, and what callers get who may not. */

import type { Answered } from '../../../src/verify/expected/answered.ts'
import { answers, type ProxiedFault, requests, saying, without } from './proxied.ts'

const FILE = /^\/api\/photos\/[^/]+\/picture/
const isFile = (url: string): boolean => FILE.test(url)
const isMadeUp = (url: string): boolean => url.includes('ffffff00')

/** A defect that answers a read of a file that succeeded with the same answer again. @param key of the caller, or the same for all */
function remembering(isKept: (url: string) => boolean): ProxiedFault['answer'] {
  const kept = new Map<string, Answered>()
  return async ({ ask }, asked) => {
    const key = `${asked.method} ${asked.token} ${asked.url}`
    const answer = await ask(asked)
    if (!isKept(asked.url) || asked.method !== 'GET') return answer
    if (answer.status === 200) kept.set(key, answer)
    return answer.status === 404 || answer.status === 403 ? (kept.get(key) ?? answer) : answer
  }
}

/** A defect that never asks whether the row of a link is still there. */
function followingAlways(): ProxiedFault['answer'] {
  const given = new Set<string>()
  return async ({ ask }, asked) => {
    const answer = await ask(asked)
    if (asked.url.endsWith('/link') && answer.status === 200) given.add(new URL(answer.json.url, 'http://localhost').search)
    const query = asked.url.slice(asked.url.indexOf('?'))
    return asked.method === 'GET' && answer.status >= 400 && given.has(query) && !isMadeUp(asked.url)
      ? { ...answer, status: 200, text: 'x' }
      : answer
  }
}

/** The media type that the last sender of a file said. */
function believing(method: string, headers: string | null): ProxiedFault['answer'] {
  let declared = ''
  return async ({ ask }, asked) => {
    if (asked.method === 'PUT' && isFile(asked.url)) declared = asked.headers?.['content-type'] ?? ''
    const answer = await ask(asked)
    const isFaulty =
      asked.method === method && isFile(asked.url) && answer.status < 300 && (headers === null || headers in (asked.headers ?? {}))
    return isFaulty ? { ...answer, headers: { ...answer.headers, 'content-type': declared } } : answer
  }
}

/** A defect that forgets what it has read only where a row is deleted by its own address. */
function forgettingByAddress(): ProxiedFault['answer'] {
  const kept = new Map<string, Answered>()
  return async ({ ask }, asked) => {
    const answer = await ask(asked)
    if (asked.method === 'DELETE') kept.clear()
    if (asked.method !== 'GET' || !/^\/api\/photos\/[^/?]+$/.test(asked.url)) return answer
    const key = `${asked.token} ${asked.url}`
    if (answer.status === 200) kept.set(key, answer)
    return answer.status === 404 ? (kept.get(key) ?? answer) : answer
  }
}

/** A defect that keeps answers to writes whole, by their keys. */
function repeating(): ProxiedFault['answer'] {
  const kept = new Map<string, Answered>()
  return async ({ ask }, asked) => {
    const key = asked.headers?.['idempotency-key']
    const answer = await ask(asked)
    if (key !== undefined && answer.status < 300) kept.set(key, answer)
    return answer.status === 404 ? (kept.get(key ?? '') ?? answer) : answer
  }
}

/** A defect that takes the bytes of a ticket as often as they are sent. */
function takingAgain(): ProxiedFault['answer'] {
  const taken = new Map<string, Answered>()
  return async ({ ask }, asked) => {
    const answer = await ask(asked)
    if (!asked.url.includes('/uploads/')) return answer
    if (answer.status === 200) taken.set(asked.url, answer)
    return taken.get(asked.url) ?? answer
  }
}

/** The header of a file with the name as its sender has written it. */
const unescaped = ({ headers, ...answer }: Answered): Answered => ({
  ...answer,
  headers: { ...headers, 'content-disposition': String(headers['content-disposition']).replace('filename="a_', 'filename="a"') },
})

/** The defects. */
export const FILE_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a link may live longer than a week',
    only: 'documents/files/forms',
    named: /link-4: status 200/,
    answer: requests((asked) => (String(asked.body) === '{"expiresIn":604801}' ? { ...asked, body: { expiresIn: 604800 } } : asked)),
  },
  {
    what: 'a made-up link says whether there is a row',
    only: 'security/F204/Photo/file-made-up-link-picture/account',
    named: /GET of a link with another \w+, for a row with a file: answered 403/,
    answer: answers((answer, { url }) => (isMadeUp(url) && url.includes('signature=') ? { ...answer, status: 404 } : answer)),
  },
  {
    what: 'a part of a file is stored as if it were the file',
    only: 'documents/files/forms',
    named: /part: status 200/,
    answer: requests((asked) => without(asked, 'content-range')),
  },
  {
    what: 'a link that was followed is remembered after its row is gone',
    only: 'security/F103/Photo/deleted',
    named: /link-used-picture/,
    answer: remembering((url) => url.includes('signature=')),
  },
  {
    what: 'a link that nobody has followed leads to the file of a row that is gone',
    only: 'security/F103/Photo/deleted',
    named: /link-(?:un)?used-picture/,
    answer: followingAlways(),
  },
  {
    what: 'the file of a row that went with another one is remembered',
    only: 'security/F103/User/taken-along',
    named: /file-picture/,
    answer: remembering(isFile),
  },
  {
    what: 'HEAD tells of the file of a hidden row',
    only: 'security/F206/Photo/file-picture',
    named: /HEAD .* is answered 200/,
    answer: answers((answer, { method, url }) =>
      method === 'HEAD' && isFile(url) && answer.status === 404 && !isMadeUp(url) ? { ...answer, status: 200 } : answer,
    ),
  },
  {
    what: 'a caller who may not read a row gets a link to its file',
    only: 'security/F206/Photo/file-picture',
    named: /link is answered 200/,
    answer: answers((answer, { url, token }) =>
      url.endsWith('/link') && answer.status === 404 && token !== null && !isMadeUp(url)
        ? { ...saying(answer, { url: '/x', expiresAt: '' }), status: 200 }
        : answer,
    ),
  },
  {
    what: 'a hidden file is refused in other words than a missing one',
    only: 'security/F206/Photo/file-picture',
    named: /otherwise/,
    answer: answers((answer, { method, url }) =>
      method === 'GET' && isFile(url) && answer.status === 404 && !isMadeUp(url) ? { ...answer, status: 403 } : answer,
    ),
  },
  {
    what: 'a part of a file is sent without looking at the token',
    only: 'security/F206/Photo/file-picture',
    named: /of a caller who may read it is answered 404/,
    answer: requests((asked) => (isFile(asked.url) && asked.headers?.range !== undefined ? { ...asked, token: null } : asked)),
  },
  {
    what: 'an anonymous caller opens an upload',
    only: 'security/F208/Photo/file-picture',
    named: /uploads is answered 201/,
    answer: answers((answer, { method, url, token }) =>
      method === 'POST' && url.endsWith('/uploads') && token === null ? { ...answer, status: 201 } : answer,
    ),
  },
  {
    what: 'the bytes of a file are taken before an anonymous caller is refused',
    only: 'security/F208/Photo/file-picture',
    named: /files: \d+ became \d+/,
    async answer({ ask, tokenFor, accounts }, asked) {
      const answer = await ask(asked)
      if (asked.method === 'PUT' && isFile(asked.url) && asked.token === null)
        await ask({ method: 'POST', url: '/api/photos/picture/uploads', body: {}, token: await tokenFor(accounts?.[0] ?? '') })
      return answer
    },
  },
  {
    what: 'the headers of a file alone have the media type that the sender has said',
    only: 'security/F201/Photo/file-types-picture',
    named: /the answer is text\/html/,
    answer: believing('HEAD', null),
  },
  {
    what: 'a part of a file is sent with the media type that the sender has said',
    only: 'security/F201/Photo/file-types-picture',
    named: /the answer is text\/html/,
    answer: believing('GET', 'range'),
  },
  {
    what: 'a link leads to the file that takes the place of its own',
    only: 'security/F103/Photo/file-links-picture',
    named: /a link after another file is answered 200/,
    answer: followingAlways(),
  },
  {
    what: 'a ticket works twice',
    only: 'security/F103/Photo/file-tickets-picture',
    named: /a second file of a ticket is answered 200/,
    answer: takingAgain(),
  },
  {
    what: 'a quotation mark in the name of a file ends it',
    only: 'security/F201/Photo/file-names-picture',
    named: /Content-Disposition is/,
    answer: answers((answer, { url }) => (isFile(url) && answer.headers['content-disposition'] !== undefined ? unescaped(answer) : answer)),
  },
  {
    what: 'a row that a transaction has deleted is remembered',
    only: 'security/F103/Photo/deleted-transaction',
    named: /: get: /,
    answer: forgettingByAddress(),
  },
  {
    what: 'a row that GraphQL has deleted is remembered',
    only: 'security/F103/Photo/deleted-graphql',
    named: /: get: /,
    answer: forgettingByAddress(),
  },
  {
    what: 'the messages of a subscription that is gone are remembered',
    only: 'security/F103/Hook/deleted',
    named: /deliveries/,
    answer: remembering((url) => url.includes('/deliveries')),
  },
  {
    what: 'a create that is sent again has its row after it was deleted',
    only: 'security/F103/Photo/repeated',
    named: /sent again after its row was deleted, is answered 201/,
    answer: repeating(),
  },
  {
    what: 'a part behind the end of a file is an error of the server',
    only: 'security/F100/Photo/file-ranges-picture',
    named: /status 500, expected 416/,
    answer: answers((answer) => (answer.status === 416 ? { ...answer, status: 500 } : answer)),
  },
  {
    what: 'a part of another version of a file is sent',
    only: 'security/F100/Photo/file-ranges-picture',
    named: /another.*status 206, expected 200/,
    answer: requests((asked) => without(asked, 'if-range')),
  },
  {
    what: 'the last byte is missing where a part is counted from the end',
    only: 'security/F100/Photo/file-ranges-picture',
    named: /other bytes than those/,
    answer: answers((answer, { headers = {} }) =>
      answer.status === 206 && headers.range?.startsWith('bytes=-') === true
        ? { ...answer, headers: { ...answer.headers, 'content-length': undefined }, text: answer.text.slice(0, -1) }
        : answer,
    ),
  },
]
