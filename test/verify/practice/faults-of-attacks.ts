/** Faults of the classes F200 to F204: injections, scripts, forged fields, and what an answer tells about hidden rows. */

import { newEmail, PASSWORD, registration, seen } from './acting.ts'
import { BLOG, FAIR, NOTICES, type SeededFault } from './fault.ts'

const POST = { title: 'A title', body: 'A body' }
const SCRIPT = '<script>alert(1)</script>'

export const FAULTS_OF_ATTACKS: readonly SeededFault[] = [
  {
    id: 'F200a',
    what: 'the name of an order is pasted into the statement',
    design: BLOG,
    patches: [
      {
        file: 'server/plan/plan-order.ts',
        find: '  const { field, rule } = storedField(entity, name, parameter)',
        replace:
          '  if (/\\W/.test(name)) return { ...idKey(entity, descending), name }\n  const { field, rule } = storedField(entity, name, parameter)',
      },
      {
        file: 'server/plan/served-order.ts',
        find: 'order.filter((key) => !pinned.includes(key.name))',
        replace: 'order.filter((key) => !pinned.includes(key.name) && !/\\W/.test(key.name))',
      },
      {
        file: 'compile/statements/page-sql.ts',
        find: 'return order.map((key) => termSql(key.term, scope))',
        replace: "return order.map((key) => (/\\W/.test(key.name) ? sql(['(' + key.name + ')']) : termSql(key.term, scope)))",
      },
    ],
    async acts({ ask }) {
      const answer = await ask('GET', `/api/posts?sort=${encodeURIComponent('t.id is null')}`)
      return seen(answer, answer.status !== 400)
    },
  },
  {
    id: 'F200b',
    what: 'the text of contains is pasted into a pattern of LIKE',
    design: BLOG,
    patches: [
      {
        file: 'compile/rules/leaf-sql.ts',
        find: 'return sql`strpos(${of}, ${text}) > 0`',
        replace: "return sql`${of} like '%' || ${text} || '%'`",
      },
    ],
    async acts({ ask, account }) {
      const as = await account()
      const { json } = await ask('POST', '/api/posts', { as, body: POST })
      const answer = await ask('GET', `/api/posts?filter[id][eq]=${json?.id}&filter[title][contains]=A%25e`, { as })
      return seen(answer, answer.json?.data?.length === 1)
    },
  },
  {
    id: 'F200c',
    what: 'the words of a search are pasted into a query of the search',
    design: FAIR,
    patches: [{ file: 'compile/statements/page-sql.ts', find: 'plainto_tsquery(', replace: 'to_tsquery(' }],
    async acts({ ask, account }) {
      const answer = await ask('GET', `/api/stands?search=${encodeURIComponent('two words')}`, { as: await account() })
      return seen(answer, answer.status === 500)
    },
  },
  {
    id: 'F201a',
    what: 'a failure is a page that is not escaped, if the client accepts HTML',
    design: BLOG,
    patches: [
      {
        file: 'server/http/refusal.ts',
        find: "return (answers === 'html' || answers === 'redirect' || accepts === 'form') && prefersPage(accept)",
        replace: 'return prefersPage(accept)',
      },
      { file: 'server/http/media/error-page.ts', find: '<p>${escapeHtml(detail)}</p>', replace: '<p>${detail}</p>' },
    ],
    async acts({ ask }) {
      const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
      const answer = await ask('GET', `/api/posts?${encodeURIComponent(SCRIPT)}=1`, { headers })
      return seen(answer, answer.text.includes(SCRIPT) && String(answer.headers['content-type']).includes('html'))
    },
  },
  {
    id: 'F201b',
    what: 'a page repeats a parameter without escaping it',
    design: NOTICES,
    patches: [
      {
        file: 'server/http/media/fill-page.ts',
        find: 'add(escapeHtml(answerText(valueAt(part.value, filling))), filling)',
        replace: 'add(answerText(valueAt(part.value, filling)), filling)',
      },
    ],
    async acts({ ask }) {
      const answer = await ask('GET', `/hello?name=${encodeURIComponent(SCRIPT)}`)
      return seen(answer, answer.text.includes(SCRIPT))
    },
  },
  {
    id: 'F203a',
    what: 'a change sets the version of a row',
    design: BLOG,
    patches: [
      {
        file: 'compile/values/inputs.ts',
        find: 'entity.fields.filter((field) => isStored(field) && field.name !== filled)',
        replace:
          "entity.fields.filter((field) => (isStored(field) || (operation === 'patch' && field.system === 'version')) && field.name !== filled)",
      },
      {
        file: 'compile/values/inputs.ts',
        find: 'const settable = stored.filter((field) => writable.has(field.name))',
        replace: "const settable = stored.filter((field) => writable.has(field.name) || field.system === 'version')",
      },
      {
        file: 'server/plan/write-values.ts',
        find: 'const write = entity.writable.get(field.name)',
        replace: "const write = entity.writable.get(field.name) ?? { field, rule: { kind: 'const', value: true } }",
      },
      {
        file: 'compile/statements/written-values.ts',
        find: "if (field.system === 'version') return",
        replace: "if (field.system === 'version' && given === undefined) return",
      },
    ],
    async acts({ ask, account }) {
      const as = await account()
      const { json } = await ask('POST', '/api/posts', { as, body: POST })
      const answer = await ask('PATCH', `/api/posts/${json?.id}`, { as, body: { version: 50 } })
      return seen(answer, answer.status === 200 && answer.json.version === 50)
    },
  },
  {
    id: 'F203b',
    what: 'nested rows may hold a field that the server sets',
    design: FAIR,
    patches: [
      {
        file: 'compile/values/nesting.ts',
        find: "const input = inputOf(child.entity, { operation: 'create', writable: child.writable.keys(), readable, filled: via, children })",
        replace: `const preset = child.entity.fields.flatMap((field) => (field.default?.kind === 'set' ? [field.name] : []))
  const input = inputOf(child.entity, { operation: 'create', writable: [...child.writable.keys(), ...preset], readable, filled: via, children })`,
      },
      {
        file: 'server/plan/plan-nested.ts',
        find: "...[...input.fields.values()].map((field) => writtenField(planning, field, 'set')),",
        replace: `...[...input.fields.values()].map((field) =>
        entity.writable.has(field.name)
          ? writtenField(planning, field, 'set')
          : { field, change: 'set', write: { kind: 'const', value: true }, target: null },
      ),`,
      },
    ],
    async acts({ ask, account, rows }) {
      const [as, other] = [await account(), await account()]
      const code = newEmail().slice(0, 12)
      const offers = [{ label: 'Forged', code, seller: other.id }]
      const answer = await ask('POST', '/api/stands', { as, body: { title: 'Forged', offers } })
      const [offer] = await rows('select seller_id::text as seller from offers where code = $1', [code])
      return seen(answer, offer?.seller === other.id)
    },
  },
  {
    id: 'F203c',
    what: 'who registers may choose a role',
    design: BLOG,
    patches: [
      {
        file: 'server/auth/register.ts',
        find: 'const write = await prepareWrite(stack, caller, intent)\n  return async (runner) => {\n    const { rows, after } =',
        replace: `const write = await prepareWrite(stack, { ...caller, claims: new Map([...caller.claims, ['role', 'admin']]) }, intent)
  return async (runner) => {
    const { rows, after } =`,
      },
    ],
    async acts({ ask }) {
      const answer = await ask('POST', '/api/auth/register', { body: { ...registration(newEmail()), role: 'admin' } })
      return seen(answer, answer.status === 201 && answer.json.user.role === 'admin')
    },
  },
  {
    id: 'F204a',
    what: 'a change of a hidden row is answered 403',
    design: BLOG,
    patches: [
      {
        file: 'server/write/judge-write.ts',
        find: "if (updated === null || !updated.readable) throw failure('not_found', { entity: plan.entity.name })",
        replace: `if (updated === null) throw failure('not_found', { entity: plan.entity.name })
  if (!updated.readable) throw denied(context, plan.entity, 'update')`,
      },
    ],
    async acts({ ask, account }) {
      const { json } = await ask('POST', '/api/posts', { as: await account(), body: POST })
      const answer = await ask('PATCH', `/api/posts/${json?.id}`, { as: await account(), body: { title: 'Mine' } })
      return seen(answer, answer.status === 403)
    },
  },
  {
    id: 'F204b',
    what: 'a reference to a hidden row is refused in other words than one to no row',
    design: FAIR,
    patches: [
      {
        file: 'compile/statements/sent-fields.ts',
        find: 'and not ${found} then ${literal(field.name)} end`]',
        replace:
          "and not ${found} then (case when exists (select 1 from ${ident(target.entity.table)} r where ${isTarget}) then ${literal(field.name + '!')} else ${literal(field.name)} end) end`]",
      },
      {
        file: 'server/write/judge-write.ts',
        find: 'return { pointer: `${at}/${name}`, ...(field === undefined ? NO_TARGET :',
        replace: `if (name.endsWith('!')) return { pointer: \`\${at}/\${name.slice(0, -1)}\`, rule: 'reference', message: 'refers to a row of another account' }
    return { pointer: \`\${at}/\${name}\`, ...(field === undefined ? NO_TARGET :`,
      },
    ],
    async acts({ ask, account }) {
      const { json } = await ask('POST', '/api/stands', { as: await account(), body: { title: 'Hidden' } })
      const body = { label: 'Mine', code: newEmail().slice(0, 12), stand: json?.id }
      const answer = await ask('POST', '/api/offers', { as: await account(), body })
      return seen(answer, answer.text.includes('another account'))
    },
  },
  {
    id: 'F204c',
    what: 'the sign-in of an unknown account hashes nothing',
    design: BLOG,
    patches: [
      {
        file: 'services/identity/login/login.ts',
        find: 'return await deps.passwords.verify(',
        replace: "return attempt.account === null ? 'wrong' : await deps.passwords.verify(",
      },
    ],
    async acts({ ask, account }) {
      const time = async (email: string): Promise<number> => {
        const began = performance.now()
        await ask('POST', '/api/auth/login', { body: { email, password: `${PASSWORD}!` } })
        return performance.now() - began
      }
      const known = await account()
      const times: [number[], number[]] = [[], []]
      for (let i = 0; i < 5; i++) {
        times[0].push(await time(known.email))
        times[1].push(await time(newEmail()))
      }
      const [right = 0, wrong = 0] = times.map((each) => each.toSorted((a, b) => a - b)[2])
      return wrong * 2 < right ? `${wrong.toFixed(1)} ms, and ${right.toFixed(1)} ms for an account that exists` : null
    },
  },
]
