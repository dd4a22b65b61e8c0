/** Merging must not change the effect of rules that count the written rows, or of answers that contain them. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'

const teams = {
  name: 'teams',
  entities: {
    Team: {
      fields: { name: { type: 'text', max: 20 }, captain: { type: 'text', optional: true } },
      access: { read: 'true', create: 'true', update: 'true', delete: 'members.size() < 2' },
    },
    Member: {
      fields: {
        name: { type: 'text', max: 20 },
        chief: { type: 'boolean', default: false },
        badge: { type: 'integer', optional: true, unique: true },
        team: { type: 'ref', entity: 'Team', inverse: 'members', onDelete: 'cascade' },
      },
      access: {
        read: 'true',
        create: 'team.members.size() < 3',
        update: { from: 'true', to: '!chief || !team.members.exists(m, m.chief)' },
        delete: 'team.members.exists(m, m.id != id)',
      },
    },
  },
}

async function start(t: TestContext, connections: number) {
  const backend = await testBackend(t, modelFrom(teams), { connections })
  const created = async (url: string, body: unknown) => {
    const answer = await backend.ask('POST', url, { body })
    assert.equal(answer.status, 201, answer.text)
    return answer.json
  }
  const members = async () => Number((await backend.sql('select count(*)::int as n from members'))[0]?.n)
  return { ...backend, created, members }
}

test('a rule that counts rows counts those of the same request', async (t) => {
  const { ask, created, members } = await start(t, 2)
  const names = (n: number) => Array.from({ length: n }, (_, i) => ({ name: `M${i}` }))
  const team = await created('/api/teams', { name: 'A', members: names(3) })
  assert.equal(team.members.length, 3)
  const nested = await ask('POST', '/api/teams', { body: { name: 'B', members: names(4) } })
  assert.deepEqual([nested.status, nested.json.code], [403, 'forbidden'])
  const { id } = await created('/api/teams', { name: 'C' })
  const inTeam = (n: number) => names(n).map((m) => ({ ...m, team: id }))
  assert.equal((await ask('POST', '/api/members', { body: inTeam(4) })).json.code, 'forbidden')
  assert.equal(await members(), 3)
  assert.equal((await created('/api/members', inTeam(3))).length, 3)
  assert.equal((await ask('POST', '/api/members', { body: inTeam(1) })).json.code, 'forbidden')
  assert.equal(await members(), 6)
})

test('constraints refuse rows of a request that are written one by one like rows that are written together', async (t) => {
  const { ask, created, members } = await start(t, 2)
  const { id } = await created('/api/teams', { name: 'A' })
  const rows = [7, 8, 7].map((badge, i) => ({ name: `M${i}`, team: id, badge }))
  const answer = await ask('POST', '/api/members', { body: rows })
  assert.deepEqual([answer.status, answer.json.code, answer.json.errors?.[0]?.pointer], [409, 'already_taken', '/2/badge'], answer.text)
  assert.equal(await members(), 0)
})

test('a rule that counts rows counts the rows of earlier requests, even with many concurrent requests', async (t) => {
  const { ask, created, members } = await start(t, 1)
  const { id } = await created('/api/teams', { name: 'A' })
  const posts = await Promise.all(Array.from({ length: 20 }, (_, i) => ask('POST', '/api/members', { body: { name: `M${i}`, team: id } })))
  assert.equal(posts.filter((a) => a.status === 201).length, 3)
  assert.equal(posts.filter((a) => a.status === 403).length, 17)
  const rows = posts.filter((a) => a.status === 201).map((a) => a.json)
  const chiefs = await Promise.all(rows.map((row) => ask('PATCH', `/api/members/${row.id}`, { body: { chief: true } })))
  assert.deepEqual(chiefs.map((a) => a.status).sort(), [200, 403, 403])
  const gone = await Promise.all(rows.map((row) => ask('DELETE', `/api/members/${row.id}`)))
  assert.deepEqual(gone.map((a) => a.status).sort(), [204, 204, 403])
  assert.equal(await members(), 1)
})

test('the answer to a write shows what was written, wherever it appears', async (t) => {
  const { ask, created } = await start(t, 2)
  const { id } = await created('/api/teams', { name: 'A' })
  const first = await created('/api/members?include=team.members', { name: 'M1', team: id })
  assert.deepEqual(
    first.team.members.map((m: { name: string }) => m.name),
    ['M1'],
  )
  const two = await created('/api/members?include=team.members', [
    { name: 'M2', team: id },
    { name: 'M3', team: id },
  ])
  assert.deepEqual(
    two.map((m: { team: { members: unknown[] } }) => m.team.members.length),
    [3, 3],
  )
  const changed = await ask('PATCH', `/api/members/${first.id}?include=team.members`, { body: { name: 'New' } })
  assert.deepEqual([changed.status, changed.json.name], [200, 'New'])
  assert.ok(changed.json.team.members.some((m: { name: string }) => m.name === 'New'))
  const read = await ask('GET', `/api/members/${first.id}?include=team.members`)
  assert.deepEqual([read.text, read.headers.etag], [changed.text, changed.headers.etag])
  const stale = await ask('PATCH', `/api/members/${first.id}?include=team.members`, {
    body: { name: 'Old' },
    headers: { 'if-match': '"1"' },
  })
  assert.equal(stale.json.code, 'stale_version')
})
