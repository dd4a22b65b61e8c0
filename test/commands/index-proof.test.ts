import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, type TestContext, test } from 'node:test'
import pg from 'pg'
import blog from '../../examples/blog/design.ts'
import type { PlanReport } from '../../src/commands/planning/plan-report.ts'
import { proveOn } from '../../src/commands/planning/proof/index-proof.ts'
import { databasesOf } from '../../src/embed/databases.ts'
import type { Database } from '../../src/model/database.ts'
import { entityNamed, type Model } from '../../src/model/model.ts'
import { operationsOf } from '../../src/verify/indexes/operations.ts'
import type { IndexProof, ProvedOperation } from '../../src/verify/indexes/proof.ts'
import { proveIndexes } from '../../src/verify/indexes/prove.ts'
import { migrateTo, modelFrom } from '../support/backend.ts'
import { PLINTH, run, temporaryFolder } from '../support/command-line.ts'
import { migratedDatabase, type TestDatabase, testDatabase } from '../support/database.ts'
import { runHere } from './command-here.ts'

/** Rows that belong to a user, found by a claim: an index that authors easily forget. */
const invites = (indexes: readonly (readonly string[])[]) => ({
  name: 'invites',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', claims: ['email'] },
      fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
      access: { create: 'true', read: 'id == auth.id', update: 'id == auth.id', delete: 'id == auth.id' },
    },
    Invite: {
      fields: {
        address: { type: 'email' },
        sender: { type: 'ref', entity: 'User', inverse: 'invites', default: 'auth.id', onDelete: 'cascade' },
      },
      access: { create: 'auth.id != null', read: 'address == auth.email', update: 'false', delete: 'false' },
      indexes,
    },
  },
  targets: { rows: { User: 100_000, Invite: 1_000_000 } },
})

let database: TestDatabase

before(async () => {
  database = await testDatabase()
})

after(() => database.drop())

async function prove(model: Model, change: (design: Database) => Database = (design) => design): Promise<IndexProof> {
  const [system, design] = databasesOf(model)
  assert.ok(system !== undefined && design !== undefined)
  const proof = await proveIndexes({ model, url: database.url, databases: { system, design: change(design) }, withinMs: 60_000 })
  assert.ok(proof !== null, 'needs PostgreSQL 18')
  return proof
}

function found({ operations }: IndexProof, entity: string, operation: string, caller = 'signed in'): ProvedOperation {
  const one = operations.find(
    (o) => o.entity === entity && o.operation === operation && (o.callers.length === 0 || o.callers.includes(caller)),
  )
  assert.ok(one !== undefined, `${entity} ${operation}`)
  return one
}

