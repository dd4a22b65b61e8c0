/** Defects of filters about the text of another row than the one that is listed. */

import { type ProxiedFault, requests } from './proxied.ts'

/** The defects. */
export const FILTER_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a filter behind a reference drops backslashes',
    only: 'security/F200/Post/author.name-by-reference',
    named: /by-reference/,
    answer: requests((asked) => (asked.url.includes('filter[author.name]') ? { ...asked, url: asked.url.replaceAll('%5C', '') } : asked)),
  },
  {
    what: 'an expression over a relation doubles quotes',
    only: 'security/F200/User/posts.title-by-relation',
    named: /by-relation/,
    answer: requests((asked) => (asked.url.includes('posts.exists') ? { ...asked, url: asked.url.replaceAll("'", "''") } : asked)),
  },
]
