/** Defects of a backend that shows what it should not: pages of development, other forms of answers, and its database. */

import type { Answered } from '../../../src/verify/expected/answered.ts'
import { answers, isProblem, type ProxiedFault, saying } from './proxied.ts'

const page = '<!doctype html><title>Documents</title>'

/** A copy of an answer with something more in the first of its errors, or in its extensions. */
function telling(answer: Answered, more: (error: Readonly<Record<string, object>>) => object): Answered {
  const [first, ...others] = answer.json?.errors ?? []
  return first === undefined ? answer : saying(answer, { ...answer.json, errors: [{ ...first, ...more(first) }, ...others] })
}

/** The defects. */
export const SHOWN_FAULTS: readonly ProxiedFault[] = [
  ...['/', '/docs/scalar.js'].map(
    (path): ProxiedFault => ({
      what: `production serves ${path} to browsers`,
      only: `security/F210/development${path}`,
      named: /development.*\/browser/,
      answer: answers((answer, { url, headers }) =>
        url === path && headers?.accept?.includes('text/html') === true
          ? {
              ...answer,
              status: 200,
              headers: { ...answer.headers, 'content-type': 'text/html; charset=utf-8' },
              text: page,
              json: undefined,
            }
          : answer,
      ),
    }),
  ),
  {
    what: 'production serves the page of GraphQL',
    only: 'security/F210/development/graphql/explorer',
    named: /explorer/,
    answer: answers((answer, { url, headers }) =>
      url === '/graphql' && headers?.accept === 'text/html' ? { ...answer, status: 200, text: page, json: undefined } : answer,
    ),
  },
  {
    what: 'a parameter makes a script of a row',
    only: 'security/F210/Post/row-parameters',
    named: /row-parameters/,
    answer: async ({ ask }, asked) => {
      const [path = '', name] = asked.url.split('?jsonp=')
      const answer = await ask({ ...asked, url: path })
      if (name === undefined) return answer
      return {
        ...answer,
        headers: { ...answer.headers, 'content-type': 'text/javascript; charset=utf-8' },
        text: `${name}(${answer.text})`,
      }
    },
  },
  {
    what: 'a parameter adds details to a list',
    only: 'security/F210/Post/list-parameters',
    named: /list-parameters/,
    answer: async ({ ask }, asked) => {
      if (!asked.url.endsWith('?debug=true')) return ask(asked)
      const answer = await ask({ ...asked, url: asked.url.replace('?debug=true', '') })
      return saying(answer, { ...answer.json, milliseconds: 3 })
    },
  },
  ...[
    { shown: 'Index ON posts (author_id)', name: 'a column' },
    { shown: '"posts"."title" > $1', name: 'a quoted column' },
  ].map(
    ({ shown, name }): ProxiedFault => ({
      what: `a list that no index serves shows ${name}`,
      only: 'security/F209/Post/sort-by-title',
      named: /sort-by-title/,
      answer: answers((answer) =>
        answer.json?.code === 'index_required' ? saying(answer, { ...answer.json, detail: `no index serves this: ${shown}` }) : answer,
      ),
    }),
  ),
  {
    what: 'the challenge says what a library says of a token',
    only: 'identity/tokens/expired',
    named: /^security\/F209/,
    answer: answers((answer) =>
      answer.status === 401
        ? { ...answer, headers: { ...answer.headers, 'www-authenticate': 'Bearer error="invalid_token", error_description="jwt expired"' } }
        : answer,
    ),
  },
  ...[
    { what: 'an error of GraphQL has the names of classes', more: () => ({ kind: 'ZodError' }) },
    {
      what: 'the extensions of an error have more than their documents say',
      more: ({ extensions }: Readonly<Record<string, object>>) => ({ extensions: { ...extensions, originalError: 'x' } }),
    },
  ].map(
    ({ what, more }): ProxiedFault => ({
      what,
      only: 'identity/tokens/expired',
      named: /^security\/F209/,
      answer: answers((answer, { url }) => (url === '/graphql' ? telling(answer, more) : answer)),
    }),
  ),
  ...[
    { what: 'says which row holds the value', more: '; Key (author_id)=(7) is still referenced' },
    { what: 'says why', more: ': it belongs to somebody else' },
    { what: 'has the id of another row', more: ' as 01900000-aaaa-7000-8000-00000000beef' },
  ].map(
    ({ what, more }): ProxiedFault => ({
      what: `the refusal of a delete ${what}`,
      only: 'access/Post.read/author.id==auth.id/false/delete',
      named: /^security\/F209/,
      answer: answers((answer, { method }) =>
        method === 'DELETE' && isProblem(answer) ? saying(answer, { ...answer.json, detail: `${answer.json.detail}${more}` }) : answer,
      ),
    }),
  ),
]
