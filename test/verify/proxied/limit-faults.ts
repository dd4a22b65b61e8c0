/** Defects of limits: one that takes more than the documents say, and one that takes less. */

import { type ProxiedFault, requests } from './proxied.ts'

/** One item more in a filter, which is then too many. */
const longer = (url: string): string => url.replace('[version][in]=', '[version][in]=1,')

/** The defects. */
export const LIMIT_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a filter of any number of conditions is taken',
    only: 'security/limits/list-conditions',
    named: /101 are taken/,
    answer: requests((asked) => ({ ...asked, url: asked.url.replace(/(filter\[id\]\[eq\]=[^&]+)(&\1)+/, '$1') })),
  },
  {
    what: 'a filter takes one item less than the documents say',
    only: 'security/limits/list-items',
    named: /500 are refused/,
    answer: requests((asked) => ({ ...asked, url: longer(asked.url) })),
  },
  {
    what: 'a body may nest as deep as it likes',
    only: 'security/limits/transaction-levels',
    named: /32 are answered as 33/,
    answer: requests((asked) => (typeof asked.body === 'string' ? { ...asked, body: asked.body.replace(/\[+\]+/, '1') } : asked)),
  },
]
