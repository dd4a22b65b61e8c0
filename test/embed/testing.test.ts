/** `plinth/testing`, as a team's own tests use it. */

import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { promisify } from 'node:util'
import pg from 'pg'
import { backend, boolean, email, integer, list, password, ref, text } from 'plinth'
import { DesignError, EnvironmentError, openTestBackend, withTestBackend } from 'plinth/testing'
import { testDatabase } from '../support/database.ts'

const folder = mkdtempSync(join(tmpdir(), 'plinth-testing-'))
after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 }))

const design = backend({
  name: 'shelf',
  entities: {
    User: {
      identity: { login: 'email', password: 'password' },
      fields: { email: email({ unique: true }), password: password({ min: 12 }) },
      access: { read: 'true', create: 'true' },
    },
    Book: {
      fields: {
        title: text({ max: 50, unique: true }),
        isbn: text({ pattern: '^[0-9]{3}-[0-9]{5}$' }),
        pages: integer({ min: 1, optional: true }),
        tags: list(text({ max: 10 }), { default: [] }),
        lent: boolean({ default: false }),
        owner: ref('User', { default: 'auth.id' }),
      },
      access: { read: 'owner.id == auth.id || lent', create: 'auth.id != null' },
      checks: { thin: { rule: 'pages == null || pages < 5000', message: 'is too thick' } },
    },
  },
})

const own = { folder }

/** The databases of a server that this module has made: templates and copies. */
async function databasesOn(url: string): Promise<{ readonly templates: readonly string[]; readonly copies: readonly string[] }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query("select datname from pg_database where datname like 'plinth\\_%' order by 1")
    const names = rows.map(({ datname }) => String(datname))
    return {
      templates: names.filter((name) => name.startsWith('plinth_template_')),
      copies: names.filter((name) => name.startsWith('plinth_test_')),
    }
  } finally {
    await client.end()
  }
}

test('each backend has its own database, which is dropped when the backend closes', async () => {
  await using other = await openTestBackend(design, own)
  const { databaseUrl } = await withTestBackend(
    design,
    async (shelf) => {
      await shelf.insert('Book')
      assert.equal((await shelf.sql('select from books')).length, 1)
      return shelf
    },
    own,
  )
  assert.deepEqual(await other.sql('select from books'), [])
  const { copies, templates } = await databasesOn(other.databaseUrl)
  assert.ok(!copies.includes(new URL(databaseUrl).pathname.slice(1)))
  assert.equal(templates.length, 1)
})

test('closing twice has no effect, and a failing test also closes its backend', async () => {
  let url = ''
  await assert.rejects(
    withTestBackend(
      design,
      async (shelf) => {
        url = shelf.databaseUrl
        await shelf.close()
        throw new Error('the test failed')
      },
      own,
    ),
    /the test failed/,
  )
  await using other = await openTestBackend(design, own)
  assert.ok(!(await databasesOn(other.databaseUrl)).copies.includes(new URL(url).pathname.slice(1)))
})

test('a row has the given values and samples for other fields; required references get a new row', async () => {
  await using shelf = await openTestBackend(design, own)
  const [first, second] = [await shelf.insert('Book', { pages: 7, tags: ['a"b', 'c'] }), await shelf.insert('Book')]
  assert.deepEqual([first.pages, first.tags, first.lent, first.version], [7, ['a"b', 'c'], false, 1])
  assert.match(first.isbn, /^\d{3}-\d{5}$/)
  assert.notEqual(first.title, second.title)
  assert.ok(first.id < second.id)
  const owner = await shelf.insert('User', { email: 'Ada@Example.com' })
  assert.deepEqual(Object.keys(owner), ['id', 'email', 'createdAt', 'updatedAt', 'version'])
  const old = await shelf.insert('Book', { owner, createdAt: '2001-02-03T04:05:06.000Z' })
  assert.deepEqual([old.owner, old.createdAt], [owner.id, '2001-02-03T04:05:06.000Z'])
})

test('the error for an invalid row names the reason', async () => {
  await using shelf = await openTestBackend(design, own)
  const refused = (work: Promise<unknown>, message: RegExp) => assert.rejects(work, { message })
  // @ts-expect-error the design has no such entity
  await refused(shelf.insert('Bok'), /no entity "Bok", did you mean "Book"\?/)
  await refused(shelf.insert('Book', { titel: 'x' }), /Book has no field "titel", did you mean "title"\?/)
  await refused(shelf.insert('Book', { pages: 'many' }), /Book\.pages must be a number/)
  await refused(shelf.insert('Book', { tags: ['much too long a tag'] }), /Book\.tags\/0 must be at most 10 characters/)
  await refused(shelf.insert('Book', { title: null }), /Book\.title must not be null/)
  await shelf.insert('Book', { title: 'Twice' })
  await refused(shelf.insert('Book', { title: 'Twice' }), /the Book was not inserted: .*unique/)
  await refused(shelf.insert('Book', { pages: 6000 }), /the Book was not inserted: .*check/)
})

