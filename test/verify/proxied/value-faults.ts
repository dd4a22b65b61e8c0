/** Defects of a backend that is lenient about values at one door: it makes the right value of one that only looks like it. */

import type { SentRequest } from '../../../src/verify/run/stage.ts'
import { answers, type ProxiedFault, requests, saying } from './proxied.ts'

/** A defect by which the bodies of some requests are read with other values. */
function lenient(isAsked: (asked: SentRequest) => boolean, read: (key: string, value: unknown) => unknown): ProxiedFault['answer'] {
  return requests((asked) =>
    isAsked(asked) && asked.body !== undefined ? { ...asked, body: JSON.parse(JSON.stringify(asked.body), read) } : asked,
  )
}

const LIBRARY = 'test/verify/designs/library.yaml'

/** A number that a double rounds to a whole one; other texts stay. */
function rounded(text: string): string {
  const number = Number(text.slice('rating: '.length))
  return Number.isInteger(number) ? `rating: ${number}` : text
}

const asItIs = (_: string, value: unknown): unknown => value

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
  {
    what: 'a change reads numbers as doubles',
    design: LIBRARY,
    only: 'values/digits/Book.rating/patch',
    named: /Book\.rating\/patch: number-\S+ .*status 200, expected 400/,
    answer: lenient(({ method }) => method === 'PATCH', asItIs),
  },
  {
    what: 'an amount that is added is read as a double',
    design: LIBRARY,
    only: 'values/digits/Book.rating/increment',
    named: /Book\.rating\/increment: number-\S+ .*status 200, expected 400/,
    answer: lenient(({ method }) => method === 'PATCH', asItIs),
  },
  {
    what: 'a number in a document of GraphQL is read as a double',
    design: LIBRARY,
    only: 'values/digits/Book.rating/graphql-literal',
    named: /Book\.rating\/graphql-literal\S*: number-\S+ .*with 0 errors/,
    answer: requests((asked) => {
      const { query } = (asked.body ?? {}) as { readonly query?: string }
      if (query === undefined) return asked
      return { ...asked, body: { ...(asked.body as object), query: query.replace(/rating: [\d.eE+-]+/, rounded) } }
    }),
  },
  {
    what: 'a replacement trims texts',
    only: 'values/spellings/Post.title/stored-put',
    named: /stored-put: as-it-is-1, .*the row has "aB é"/,
    answer: lenient(
      ({ method }) => method === 'PUT',
      (key, value) => (key === 'title' && typeof value === 'string' ? value.trim() : value),
    ),
  },
  {
    what: 'a transaction answers an address as it was sent',
    only: 'values/spellings/User.email/stored-transaction',
    named: /stored-transaction: mixed-case, .*the answer has "S/,
    answer: answers((answer, { url, body }) =>
      url.endsWith('/transaction') && answer.status === 200
        ? saying(answer, { results: [{ status: 201, body: (body as { operations: { body: object }[] }).operations[0]?.body }] })
        : answer,
    ),
  },
  {
    what: 'an address that is taken is taken in small letters alone',
    only: 'values/spellings/User.email/taken-create',
    named: /taken-create: mixed-case, \S+ status 201/,
    answer: answers((answer, { url, body }) =>
      url === '/api/users' && answer.status === 409 && /[A-Z]/.test((body as { email: string }).email)
        ? { ...answer, status: 201 }
        : answer,
    ),
  },
]
