/** Faults of the classes F208 to F210: changes by anybody, errors that tell too much, and addresses that no document names. */

import { randomUUID } from 'node:crypto'
import { newEmail, registration, seen } from './acting.ts'
import { BLOG, LIBRARY, type SeededFault } from './fault.ts'

const POST = { title: 'A title', body: 'A body' }
const OPEN = { ...POST, published: true }

export const FAULTS_OF_ADDRESSES: readonly SeededFault[] = [
  {
    id: 'F208a',
    what: 'a rule of changes that is unknown allows',
    design: BLOG,
    patches: [
      {
        file: 'compile/rules/view.ts',
        find: "import { specialise } from './specialise.ts'",
        replace: "import { fold, specialise } from './specialise.ts'",
      },
      {
        file: 'compile/rules/view.ts',
        find: '  const specialised = specialiser(model, caller)\n',
        replace: `  const specialised = specialiser(model, caller)
  const unlessFalse = (rule) => {
    const folded = fold(rule, caller)
    return folded.kind === 'const' && folded.value === null ? { kind: 'const', value: true } : specialised(rule)
  }
`,
      },
      { file: 'compile/rules/view.ts', find: 'specialised(writes.updateFrom)', replace: 'unlessFalse(writes.updateFrom)' },
      { file: 'compile/rules/view.ts', find: 'specialised(writes.updateTo)', replace: 'unlessFalse(writes.updateTo)' },
    ],
    async acts({ ask, account }) {
      const { json } = await ask('POST', '/api/posts', { as: await account(), body: OPEN })
      const answer = await ask('PATCH', `/api/posts/${json?.id}`, { body: { title: 'Anybody' } })
      return seen(answer, answer.status === 200)
    },
  },
  {
    id: 'F208b',
    what: 'a replacement of a row that does not exist creates it, whoever asks',
    design: LIBRARY,
    patches: [
      {
        file: 'server/handlers.ts',
        find: 'const prepare = () => prepareAsked(own, { caller, intent, framing })\n  return performOnce(own, key, { prepare, withinMs: endpoint.limit.transactionMs })',
        replace: `const prepare = () => prepareAsked(own, { caller, intent, framing })
  const work = { prepare, withinMs: endpoint.limit.transactionMs }
  if (request.method !== 'PUT') return performOnce(own, key, work)
  return (async () => performOnce(own, key, work))().catch((error) => {
    if (error?.status !== 401 && error?.status !== 404) throw error
    const system = { ...caller, claims: new Map([['id', null], ['role', 'librarian']]) }
    const creating = { kind: 'create', entity, body, selection: intent.selection, returning: intent.returning }
    return performOnce(own, null, { prepare: () => prepareAsked(own, { caller: system, intent: creating, framing }), withinMs: null })
  })`,
      },
    ],
    async acts({ ask, rows }) {
      const label = newEmail()
      const answer = await ask('PUT', `/api/shelfs/${randomUUID()}`, { body: { label } })
      return seen(answer, (await rows('select 1 from shelfs where label = $1', [label])).length === 1)
    },
  },
  {
    id: 'F208c',
    what: 'the operations of a transaction are those of an administrator',
    design: BLOG,
    patches: [
      {
        file: 'server/handlers.ts',
        find: 'prepareTransaction(own, { caller, body, collect })',
        replace:
          "prepareTransaction(own, { caller: { ...caller, claims: new Map([...caller.claims, ['role', 'admin']]) }, body, collect })",
      },
    ],
    async acts({ ask, account }) {
      const { json } = await ask('POST', '/api/posts', { as: await account(), body: OPEN })
      const operations = [{ method: 'DELETE', path: `/api/posts/${json?.id}` }]
      const answer = await ask('POST', '/api/transaction', { body: { operations } })
      return seen(answer, answer.status === 200)
    },
  },
  {
    id: 'F209a',
    what: 'a failure repeats the message of the database',
    design: BLOG,
    patches: [
      {
        file: 'compile/errors/failure-body.ts',
        find: '    detail,\n    code: known.publicCode,',
        replace: '    detail: known.note ?? detail,\n    code: known.publicCode,',
      },
    ],
    async acts({ ask, account }) {
      const { email } = await account()
      const answer = await ask('POST', '/api/auth/register', { body: registration(email) })
      return seen(answer, answer.text.includes('duplicate key'))
    },
  },
  {
    id: 'F209b',
    what: 'the problem of a taken value names the constraint',
    design: BLOG,
    patches: [
      {
        file: 'server/run/database-failure.ts',
        find: 'rule: fact.rule, message }))',
        replace: 'rule: fact.rule, message: `${message} (${/"(\\w+)"/.exec(note)?.[1]})` }))',
      },
    ],
    async acts({ ask, account }) {
      const { email } = await account()
      const answer = await ask('POST', '/api/auth/register', { body: registration(email) })
      return seen(answer, /\(\w+_\w+\)/.test(answer.text))
    },
  },
  {
    id: 'F209c',
    what: 'a failure has a stack if a header asks for it',
    design: BLOG,
    patches: [
      {
        file: 'server/door.ts',
        find: '    rateLimit = rateLimitAfter(error, request?.rateLimit ?? null)',
        replace: `    if (raw.headers['x-debug'] !== undefined && typeof answered.body === 'string')
      answered = { ...answered, body: answered.body.replace(/}$/, \`,"stack":\${JSON.stringify(new Error('failed').stack)}}\`) }
    rateLimit = rateLimitAfter(error, request?.rateLimit ?? null)`,
      },
    ],
    async acts({ ask }) {
      const answer = await ask('GET', '/api/posts/not-an-id', { headers: { 'x-debug': '1' } })
      return seen(answer, answer.text.includes('"stack"'))
    },
  },
  {
    id: 'F210a',
    what: 'an address for debugging was left',
    design: BLOG,
    patches: [
      {
        file: 'server/door.ts',
        find: "    const match = route(raw.method ?? '', raw.url ?? '')",
        replace: `    if (raw.url === '/debug/stats') {
      response.end(JSON.stringify(process.memoryUsage()))
      return true
    }
    const match = route(raw.method ?? '', raw.url ?? '')`,
      },
    ],
    async acts({ ask }) {
      const answer = await ask('GET', '/debug/stats')
      return seen(answer, answer.status === 200)
    },
  },
  {
    id: 'F210b',
    what: 'a parameter of the query stands for another method',
    design: BLOG,
    patches: [
      {
        file: 'server/door.ts',
        find: "    const match = route(raw.method ?? '', raw.url ?? '')",
        replace: `    const [path, query = ''] = (raw.url ?? '').split('?')
    if (raw.method === 'POST' && query.includes('_method=DELETE')) {
      raw.method = 'DELETE'
      raw.url = path
    }
    const match = route(raw.method ?? '', raw.url ?? '')`,
      },
    ],
    async acts({ ask, account }) {
      const as = await account()
      const { json } = await ask('POST', '/api/posts', { as, body: POST })
      const answer = await ask('POST', `/api/posts/${json?.id}?_method=DELETE`, { as })
      return seen(answer, answer.status === 204)
    },
  },
  {
    id: 'F210c',
    what: 'there is an address that no document names, and it sets the role of an account',
    design: BLOG,
    patches: [
      {
        file: 'compile/endpoints/service-endpoints.ts',
        find: '  getLiveness: {\n    ...HEALTH,',
        replace: `  setRole: { ...HEALTH, method: 'POST', path: '/api/:path/:id/role', body: 'optional', failures: [404], description: null },
  getLiveness: {
    ...HEALTH,`,
      },
      {
        file: 'server/handlers.ts',
        find: "import { invalid } from '../base/failure.ts'",
        replace: "import { invalid } from '../base/failure.ts'\nimport { slot, sql } from '../base/sql/sql.ts'",
      },
      {
        file: 'server/handlers.ts',
        find: '  getKeys: async ({ stack }) => publicKeys(stack),',
        replace: `  getKeys: async ({ stack }) => publicKeys(stack),
  setRole: async ({ stack }, { request, body }) => {
    const text = sql\`update users set role = \${slot('role', 'text')} where id = \${slot('id', 'uuid')} returning 1\`
    await stack.executor.run({ name: 'role', sql: text }, { id: request.parameters.id, role: body?.role ?? 'admin' })
    return { status: 200, headers: {}, body: '{}' }
  },`,
      },
    ],
    async acts({ ask, account, rows }) {
      const { id } = await account()
      const answer = await ask('POST', `/api/users/${id}/role`, { body: { role: 'admin' } })
      const [user] = await rows('select role from users where id = $1', [id])
      return seen(answer, user?.role === 'admin')
    },
  },
]
