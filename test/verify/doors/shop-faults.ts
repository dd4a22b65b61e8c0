/** Defects at one of many doors of the shop: of searches and files. */

import { answers, type ProxiedFault, saying } from '../proxied/proxied.ts'

const TOGETHER = 'relations/User.fewWebhooks/together-by-create-Webhook'

interface Operations {
  readonly operations: readonly unknown[]
}

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
  {
    what: 'a signed action also answers at the usual address of its name',
    only: 'security/F210/unserved/actions',
    named: /unserved\/actions: POST \/api\/actions\/paymentChanged: status 400/,
    answer: answers((answer, { url }) => (url.endsWith('/actions/paymentChanged') ? { ...answer, status: 400 } : answer)),
  },
  {
    what: 'a job answers at an address of its name',
    only: 'security/F210/unserved/jobs',
    named: /unserved\/jobs: \w+ \/api\/jobs\/\w+: status 202/,
    answer: answers((answer, { url }) => (url.startsWith('/api/jobs/ex') ? { ...answer, status: 202 } : answer)),
  },
  {
    what: 'a failure that code has thrown is answered with its stack',
    only: 'security/F209/code/Order.pay',
    named: /code\/Order\.pay: the answer shows a stack/,
    answer: answers((answer) =>
      answer.json?.code === 'not_payable'
        ? saying(answer, { ...answer.json, detail: `${answer.json.detail}\n    at pay (file:///app/payments.ts:17:38)` })
        : answer,
    ),
  },
  {
    what: 'the rows of a list are judged one by one by a check over relations, and those before are kept',
    only: TOGETHER,
    named: /together-by-create-Webhook: bulk: status 201/,
    async answer({ ask }, asked) {
      const answer = await ask(asked)
      const isFull = asked.url.endsWith('/bulk') && answer.text.includes('check_failed')
      return isFull ? ask({ ...asked, body: (asked.body as readonly unknown[]).slice(0, -1) }) : answer
    },
  },
  {
    what: 'a transaction that breaks a check over relations keeps what precedes',
    only: TOGETHER,
    named: /together-by-create-Webhook: transaction: refused, and the rows changed/,
    async answer({ ask }, asked) {
      const answer = await ask(asked)
      const { operations = [] } = (asked.body ?? {}) as Partial<Operations>
      if (answer.text.includes('check_failed') && operations.length > 1)
        await ask({ ...asked, body: { operations: operations.slice(0, 1) } })
      return answer
    },
  },
  {
    what: 'a document with @atomic allows one row less than the check',
    only: TOGETHER,
    named: /together-by-create-Webhook: atomic: status 200 for as many rows as are allowed/,
    answer: answers((answer, { body }) =>
      JSON.stringify(body ?? '').includes('@atomic') && answer.json?.errors === undefined
        ? { ...answer, json: { errors: [{ message: 'full' }] } }
        : answer,
    ),
  },
]