describe('the blog', () => {
  let proof: IndexProof

  before(async () => {
    proof = await prove(modelFrom(blog))
  })

  test('only counting rows grows with the tables', () => {
    const grows = proof.operations
      .filter(({ growth }) => growth === 'grows')
      .map(({ entity, operation }) => `${entity} ${operation.replace(', next page', '')}`)
    assert.deepEqual([...new Set(grows)].toSorted(), ['Post list count=true', 'User list count=true'])
  })

  test('conditions on the row that a reference leads to are flat for every kind of caller, because an index of either entity serves them', () => {
    for (const caller of ['user', 'admin']) {
      const { growth, reads } = found(proof, 'Post', 'list filter[author.email]', caller)
      assert.deepEqual(
        [growth, reads.map(({ index }) => index).toSorted()],
        ['flat', ['posts_author_id_created_at_desc_id_desc_idx', 'users_email_key']],
        caller,
      )
    }
    assert.equal(found(proof, 'Post', 'list filter[author.createdAt]', 'anonymous').growth, 'flat')
  })

  test('an order by a field that is hidden on some rows is proved only for callers who see all its values', () => {
    const asked = proof.operations.filter(({ operation }) => operation === 'list sort=email')
    assert.deepEqual(
      asked.map(({ callers, growth }) => [callers, growth]),
      [[['moderator', 'admin'], 'flat']],
    )
  })

  test('rows by id, lists in the order of an index and filters on references are flat for every kind of caller who sees all rows', () => {
    for (const operation of [
      'get',
      'list',
      'list, next page',
      'list filter[author]',
      'list filter[author] sort=-createdAt',
      'list include=author',
      'update',
    ])
      assert.equal(found(proof, 'Post', operation, 'admin').growth, 'flat', operation)
    assert.deepEqual(found(proof, 'Post', 'list filter[author] sort=-createdAt', 'admin').reads, [
      { table: 'posts', index: 'posts_author_id_created_at_desc_id_desc_idx' },
    ])
  })

  test('the list for callers who may read published posts and their own depends on the data, and no index serves the "or"', () => {
    const { growth, reason, remedy, either } = found(proof, 'Post', 'list', 'user')
    assert.deepEqual([growth, reason?.kind, remedy, either], ['depends', 'passes', null, ['Post']])
  })

  test('the list of published posts in another order gets an index that begins with the rule', () => {
    const { growth, remedy } = found(proof, 'Post', 'list sort=createdAt', 'anonymous')
    assert.deepEqual([growth, remedy?.fields, remedy?.growth], ['depends', ['published', 'createdAt'], 'flat'])
  })

  test('deleting an account uses an index to find its posts', () => {
    const { growth, reads } = found(proof, 'User', 'delete: Post.author')
    assert.deepEqual([growth, reads.map(({ index }) => index !== null)], ['flat', [true]])
  })

  test('a proof leaves nothing behind', async () => {
    const { rows } = await onDatabase((client) =>
      client.query("select nspname from pg_namespace where nspname in ('plinth', 'plinth_scratch')"),
    )
    assert.deepEqual(rows, [])
  })
})

test('the cost of deleting a row shows a foreign key without an index', async () => {
  const without = (design: Database): Database => ({
    ...design,
    tables: design.tables.map((table) => ({ ...table, indexes: table.indexes.filter(({ parts }) => !parts[0]?.includes('author_id')) })),
  })
  const { growth, growsWith, reason, remedy } = found(await prove(modelFrom(blog), without), 'User', 'delete: Post.author')
  assert.deepEqual([growth, growsWith, reason], ['grows', ['Post'], { kind: 'scans', table: 'posts', condition: '($1 = author_id)' }])
  assert.deepEqual([remedy?.fields, remedy?.growth], [['author'], 'flat'])
})

describe('a rule on a field without an index', () => {
  test('grows, and becomes flat with the advised index', async () => {
    const before = found(await prove(modelFrom(invites([]))), 'Invite', 'list')
    assert.deepEqual([before.growth, before.growsWith, before.remedy?.fields], ['grows', ['Invite'], ['address']])
    const then = found(await prove(modelFrom(invites([['address']]))), 'Invite', 'list')
    assert.deepEqual([then.growth, then.remedy, then.cost], ['flat', null, before.remedy?.cost])
  })

  test('reads more rows in a larger table, but not with the index', async () => {
    const [small, large] = [2_000, 20_000]
    const plain = await rowsRead(invites([]), [small, large])
    const indexed = await rowsRead(invites([['address']]), [small, large])
    assert.deepEqual(plain, [small, large])
    assert.deepEqual(indexed, [1, 1])
  })
})

describe('a rule with an "or" about two rows', () => {
  const tasks = (owner: string) => ({
    name: 'tasks',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { create: 'true', read: 'true', update: 'false', delete: 'false' },
      },
      Project: {
        fields: { owner: { type: 'ref', entity: 'User', inverse: 'projects' } },
        access: { create: 'true', read: 'true', update: 'false', delete: 'false' },
      },
      Task: {
        fields: {
          project: { type: 'ref', entity: 'Project', inverse: 'tasks' },
          assignee: { type: 'ref', entity: 'User', inverse: 'tasks' },
          owner: { type: 'ref', entity: 'User', inverse: 'owned' },
        },
        access: { create: 'true', read: `assignee.id == auth.id || ${owner}.id == auth.id`, update: 'false', delete: 'false' },
      },
    },
  })

  test('gets no index, because none would help; the plan names the rows', async () => {
    const { growth, remedy, either } = found(await prove(modelFrom(tasks('project.owner'))), 'Task', 'list')
    assert.deepEqual([growth, remedy, either], ['grows', null, ['Task', 'project']])
  })

  test('is flat after the design keeps the values on one row, as the plan advises', async () => {
    const { growth, either, cost } = found(await prove(modelFrom(tasks('owner'))), 'Task', 'list')
    assert.deepEqual([growth, either], ['flat', null])
    assert.ok(cost < 100, `${cost}`)
  })
})

