/** Faults of the classes F100 to F104: errors of the server, wrong answers, wrong data, and what is left behind. */

import { newEmail, registration, seen } from './acting.ts'
import { BLOG, FAIR, LIBRARY, type SeededFault } from './fault.ts'

const POST = { title: 'A title', body: 'A body' }
const NOBODY = '01900000-0000-7000-8000-00000000dead'

export const FAULTS_OF_ANSWERS: readonly SeededFault[] = [
  {
    id: 'F100a',
    what: 'a computed number out of range (SQLSTATE 22003) has no answer of its own',
    design: FAIR,
    patches: [{ file: 'server/run/database-failure.ts', find: "new Set(['22001', '22003'])", replace: "new Set(['22001'])" }],
    async acts({ ask, account }) {
      const as = await account()
      const answer = await ask('POST', '/api/stands', { as, body: { title: 'Large', width: 2 ** 53 - 1, depth: 2 ** 53 - 1 } })
      return seen(answer, answer.status === 500)
    },
  },
  {
    id: 'F100b',
    what: 'a cursor is parsed without a guard',
    design: BLOG,
    patches: [
      {
        file: 'server/plan/plan-order.ts',
        find: `  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    return Array.isArray(parsed) ? parsed : null
  } catch {
    return null
  }`,
        replace: "  return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))",
      },
    ],
    async acts({ ask }) {
      const answer = await ask('GET', '/api/posts?page[after]=AAAA')
      return seen(answer, answer.status === 500)
    },
  },
  {
    id: 'F100c',
    what: 'the length of a list is read although it is null',
    design: BLOG,
    patches: [
      {
        file: 'compile/values/validate.ts',
        find: 'if (value === null) return optional ?',
        replace: "if (value === null && type.kind !== 'list') return optional ?",
      },
      {
        file: 'compile/values/encode.ts',
        find: "if (!Array.isArray(value)) return refused('type', value === null",
        replace: "if (value !== null && !Array.isArray(value)) return refused('type', value === null",
      },
    ],
    async acts({ ask, account }) {
      const answer = await ask('POST', '/api/posts', { as: await account(), body: { ...POST, tags: null } })
      return seen(answer, answer.status === 500)
    },
  },
  {
    id: 'F101a',
    what: 'reads show the version of a row as a text',
    design: BLOG,
    patches: [
      {
        file: 'compile/statements/columns/output-columns.ts',
        find: "  if (type.kind === 'list') return listColumn(field, column)",
        replace:
          "  if (field.system === 'version') return { value: sql`${column}::text`, as: 'text' }\n  if (type.kind === 'list') return listColumn(field, column)",
      },
    ],
    async acts({ ask, account }) {
      const { id } = await account()
      const answer = await ask('GET', `/api/users/${id}`)
      return seen(answer, typeof answer.json?.version === 'string')
    },
  },
  {
    id: 'F101b',
    what: 'a missing value is left out of a row, and is not null',
    design: LIBRARY,
    patches: [
      {
        file: 'server/rest/respond-read.ts',
        find: 'return { status: 200, headers: { etag: tag }, body }',
        replace: `const text = typeof body === 'string' ? body : Buffer.from(body.octets, 'latin1').toString()
  const present = JSON.stringify(JSON.parse(text), (_, value) => (value === null ? undefined : value))
  return { status: 200, headers: { etag: tag }, body: present }`,
      },
    ],
    async acts({ ask, account }) {
      const as = await account('librarian')
      const { json } = await ask('POST', '/api/books', { as, body: { title: 'A book' } })
      const answer = await ask('GET', `/api/books/${json?.id}`, { as })
      return seen(answer, answer.status === 200 && !('rating' in answer.json))
    },
  },
  {
    id: 'F101c',
    what: 'an empty list has no member page',
    design: BLOG,
    patches: [
      {
        file: 'server/rest/respond-read.ts',
        find: 'body: pageBody(sendable(page.data), after) }',
        replace: "body: pageBody(sendable(page.data), page.data?.length === 2 ? '}' : after) }",
      },
    ],
    async acts({ ask }) {
      const answer = await ask('GET', `/api/posts?filter[id][eq]=${NOBODY}`)
      return seen(answer, answer.status === 200 && answer.json?.page === undefined)
    },
  },
  {
    id: 'F102a',
    what: 'the greatest length of passwords is off by one',
    design: BLOG,
    patches: [
      {
        file: 'compile/values/encode.ts',
        find: 'holds: (v) => !longerThan(String(v), Number(max)),',
        replace: 'holds: (v) => !longerThan(String(v), Number(max) + 1),',
      },
      {
        file: 'services/identity/passwords/password-rules.ts',
        find: 'if (length > rules.max)',
        replace: 'if (length > rules.max + 1)',
      },
    ],
    async acts({ ask }) {
      const password = 'qV7-mZ2x/Lk9+tR4w'.repeat(20).slice(0, 257)
      const answer = await ask('POST', '/api/auth/register', { body: { ...registration(newEmail()), password } })
      return seen(answer, answer.status === 201)
    },
  },
  {
    id: 'F102b',
    what: 'an unknown member of a body is ignored',
    design: BLOG,
    patches: [
      {
        file: 'compile/values/validate.ts',
        find: '    else if (!input.children.has(name)) problems.push(unknownName(input, name, at))\n',
        replace: '',
      },
    ],
    async acts({ ask, account }) {
      const answer = await ask('POST', '/api/posts', { as: await account(), body: { ...POST, titel: 'x' } })
      return seen(answer, answer.status === 201)
    },
  },
  {
    id: 'F102c',
    what: 'the pattern of e-mail addresses has no end',
    design: BLOG,
    patches: [{ file: 'base/text-values.ts', find: '[a-z0-9])?)*$/i', replace: '[a-z0-9])?)*/i' }],
    async acts({ ask }) {
      const answer = await ask('POST', '/api/auth/register', { body: registration(`${newEmail()}, and more`) })
      return seen(answer, answer.status === 201)
    },
  },
  {
    id: 'F103a',
    what: 'a get by id shows rows that were deleted softly',
    design: LIBRARY,
    patches: [
      {
        file: 'compile/statements/statement-read.ts',
        find: "rowsWhere(model, entity, { alias: 't', holds: visible })",
        replace:
          "rowsWhere(model, { ...entity, fields: entity.fields.filter((one) => one.system !== 'deletedAt') }, { alias: 't', holds: visible })",
      },
    ],
    async acts({ ask, account }) {
      const as = await account('librarian')
      const { json } = await ask('POST', '/api/shelfs', { as, body: { label: newEmail() } })
      await ask('DELETE', `/api/shelfs/${json?.id}`, { as })
      const answer = await ask('GET', `/api/shelfs/${json?.id}`, { as })
      return seen(answer, answer.status === 200)
    },
  },
  {
    id: 'F103b',
    what: 'a row that is gone can be deleted again',
    design: BLOG,
    patches: [
      {
        file: 'server/write/judge-write.ts',
        find: "if (deleted === null || !deleted.readable) throw failure('not_found', { entity: plan.entity.name })",
        replace:
          "if (deleted === null) return { id: null, body: null, version: null }\n  if (!deleted.readable) throw failure('not_found', { entity: plan.entity.name })",
      },
    ],
    async acts({ ask, account }) {
      const as = await account()
      const { json } = await ask('POST', '/api/posts', { as, body: POST })
      await ask('DELETE', `/api/posts/${json?.id}`, { as })
      const answer = await ask('DELETE', `/api/posts/${json?.id}`, { as })
      return seen(answer, answer.status === 204)
    },
  },
  {
    id: 'F103c',
    what: 'If-None-Match of a row that is gone is answered 304',
    design: BLOG,
    patches: [
      {
        file: 'server/handlers.ts',
        find: '      return answer\n    })\n  }\n  const intent',
        replace: `      return answer
    }, (error) => {
      if (id === null || framing.ifNoneMatch === null || error?.code !== 'not_found') throw error
      return { status: 304, headers: { etag: framing.ifNoneMatch }, body: null }
    })
  }
  const intent`,
      },
    ],
    async acts({ ask, account }) {
      const as = await account()
      const { json, headers } = await ask('POST', '/api/posts', { as, body: POST })
      await ask('DELETE', `/api/posts/${json?.id}`, { as })
      const answer = await ask('GET', `/api/posts/${json?.id}`, { as, headers: { 'if-none-match': String(headers.etag) } })
      return seen(answer, answer.status === 304)
    },
  },
  {
    id: 'F104a',
    what: 'a row stays although its nested rows are refused',
    design: FAIR,
    patches: [
      {
        file: 'server/write/execute-write.ts',
        find: 'return runner.transaction((within) => runSequel(executing, { planned, sequel }, within))',
        replace: 'return runSequel(executing, { planned, sequel }, runner)',
      },
    ],
    async acts({ ask, account, rows }) {
      const offers = [1, 2].map(() => ({ label: 'Twice', code: 'twice' }))
      const answer = await ask('POST', '/api/stands', { as: await account(), body: { title: 'Left behind', offers } })
      const left = await rows("select 1 from stands where title = 'Left behind'")
      return seen(answer, answer.status === 409 && left.length > 0)
    },
  },
  {
    id: 'F104b',
    what: 'a list of rows creates those that are allowed, and refuses the others',
    design: FAIR,
    patches: [{ file: 'compile/statements/write/statement-create.ts', find: 'const ok = plan.atomic ?', replace: 'const ok = false ?' }],
    async acts({ ask, account, rows }) {
      const body = [{ title: 'Half a list' }, { title: 'Half a list', locked: true }]
      const answer = await ask('POST', '/api/stands/bulk', { as: await account(), body })
      const left = await rows("select 1 from stands where title = 'Half a list'")
      return seen(answer, answer.status === 403 && left.length > 0)
    },
  },
  {
    id: 'F104c',
    what: 'the event of a new account is logged outside of the transaction',
    design: BLOG,
    patches: [
      {
        file: 'server/write/run-write.ts',
        find: "import type { Runner } from '../../base/sql/statement.ts'",
        replace: "import { sql } from '../../base/sql/sql.ts'\nimport type { Runner } from '../../base/sql/statement.ts'",
      },
      {
        file: 'server/write/run-write.ts',
        find: '  const { rows, after } = await executeWrite(stack, ready, runner)',
        replace: `  if (intent.kind === 'create' && intent.entity.name === 'User')
    await stack.executor.run({ name: 'log', sql: sql\`insert into plinth.events (slot, id, entity, happening, row_id, version)
      values (0, (random() * 1e9)::bigint + 1000000000000, 'User', 'created', 'x', 1)\` }, {})
  const { rows, after } = await executeWrite(stack, ready, runner)`,
      },
    ],
    async acts({ ask, account, rows }) {
      const { email } = await account()
      const logged = async (): Promise<number> => (await rows('select 1 from plinth.events')).length
      const before = await logged()
      const answer = await ask('POST', '/api/auth/register', { body: registration(email) })
      return seen(answer, answer.status === 409 && (await logged()) > before)
    },
  },
]
