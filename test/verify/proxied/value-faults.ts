/** Defects of a backend that is lenient about values at one door: it makes the right value of one that only looks like it. */

import type { SentRequest } from '../../../src/verify/run/stage.ts'
import { type ProxiedFault, requests } from './proxied.ts'

/** A defect by which the bodies of some requests are read with other values. */
function lenient(isAsked: (asked: SentRequest) => boolean, read: (key: string, value: unknown) => unknown): ProxiedFault['answer'] {
  return requests((asked) =>
    isAsked(asked) && asked.body !== undefined ? { ...asked, body: JSON.parse(JSON.stringify(asked.body), read) } : asked,
  )
}

const GOOD = 'Glade-Orchid-Lantern-47'

/** The defects. */
export const VALUE_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a replacement reads the word "true" as true',
    only: 'values/other-types/Post.published/put',
    named: /Post\.published\/put/,
    answer: lenient(
      ({ method }) => method === 'PUT',
      (key, value) => (key === 'published' && value === 'true' ? true : value),
    ),
  },
  {
    what: 'a registration makes a text of a number',
    only: 'values/other-types/User.name/register',
    named: /User\.name\/register/,
    answer: lenient(
      ({ url }) => url.endsWith('/auth/register'),
      (key, value) => (key === 'name' && typeof value === 'number' ? String(value) : value),
    ),
  },
  {
    what: 'a variable of GraphQL takes a list of one for its item',
    only: 'values/other-types/Post.title/graphql-create',
    named: /Post\.title\/graphql-create/,
    answer: lenient(
      ({ url }) => url === '/graphql',
      (key, value) => (key === 'title' && Array.isArray(value) ? value[0] : value),
    ),
  },
  {
    what: 'a transaction takes one item for a list',
    only: 'values/other-types/Post.tags/transaction',
    named: /Post\.tags\/transaction/,
    answer: lenient(
      ({ url }) => url.endsWith('/transaction'),
      (key, value) => (key === 'tags' && typeof value === 'string' ? [value] : value),
    ),
  },
  {
    what: 'a change takes a password that is often guessed',
    only: 'values/passwords/User.password/patch',
    named: /User\.password\/patch/,
    answer: lenient(
      ({ method }) => method === 'PATCH',
      (key, value) => (key === 'password' && /^welcome1$/i.test(String(value)) ? GOOD : value),
    ),
  },
  {
    what: 'accounts of a list may have their login for a password',
    only: 'values/passwords/User.password/create-many',
    named: /User\.password\/create-many/,
    answer: lenient(
      ({ body }) => Array.isArray(body),
      (key, value) => (key === 'password' && /^orchid7/i.test(String(value)) ? GOOD : value),
    ),
  },
]