test('the advice for an index on a long text includes the limit of the field, and the index then serves', async () => {
  const coupons = (max: number, indexes: readonly (readonly string[])[]) => {
    const { entities, ...rest } = invites(indexes)
    const fields = { ...entities.Invite.fields, address: { type: 'text', max } }
    return { ...rest, entities: { ...entities, Invite: { ...entities.Invite, fields } } }
  }
  const before = found(await prove(modelFrom(coupons(50_000, []))), 'Invite', 'list')
  assert.equal(
    before.remedy?.advice,
    "address may be too long for an index, so give it a max of 650 characters and add ['address'] to the indexes of Invite",
  )
  assert.equal(found(await prove(modelFrom(coupons(650, [['address']]))), 'Invite', 'list').growth, 'flat')
})

describe('what is included with a list', () => {
  const orders = (read: string) => ({
    name: 'orders',
    entities: {
      User: {
        identity: { login: 'email', password: 'password' },
        fields: { email: { type: 'email', unique: true }, password: { type: 'password' } },
        access: { create: 'true', read: 'true', update: 'false', delete: 'false' },
      },
      Order: {
        fields: { buyer: { type: 'ref', entity: 'User', inverse: 'orders' } },
        access: { create: 'true', read: 'true', update: 'false', delete: 'false' },
      },
      Line: {
        fields: { order: { type: 'ref', entity: 'Order', inverse: 'lines', onDelete: 'cascade' } },
        access: { create: 'true', read, update: 'false', delete: 'false' },
      },
    },
  })

  test('is flat, because at most a hundred related rows are shown', async () => {
    const proof = await prove(modelFrom(orders('true')))
    assert.equal(found(proof, 'Order', 'list include=lines').growth, 'flat')
  })

  test('depends on how many related rows pass their rule; the page itself does not grow', async () => {
    const proof = await prove(modelFrom(orders('order.buyer.id == auth.id')))
    const { growth, growsWith, reason } = found(proof, 'Order', 'list include=lines')
    assert.deepEqual([growth, growsWith, reason?.kind], ['depends', ['Line'], 'passes'])
    assert.equal(found(proof, 'Line', 'list include=order').growth, 'flat')
  })

  test('differs from a page that reads far too many rows before it is full', async () => {
    const proof = await prove(modelFrom(orders('order.buyer.id == auth.id || id == auth.id')))
    const { growth, reason } = found(proof, 'Line', 'list include=order')
    assert.deepEqual([growth, reason?.kind], ['grows', 'passes'])
  })
})