test('a signed-in client acts under the rules as its account, and can log in', async () => {
  await using shelf = await openTestBackend(design, own)
  const [ada, bob] = [await shelf.signIn({ email: 'ada@example.com' }), await shelf.signIn()]
  assert.deepEqual([ada.user.email, ada.user.id], ['ada@example.com', ada.id])
  const { body: book } = await ada.post('/api/books', { title: 'Mine', isbn: '123-12345' })
  assert.equal(book.owner, ada.id)
  assert.equal((await bob.get(`/api/books/${book.id}`)).status, 404)
  const again = await shelf.clientFor(ada)
  assert.equal((await again.get(`/api/books/${book.id}`)).status, 200)
  const login = { email: ada.user.email, password: ada.password }
  assert.equal((await shelf.anonymous.post('/api/auth/login', login)).status, 200)
  const carol = await shelf.signIn({ password: 'a password of her own' })
  assert.equal((await shelf.anonymous.post('/api/auth/login', { email: carol.user.email, password: 'a password of her own' })).status, 200)
  const refreshed = await shelf.anonymous.post('/api/auth/refresh', { refreshToken: carol.refreshToken })
  assert.equal(refreshed.status, 200)
})

test('answers have status, headers and body; requests can have headers, a query and any method', async () => {
  await using shelf = await openTestBackend(design, own)
  const ada = await shelf.signIn()
  const book = await shelf.insert('Book', { owner: ada })
  const read = await ada.get(`/api/books/${book.id}`, { query: { fields: 'title,lent' } })
  assert.deepEqual([read.status, read.body], [200, { title: book.title, lent: false }])
  const etag = String((await ada.get(`/api/books/${book.id}`)).headers.etag)
  const unchanged = await ada.get(`/api/books/${book.id}`, { headers: { 'If-None-Match': etag } })
  assert.deepEqual([unchanged.status, unchanged.body], [304, null])
  assert.equal((await ada.request('HEAD', '/api/books')).status, 200)
  const { body } = await ada.graphql('{ books { nodes { title } } }')
  assert.deepEqual(body, { data: { books: { nodes: [{ title: book.title }] } } })
})

test('tests can choose ids, and the app can listen on a port', async () => {
  const seen: string[] = []
  const id = '00000000-0000-7000-8000-000000000001'
  await using shelf = await openTestBackend(design, { ...own, newId: () => id, observe: ({ kind }) => seen.push(kind), mode: 'production' })
  const ada = await shelf.signIn()
  const { body } = await ada.post('/api/books', { title: 'First', isbn: '123-12345' })
  assert.equal(body.id, id)
  assert.deepEqual(seen, ['request'])
})

test('a design with errors is refused with all of them', async () => {
  const broken = { name: 'x', entities: { A: { fields: { b: { type: 'text' } }, access: { read: 'c', create: 'd' } } } } as const
  await assert.rejects(openTestBackend(broken, own), (error) => {
    assert.ok(error instanceof DesignError)
    assert.equal(error.findings.filter(({ severity }) => severity === 'error').length, 2)
    assert.match(error.message, /entities\.A\.access\.read/)
    return true
  })
  await assert.rejects(openTestBackend('nowhere.yaml', own), DesignError)
})

test('on an existing server it creates new databases and changes no other', async () => {
  const mine = await testDatabase()
  try {
    await withTestBackend(design, async (shelf) => shelf.insert('Book'), { databaseUrl: mine.url })
    const client = new pg.Client({ connectionString: mine.url })
    await client.connect()
    const { rows } = await client.query("select from pg_class where relnamespace = 'public'::regnamespace")
    await client.end()
    assert.deepEqual(rows, [])
  } finally {
    await mine.drop()
  }
})

