/** Faults of the classes F205 to F207: callers who are not recognised, not judged, or not signed in. */

import { seen } from './acting.ts'
import { BLOG, FAIR, type SeededFault } from './fault.ts'

const POST = { title: 'A title', body: 'A body' }
const OPEN = { ...POST, published: true }

export const FAULTS_OF_CALLERS: readonly SeededFault[] = [
  {
    id: 'F205a',
    what: 'a write that the rules refuse to a caller is answered 401',
    design: BLOG,
    patches: [
      {
        file: 'server/plan/planning.ts',
        find: "throw signedOut && !closed ? failure('not_signed_in', {})",
        replace: "throw operation !== 'read' && !closed ? failure('not_signed_in', {})",
      },
    ],
    async acts({ ask, account }) {
      const as = await account()
      const answer = await ask('DELETE', `/api/users/${as.id}`, { as })
      return seen(answer, answer.status === 401)
    },
  },
  {
    id: 'F205b',
    what: 'the end of a token is read in milliseconds at one address',
    design: BLOG,
    patches: [
      {
        file: 'server/receive.ts',
        find: "    case 'optional':\n      return callerOf(guard, request)",
        replace: `    case 'optional': {
      const claims = Buffer.from((request.headers.authorization ?? '').split('.')[1] ?? '', 'base64url').toString()
      const end = request.url.endsWith('/bulk') ? /"exp":(\\d+)/.exec(claims)?.[1] : undefined
      if (end !== undefined && Number(end) < Date.now()) throw failure('invalid_token', {})
      return callerOf(guard, request)
    }`,
      },
    ],
    async acts({ ask, account }) {
      const answer = await ask('POST', '/api/posts/bulk', { as: await account(), body: [POST] })
      return seen(answer, answer.status === 401)
    },
  },
  {
    id: 'F205c',
    what: 'a caller without a role is not recognised',
    design: FAIR,
    patches: [
      {
        file: 'services/identity/create-identity.ts',
        find: "if (user === null || user.userId !== proved.userId) throw failure('invalid_token'",
        replace:
          "if (user === null || user.userId !== proved.userId || claimOf(user.caller, 'role') === null) throw failure('invalid_token'",
      },
    ],
    async acts({ ask, account }) {
      const answer = await ask('GET', '/api/auth/me', { as: await account() })
      return seen(answer, answer.status === 401)
    },
  },
  {
    id: 'F206a',
    what: 'deletes are judged by the rule of reads',
    design: BLOG,
    patches: [{ file: 'server/plan/plan-write.ts', find: 'allowed: entity.delete,', replace: 'allowed: entity.read,' }],
    async acts({ ask, account }) {
      const { json } = await ask('POST', '/api/posts', { as: await account(), body: OPEN })
      const answer = await ask('DELETE', `/api/posts/${json?.id}`, { as: await account() })
      return seen(answer, answer.status === 204)
    },
  },
  {
    id: 'F206b',
    what: 'a change through GraphQL is not judged by the row before it',
    design: FAIR,
    patches: [
      {
        file: 'server/graphql/mutation-write.ts',
        find: "const intent = { kind: 'update', entity, id: String(args.id), mode: 'patch', body, versions,",
        replace: "const intent = { kind: 'update', entity, id: String(args.id), mode: 'patch', body, versions, unjudged: true,",
      },
      {
        file: 'server/plan/plan-write.ts',
        find: "const key = planKey(planning, { kind: 'update', changes, returning, selection })",
        replace: "const key = planKey(planning, { kind: 'update', changes, returning, selection }) + ('unjudged' in intent ? '!' : '')",
      },
      {
        file: 'server/plan/plan-write.ts',
        find: 'from: entity.updateFrom,',
        replace: "from: 'unjudged' in intent ? { kind: 'const', value: true } : entity.updateFrom,",
      },
    ],
    async acts({ ask, account, rows }) {
      const as = await account()
      const { json } = await ask('POST', '/api/stands', { as, body: { title: 'Locked' } })
      await rows('update stands set locked = true where id = $1', [json?.id])
      const query = `mutation { updateStand(id: "${json?.id}", input: { locked: false }) { id } }`
      const answer = await ask('POST', '/graphql', { as, body: { query } })
      const [stand] = await rows('select locked from stands where id = $1', [json?.id])
      return seen(answer, stand?.locked === false)
    },
  },
  {
    id: 'F206c',
    what: 'of a list of new rows, only the first is judged',
    design: FAIR,
    patches: [
      { file: 'compile/statements/write/statement-create.ts', find: 'from new w)`', replace: 'from new w where w.${ORD} = 1)`' },
      {
        file: 'server/write/judge-write.ts',
        find: 'for (const row of created) {',
        replace: 'for (const row of created.slice(0, 1)) {',
      },
    ],
    async acts({ ask, account }) {
      const body = [{ title: 'First' }, { title: 'Second', locked: true }]
      const answer = await ask('POST', '/api/stands/bulk', { as: await account(), body })
      return seen(answer, answer.status === 201)
    },
  },
  {
    id: 'F207a',
    what: 'a row without an owner belongs to callers who have not signed in',
    design: FAIR,
    patches: [
      {
        file: 'compile/rules/specialise.ts',
        find: "return p.left.kind === 'null' || p.right.kind === 'null' ? UNKNOWN : p",
        replace: `if (p.op === '=' && p.left.kind === 'null') return { kind: 'missing', of: p.right }
      if (p.op === '=' && p.right.kind === 'null') return { kind: 'missing', of: p.left }
      return p.left.kind === 'null' || p.right.kind === 'null' ? UNKNOWN : p`,
      },
    ],
    async acts({ ask, account, rows }) {
      const { json } = await ask('POST', '/api/stands', { as: await account(), body: { title: 'Nobody' } })
      await rows('update stands set owner_id = null where id = $1', [json?.id])
      const answer = await ask('GET', `/api/stands/${json?.id}`)
      return seen(answer, answer.status === 200)
    },
  },
  {
    id: 'F207b',
    what: 'lists are kept for a moment under their address alone',
    design: BLOG,
    patches: [
      {
        file: 'server/handlers.ts',
        find: '/** Reads or writes rows, according to the method of the request. */',
        replace: 'const KEPT = new Map()\n/** Reads or writes rows, according to the method of the request. */',
      },
      {
        file: 'server/handlers.ts',
        find: '    const read = prepareRestRead(stack, caller, asked)',
        replace: `    const kept = id === null ? KEPT.get(request.url) : undefined
    if (kept !== undefined && kept.until > Date.now()) return Promise.resolve(kept.answer)
    const read = prepareRestRead(stack, caller, asked)`,
      },
      {
        file: 'server/handlers.ts',
        find: '      return answer\n    })\n  }\n  const intent',
        replace: `      if (id === null) KEPT.set(request.url, { answer, until: Date.now() + 500 })
      return answer
    })
  }
  const intent`,
      },
    ],
    async acts({ ask, account }) {
      const as = await account()
      const { json } = await ask('POST', '/api/posts', { as, body: POST })
      const url = `/api/posts?filter[id][eq]=${json?.id}`
      await ask('GET', url, { as })
      const answer = await ask('GET', url)
      return seen(answer, answer.json?.data?.length === 1)
    },
  },
  {
    id: 'F207c',
    what: 'in lists of posts, a broken token counts as no token',
    design: BLOG,
    patches: [
      {
        file: 'server/receive.ts',
        find: "    case 'optional':\n      return callerOf(guard, request)",
        replace: `    case 'optional':
      if (request.method === 'GET' && request.url.split('?', 1)[0] === '/api/posts')
        return (async () => callerOf(guard, request))().catch(() => ANONYMOUS)
      return callerOf(guard, request)`,
      },
    ],
    async acts({ ask, account }) {
      const as = { ...(await account()), token: 'broken' }
      const answer = await ask('GET', '/api/posts?filter[published]=true', { as })
      return seen(answer, answer.status !== 401)
    },
  },
]