describe('plinth plan', () => {
  const DESIGN = `name: notes
entities:
  Note:
    fields: { title: { type: text, max: 80 } }
    access: { read: 'true', create: 'true', update: 'false', delete: 'false' }
targets: { rows: { Note: 1000000 } }
`
  const withDesign = (t: TestContext): string => {
    const cwd = temporaryFolder(t)
    writeFileSync(join(cwd, 'design.yaml'), DESIGN)
    return cwd
  }

  test('has the proof in its text and, for programs, as data; the migration starts from the database of DATABASE_URL', async (t) => {
    const cwd = withDesign(t)
    const own = await testDatabase()
    t.after(own.drop)
    const env = { DATABASE_URL: own.url }
    assert.equal((await runHere(t, ['migrate'], { cwd, env })).code, 0)
    const { data, stdout } = await runHere(t, ['plan'], { cwd, env })
    assert.match(stdout, /\n {4}list count=true .*GROWS with Note: counts every row that matches\n/)
    const { indexes, migration } = data as PlanReport
    assert.ok(indexes.kind === 'proved')
    assert.deepEqual(indexes.rows, [{ entity: 'Note', rows: 1_000_000, from: 'targets' }])
    assert.deepEqual(migration.statements, [])
  })

  test('needs no database with --quick, and skips the proof; the error for an unreachable database says so', async (t) => {
    const place = { cwd: withDesign(t), env: { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nowhere' } }
    const quick = await runHere(t, ['plan', '--quick'], place)
    assert.deepEqual([quick.code, quick.stderr], [0, ''])
    assert.match(quick.stdout, /\nMigration from an empty database: /)
    assert.match(quick.stdout, /\nIndexes\n {2}not proved: left out with --quick\n/)
    const full = await runHere(t, ['plan'], place)
    assert.equal(full.code, 3)
    assert.match(full.stderr, /cannot connect to PostgreSQL at 127\.0\.0\.1:1.*; or plan without a database: plinth plan --quick/s)
  })

  test('without a PostgreSQL server it says so and is complete otherwise', async (t) => {
    const without = await run(t, [...PLINTH, 'plan'], { cwd: withDesign(t), env: { TMPDIR: '/nowhere' } })
    assert.deepEqual([without.code, without.stderr], [0, ''])
    assert.match(without.stdout, /\nIndexes\n {2}not proved: no temporary folder for a PostgreSQL: .*\n\nTasks\n/)
  })
})

async function onDatabase<T>(work: (client: pg.Client) => Promise<T>, url = database.url): Promise<T> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Rows of `invites` that the list reads for a caller with one invitation, at each size in turn. */
async function rowsRead(design: unknown, sizes: readonly number[]): Promise<readonly number[]> {
  const model = modelFrom(design)
  const { operations } = operationsOf(model)(entityNamed(model, 'Invite'))
  const list = operations.find(({ label, callers }) => label === 'list' && callers.includes('signed in'))
  assert.ok(list !== undefined)
  const own = await testDatabase()
  try {
    await migrateTo(model, own.url)
    return await onDatabase(async (client) => {
      await client.query("insert into users (email, password) values ('ada@example.org', 'x'); set plan_cache_mode = force_generic_plan")
      await client.query(`prepare list as ${list.text}`)
      const read: number[] = []
      for (const size of sizes) {
        await client.query('delete from invites')
        await client.query(
          "insert into invites (address, sender_id) select 'caller-' || n || '@example.org', (select id from users) from generate_series(1, $1::integer) n",
          [size],
        )
        await client.query('vacuum analyze invites')
        const { rows } = await client.query("explain (analyze, format json) execute list('caller-7@example.org')")
        read.push(scanned(rows[0]?.['QUERY PLAN'][0].Plan))
      }
      return read
    }, own.url)
  } finally {
    await own.drop()
  }
}

interface Analyzed {
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly Analyzed[]
}

function scanned(plan: Analyzed): number {
  const own = plan['Relation Name'] === 'invites' ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] : 0
  return (plan.Plans ?? []).reduce((sum, inner) => sum + scanned(inner), own)
}

test('the proof works for a computed field that is out of range for the defaults of its inputs', async () => {
  const files = {
    name: 'files',
    entities: {
      File: {
        fields: {
          bytes: { type: 'integer', default: 9_000_000_000_000_000 },
          bits: { type: 'computed', expression: 'bytes * 8 * 1000' },
        },
        access: { read: 'true', create: 'true' },
      },
    },
  }
  const proof = await prove(modelFrom(files))
  assert.equal(found(proof, 'File', 'get', 'anonymous').growth, 'flat')
})

test('the proof works for a design with a sequence, whose creates count in a table of Plinth', async () => {
  const access = { read: 'true', create: 'true', update: 'false', delete: 'false' }
  const model = modelFrom({ name: 'numbers', entities: { Note: { fields: { number: { type: 'sequence' } }, access } } })
  assert.ok((await prove(model)).operations.some(({ operation }) => operation === 'create'))
})

test('the proof works on a database that has the tables of Plinth', async (t) => {
  const access = { read: 'true', create: 'true', update: 'false', delete: 'false' }
  const model = modelFrom({ name: 'numbers', entities: { Note: { fields: { number: { type: 'sequence' } }, access } } })
  const { url, drop } = await migratedDatabase(model)
  t.after(drop)
  const proof = await proveOn(model, url)
  assert.equal(proof.kind, 'proved', JSON.stringify(proof))
})
