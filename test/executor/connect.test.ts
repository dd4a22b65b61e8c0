/** Opens connections, and explains failures. */

import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { EnvironmentError } from '../../src/base/environment-error.ts'
import { placeOf, withClient, withTransaction } from '../../src/postgres/connect.ts'
import { execute, rowsOf } from '../migrations/schema.ts'
import { type TestDatabase, testDatabase } from '../support/database.ts'

let database: TestDatabase
before(async () => {
  database = await testDatabase()
})
after(() => database.drop())

async function refusal(url: string): Promise<EnvironmentError> {
  const error = await withClient(url, async () => null).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  assert.ok(error instanceof EnvironmentError, String(error))
  assert.ok(!`${error.message} ${error.hint}`.includes('s3cret'), error.message)
  return error
}

function changed(change: (url: URL) => void): string {
  const url = new URL(database.url)
  change(url)
  return url.href
}

describe('the error of a failed connection names the reason', () => {
  it('when nothing listens there', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((done) => server.once('listening', done))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await new Promise((done) => server.close(done))
    const error = await refusal(`postgres://me:s3cret@127.0.0.1:${port}/shop`)
    assert.match(error.message, new RegExp(`^cannot connect to PostgreSQL at 127.0.0.1:${port}/shop: `))
    assert.match(error.hint, /check that it runs/)
  })

  it('when the database does not exist', async () => {
    const error = await refusal(
      changed((url) => {
        url.pathname = '/no_such_database'
      }),
    )
    assert.match(error.hint, /create the database/)
  })

  it('when the address is none', async () => {
    assert.match((await refusal('postgres://[s3cret')).hint, /postgres:\/\/user:password@host/)
  })

  it('when the database does not store UTF-8', async () => {
    const name = `ascii_${process.pid}`
    await execute(database.url, [`create database ${name} template template0 encoding 'SQL_ASCII' locale_provider libc locale 'C'`])
    try {
      const error = await refusal(
        changed((url) => {
          url.pathname = `/${name}`
        }),
      )
      assert.match(error.message, /stores text as SQL_ASCII/)
    } finally {
      await execute(database.url, [`drop database ${name}`])
    }
  })

  it('without user and password in its place', () => {
    assert.equal(placeOf('postgres://me:s3cret@db.example:6432/shop?x=y'), 'db.example:6432/shop')
    assert.equal(placeOf('nonsense s3cret'), 'DATABASE_URL')
  })
})

describe('a session', () => {
  it('is in UTC, with ISO dates and durations, with any settings of the database', async () => {
    const [{ name } = { name: '' }] = await rowsOf(database.url, 'select quote_ident(current_database()) as name')
    await execute(database.url, [
      `alter database ${name} set timezone = 'Asia/Kathmandu'`,
      `alter database ${name} set intervalstyle = 'postgres'`,
      `alter database ${name} set datestyle = 'SQL, DMY'`,
    ])
    const [row] = await rowsOf(
      database.url,
      "select interval '26 hours'::text as lasts, '2030-01-01T00:00:00Z'::timestamptz::text as at, current_setting('application_name') as name",
    )
    assert.deepEqual(row, { lasts: 'PT26H', at: '2030-01-01 00:00:00+00', name: 'plinth' })
  })
})

describe('a transaction', () => {
  it('commits everything or nothing, and passes the error on', async () => {
    await execute(database.url, ['create table things (n integer)'])
    await withClient(database.url, async (client) => {
      await assert.rejects(
        withTransaction(client, async () => {
          await client.query('insert into things values (1)')
          await client.query('select 1 / 0')
        }),
        { code: '22012' },
      )
      await withTransaction(client, () => client.query('insert into things values (2)'))
    })
    assert.deepEqual(await rowsOf(database.url, 'select n from things'), [{ n: 2 }])
  })
})
