/** Work that runs later has a stated identity: what an account of one organisation adds writes in another only if it is `as: system`. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../src/design/findings/source.ts'
import { resolveDesign } from '../../src/design/resolve/resolve.ts'
import { integer, password, ref, text } from '../../src/index.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { SHORT_TIMES, untilDone } from './desk.ts'

// biome-ignore lint/suspicious/noExplicitAny: the context of this code has no types
type Ctx = any

const touch = { as: 'caller', input: { doc: { ref: 'Doc' } }, steps: [{ update: 'input.doc', set: { touched: 'touched + 1' } }] }
const write = (as: 'caller' | 'system') => ({
  as,
  input: { doc: { ref: 'Doc' } },
  run: async ({ db, input }: Ctx) => (as === 'system' ? db.system : db).Doc.update(input.doc.id, { touched: { increment: 1 } }),
})
const adding = (job: string) => ({
  [`step${job}`]: { allow: 'true', input: { doc: { ref: 'Doc' } }, steps: [{ enqueue: job, input: { doc: 'input.doc' } }] },
  [`code${job}`]: {
    allow: 'true',
    input: { doc: { ref: 'Doc' } },
    run: async ({ jobs, input }: Ctx) => {
      await jobs.add(job, { doc: input.doc })
    },
  },
})

const OPEN = { read: 'true', create: 'false', update: 'false', delete: 'false' }
const JOBS = ['touch', 'touchAsSystem', 'write', 'writeAsSystem'] as const

const design = {
  name: 'offices',
  entities: {
    Org: { fields: { name: text() }, access: OPEN },
    User: {
      identity: { login: 'login', password: 'password', claims: ['org'] },
      fields: { login: text({ unique: true }), password: password(), org: ref('Org') },
      access: OPEN,
    },
    Doc: {
      fields: { org: ref('Org'), touched: integer({ default: 0 }) },
      access: { ...OPEN, update: 'org == auth.org' },
    },
  },
  actions: Object.assign({}, ...JOBS.map(adding)),
  jobs: { touch, touchAsSystem: { ...touch, as: 'system' }, write: write('caller'), writeAsSystem: write('system') },
}

test('a job that Alice of one organisation adds writes in another one only if it is as: system', async (t) => {
  const world = await testBackend(t, modelFrom(design), { workerTimes: SHORT_TIMES })
  const { sql, ask } = world
  const [a, b] = await sql("insert into orgs (name) values ('A'), ('B') returning id")
  const [alice] = await sql("insert into users (login, password, org_id) values ('alice', 'x', $1) returning id", [a?.id])
  const token = await world.tokenFor(String(alice?.id))
  const docs = await sql('insert into docs (org_id) values ($1), ($2) returning id', [a?.id, b?.id])
  const [own, foreign] = docs.map(({ id }) => String(id))
  const ways = {
    REST: async (action: string, doc: string | undefined, as: string | undefined) =>
      (await ask('POST', `/api/actions/${action}`, { token: as, body: { doc } })).status < 300,
    GraphQL: async (action: string, doc: string | undefined, as: string | undefined) => {
      const body = { query: `mutation { ${action}(doc: ${JSON.stringify(doc)}) }` }
      return (await ask('POST', '/graphql', { token: as, body })).json.errors === undefined
    },
  }
  const touches = async () => (await sql('select touched from docs order by org_id = $1', [b?.id])).map(({ touched }) => Number(touched))
  const dead = async () =>
    (await sql('with gone as (delete from plinth.dead_jobs returning kind) select kind from gone')).map(({ kind }) => kind)
  for (const [way, add] of Object.entries(ways))
    for (const verb of ['step', 'code'])
      for (const job of JOBS) {
        const name = `${way} ${verb} ${job}`
        await sql('update docs set touched = 0')
        for (const [doc, as] of [
          [own, token],
          [foreign, token],
          [foreign, undefined],
        ] as const)
          assert.ok(await add(`${verb}${job}`, doc, as), name)
        await untilDone(world)
        const isSystem = job.endsWith('AsSystem')
        assert.deepEqual(
          [await touches(), await dead()],
          isSystem
            ? [[1, 2], []]
            : [
                [1, 0],
                [job, job],
              ],
          name,
        )
      }
})

test('work without a stated identity is a finding', () => {
  const findings = (parts: object): readonly string[] =>
    resolveDesign({ ...design, ...parts }, NO_SOURCE).diagnostics.flatMap(({ code, severity }) => (severity === 'error' ? [code] : []))
  assert.deepEqual(findings({}), [])
  const run = async () => {}
  const cases: readonly (readonly [object, string])[] = [
    [{ jobs: { ...design.jobs, more: { run } } }, 'PLN-D103'],
    [{ schedules: { nightly: { cron: '0 3 * * *', run } } }, 'PLN-D620'],
    [{ schedules: { nightly: { cron: '0 3 * * *', as: 'caller', run } } }, 'PLN-D104'],
    [
      { schedules: { nightly: { cron: '0 3 * * *', call: 'tidy' } }, actions: { ...design.actions, tidy: { allow: 'true', steps: [] } } },
      'PLN-D620',
    ],
    [{ on: { 'Doc.updated': [{ run }] } }, 'PLN-D103'],
    [{ on: { 'Doc.updated': [{ call: 'steptouch', input: { doc: 'row' } }] } }, 'PLN-D103'],
    [{ on: { 'Doc.updated': [{ as: 'caller', run }] } }, 'PLN-D302'],
  ]
  for (const [parts, code] of cases) assert.ok(findings(parts).includes(code), `${JSON.stringify(parts)}: ${findings(parts)}`)
})