test('a database that has the name of the template but is not a template stays unchanged', async () => {
  const mine = await testDatabase()
  const other = { ...design, name: 'other', entities: { Page: { fields: { word: text() }, access: { read: 'true' } } } } as const
  const client = new pg.Client({ connectionString: mine.url })
  await client.connect()
  try {
    await withTestBackend(other, async () => {}, { databaseUrl: mine.url })
    const { rows } = await client.query(
      "select datname from pg_database where shobj_description(oid, 'pg_database') like 'made by plinth/testing%'",
    )
    for (const { datname } of rows) await client.query(`comment on database "${datname}" is 'somebody else made it'`)
    const script = `import { openTestBackend } from 'plinth/testing'
      await openTestBackend(${JSON.stringify(other)}, { databaseUrl: ${JSON.stringify(mine.url)} })`
    const run = promisify(execFile)(process.execPath, ['--conditions=source', '--input-type=module', '-e', script])
    await assert.rejects(run, /was not made by plinth\/testing/)
    for (const { datname } of rows) await client.query(`drop database "${datname}"`)
  } finally {
    await client.end()
    await mine.drop()
  }
})

test('a template that another process has dropped is built again', async () => {
  await using shelf = await openTestBackend(design, own)
  const { templates } = await databasesOn(shelf.databaseUrl)
  const client = new pg.Client({ connectionString: shelf.databaseUrl })
  await client.connect()
  for (const name of templates) await client.query(`drop database "${name}"`)
  await client.end()
  await using again = await openTestBackend(design, own)
  assert.deepEqual(await again.sql('select from books'), [])
  assert.deepEqual((await databasesOn(shelf.databaseUrl)).templates, templates)
})

test('an old copy of a killed process is dropped; a used or unmarked database stays', async () => {
  await using shelf = await openTestBackend(design, own)
  const client = new pg.Client({ connectionString: shelf.databaseUrl })
  await client.connect()
  const used = new URL(shelf.databaseUrl).pathname.slice(1)
  for (const name of ['plinth_test_left', 'plinth_test_foreign']) await client.query(`create database ${name}`)
  const old = 'made by plinth/testing at 2020-01-01T00:00:00.000Z'
  for (const name of ['plinth_test_left', used]) await client.query(`comment on database "${name}" is '${old}'`)
  await client.query(`comment on database plinth_test_foreign is 'kept'`)
  // The first use of a design in a process looks for old databases.
  await withTestBackend(
    { name: 'new', entities: { Leaf: { fields: { word: { type: 'text' } }, access: { read: 'true' } } } },
    async () => {},
    own,
  )
  const { copies } = await databasesOn(shelf.databaseUrl)
  assert.deepEqual(
    [copies.includes('plinth_test_left'), copies.includes('plinth_test_foreign'), copies.includes(used)],
    [false, true, true],
  )
  await client.query('drop database plinth_test_foreign')
  await client.end()
})

test('the database of a killed process is dropped by the next one, also while something is connected', async () => {
  await using shelf = await openTestBackend(design, own)
  const script = `import { openTestBackend } from 'plinth/testing'
    const { databaseUrl } = await openTestBackend(${JSON.stringify(design)}, { databaseUrl: ${JSON.stringify(shelf.databaseUrl)} })
    console.log(databaseUrl); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [url] = (await once(child.stdout, 'data')) as [Buffer]
  const client = new pg.Client({ connectionString: String(url).trim() })
  client.on('error', () => {})
  await client.connect()
  const left = new URL(String(url).trim()).pathname.slice(1)
  const use = (name: string) =>
    withTestBackend(
      { name: name.toLowerCase(), entities: { [name]: { fields: { word: { type: 'text' } }, access: { read: 'true' } } } },
      async () => {},
      own,
    )
  // The first use of a design in a process looks for them.
  await use('Bark')
  assert.ok((await databasesOn(shelf.databaseUrl)).copies.includes(left))
  child.kill('SIGKILL')
  await once(child, 'exit')
  await use('Root')
  assert.ok(!(await databasesOn(shelf.databaseUrl)).copies.includes(left))
  await client.end().catch(() => {})
})

test('an unreachable server gives an EnvironmentError with its address', async () => {
  await assert.rejects(openTestBackend(design, { databaseUrl: 'postgres://a:secret@127.0.0.1:1/b' }), (error) => {
    assert.ok(error instanceof EnvironmentError)
    assert.match(error.message, /127\.0\.0\.1:1\/b/)
    assert.doesNotMatch(error.message, /secret/)
    return true
  })
})

test('a process that opens and closes a backend ends by itself, and its server stops', async () => {
  const script = `import { openTestBackend } from 'plinth/testing'
    const shelf = await openTestBackend(${JSON.stringify(design)}, { folder: ${JSON.stringify(folder)} })
    await shelf.signIn(); await shelf.close(); console.log('closed')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=source', '--input-type=module', '-e', script], {
    timeout: 60_000,
  })
  assert.equal(stdout, 'closed\n')
})
