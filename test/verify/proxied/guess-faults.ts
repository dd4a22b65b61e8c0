/** Defects about what is almost right, and about what a refusal says is wrong. */

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
  {
    what: 'a refusal of several rows does not say which row is wrong',
    only: 'security/F104/Post/missing/second-of-three',
    named: /points at \/title, and \/1\/title is wrong/,
    answer: answers((answer, { body }) =>
      answer.status === 400 && Array.isArray(body) ? saying(answer, JSON.parse(answer.text.replaceAll('"/1/', '"/'))) : answer,
    ),
  },
  {
    what: 'a sign-in without a password is refused without a word about it',
    only: 'security/F100/User/sign-in/named-members',
    named: /no pointer/,
    answer: answers((answer, { url }) =>
      url.endsWith('/auth/login') && answer.status === 400 ? saying(answer, { ...answer.json, errors: [] }) : answer,
    ),
  },
]
