/** Edge cases of the JSON of answers: missing required values, pages without row fields, many requests at once. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { inSomeRound } from '../support/rounds.ts'

const things = {
  name: 'things',
  entities: {
    Team: { fields: { label: { type: 'text', max: 40 } }, access: { read: 'true', create: 'true' } },
    Thing: {
      fields: {
        title: { type: 'text', max: 40 },
        due: { type: 'timestamp', default: '2026-01-01T00:00:00Z' },
        kind: { type: 'choice', values: ['plain', 'odd'], default: 'plain' },
        team: { type: 'ref', entity: 'Team', inverse: 'things' },
      },
      access: { read: 'true', create: 'true', update: 'true' },
    },
  },
}

async function start(t: Parameters<typeof testBackend>[0]) {
  const backend = await testBackend(t, modelFrom(things))
  const { json: team } = await backend.ask('POST', '/api/teams', { body: { label: 'Red' } })
  const graphql = (query: string) => backend.ask('POST', '/graphql', { body: { query } })
  const rows = async (titles: readonly string[]) =>
    (await backend.ask('POST', '/api/things', { body: titles.map((title) => ({ title, team: team.id })) })).json
  return { ...backend, team, graphql, rows }
}

test('during a deployment, a row that lacks a required value is answered with null', async (t) => {
  const { ask, sql, graphql, rows } = await start(t)
  const [, { id }] = await rows(['A', 'B', 'C'])
  const loose = ['title', 'due', 'kind', 'team_id'].map((column) => `alter column ${column} drop not null`)
  await sql(`alter table things ${loose.join(', ')}`)
  await sql('update things set title = null, due = null, kind = null, team_id = null where id = $1', [id])
  const list = (await ask('GET', '/api/things?count=true&include=team')).json
  assert.deepEqual([list.data.length, list.page.count], [3, 3])
  const { title, due, kind, team } = list.data[1]
  assert.deepEqual({ title, due, kind, team }, { title: null, due: null, kind: null, team: null })
  assert.equal((await ask('GET', `/api/things/${id}`)).json.title, null)
  assert.equal((await ask('PATCH', `/api/things/${id}`, { body: { kind: 'odd' } })).json.kind, 'odd')
  const page = await graphql('{ things { totalCount nodes { id } } }')
  assert.deepEqual([page.json.data.things.totalCount, page.json.data.things.nodes.length], [3, 3])
})

test('a page with only constant fields is answered, with any number of rows', async (t) => {
  const { graphql, rows } = await start(t)
  const wanted = {
    'pageInfo { hasPreviousPage }': { pageInfo: { hasPreviousPage: false } },
    'pageInfo { __typename }': { pageInfo: { __typename: 'PageInfo' } },
    'pageInfo { hasNextPage @include(if: false) }': { pageInfo: {} },
    'a: pageInfo { hasPreviousPage } b: pageInfo { __typename }': { a: { hasPreviousPage: false }, b: { __typename: 'PageInfo' } },
  }
  for (const titles of [[], ['A', 'B', 'C']]) {
    if (titles.length > 0) await rows(titles)
    for (const [asked, things] of Object.entries(wanted)) {
      const { status, json } = await graphql(`{ things { ${asked} } teams { nodes { things { ${asked} } } } }`)
      assert.equal(status, 200, asked)
      assert.deepEqual(json, { data: { things, teams: { nodes: [{ things }] } } }, asked)
    }
  }
  const none = await graphql('{ things(first: 0) { nodes { id } pageInfo { startCursor endCursor hasNextPage } } }')
  assert.deepEqual(none.json.data.things, { nodes: [], pageInfo: { startCursor: null, endCursor: null, hasNextPage: true } })
  const counted = await graphql('{ things { totalCount pageInfo { hasPreviousPage } } }')
  assert.deepEqual(counted.json.data.things, { totalCount: 3, pageInfo: { hasPreviousPage: false } })
})

test('pages that select only their common parent row merge like others', async (t) => {
  const { graphql, rows, team, statements } = await start(t)
  await rows(['A', 'B', 'C'])
  for (const asked of ['nodes { team { label } }', 'edges { node { team { label } } }']) {
    const query = `{ things(filter: { teamId: { eq: "${team.id}" } }) { ${asked} } }`
    const [first] = await Promise.all([graphql(query), graphql(query)])
    await inSomeRound(async () => {
      statements.length = 0
      const answers = await Promise.all(Array.from({ length: 30 }, () => graphql(query)))
      assert.deepEqual(new Set(answers.map(({ text }) => text)), new Set([first?.text]))
      return statements.length < 20 ? null : `${statements.length} statements`
    })
  }
})
