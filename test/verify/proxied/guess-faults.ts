/** Defects about what only looks like something known: a name with one letter too many, a cursor of another list, another scheme. */

import { answers, type ProxiedFault, requests, saying } from './proxied.ts'

/** The defects. */
export const GUESS_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'whoever has not signed in is told which field was meant',
    only: 'security/F209/Post/guessed/anonymous',
    named: /tells of title/,
    answer: answers((answer, { url }) =>
      answer.status === 400 && url.includes('sort=titlee') ? saying(answer, { ...answer.json, hint: 'did you mean "title"?' }) : answer,
    ),
  },
  {
    what: 'a cursor of the opposite order is taken',
    only: 'lists/Post/foreign-cursors',
    named: /the cursor of -?\w+ is answered 200/,
    answer: requests((asked) =>
      asked.url.includes('page[after]') ? { ...asked, url: asked.url.replace(/&page\[after\]=[^&]*/, '') } : asked,
    ),
  },
  {
    what: 'a token counts whatever word stands before it',
    only: 'security/F207/Post/create/refused',
    named: /the token after \w+: status/,
    answer: requests((asked) => {
      const [, word, token] = /^(\w+) ([\w-]+\.[\w-]+\.[\w-]+)$/.exec(asked.headers?.authorization ?? '') ?? []
      if (word === undefined || token === undefined) return asked
      return { ...asked, headers: { ...asked.headers, authorization: `Bearer ${token}` } }
    }),
  },
]
