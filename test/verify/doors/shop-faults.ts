/** Defects at one of many doors of the shop: of searches and files. */

import { answers, type ProxiedFault } from '../proxied/proxied.ts'

/** The defects. */
export const SHOP_FAULTS: readonly ProxiedFault[] = [
  {
    what: 'a NUL in the words of a search is an error of the server',
    only: 'security/F100/Product/parameters',
    named: /Product\/parameters: status 500/,
    answer: answers((answer, { url }) => (url.includes('search=%00') ? { ...answer, status: 500 } : answer)),
  },
  {
    what: 'a form without its end is an error of the server',
    only: 'security/F100/Product/file-photo/forms',
    named: /forms: address: cut: status 500/,
    answer: answers((answer, { body, url }) =>
      url.endsWith('/photo') && Buffer.isBuffer(body) && body.includes('filename') && !body.includes('verify--')
        ? { ...answer, status: 500 }
        : answer,
    ),
  },
  {
    what: 'a refused upload goes on waiting',
    only: 'security/F104/Product/file-photo/refused',
    named: /refused: \S+: \S+: files: \d+ became \d+/,
    async answer({ ask }, asked) {
      const answer = await ask(asked)
      if (asked.method !== 'PUT' || answer.status < 400) return answer
      const [list = ''] = /^\/api\/products/.exec(asked.url) ?? []
      await ask({ ...asked, method: 'POST', url: `${list}/photo/uploads`, body: { name: 'x' }, headers: {} })
      return answer
    },
  },
]
