/** Rows in the answers of actions that sign in: the rules of the account decide about their values, not those of the request's caller. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { CHEAP } from './instances.ts'

const PASSWORD = 'Correct-horse-7-staple'

const MODEL = modelFrom({
  name: 'papers',
  entities: {
    User: {
      identity: { login: 'email', password: 'password', role: 'role' },
      fields: {
        email: { type: 'email', unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['member', 'admin'], default: 'member', write: 'false' },
      },
      access: { read: 'true' },
    },
    Paper: {
      fields: {
        owner: { type: 'ref', entity: 'User', inverse: 'papers' },
        // An admin may read it, but only in papers of their own.
        secret: { type: 'text', read: 'auth.role == "admin" && owner == auth.id' },
      },
      access: { read: 'true' },
    },
  },
  actions: {
    signUp: {
      as: 'system',
      allow: 'true',
      input: { email: 'User.email', password: 'User.password' },
      steps: [
        { create: 'User', set: { email: 'input.email', password: 'input.password' }, as: 'user' },
        { create: 'Paper', set: { owner: 'user', secret: '"of " + user.email' }, as: 'paper' },
        { signIn: 'user' },
      ],
      answer: { paper: 'Paper(paper)', token: 'auth.token' },
    },
    login: {
      allow: 'true',
      input: { email: 'text', password: { type: 'text', min: 1 } },
      steps: [{ signIn: { email: 'input.email', password: 'input.password' } }, { find: 'Paper', where: 'owner == auth.id', as: 'paper' }],
      answer: { paper: 'Paper(paper)', token: 'auth.token' },
    },
  },
})

test('a row shows what the account may read, and nothing that neither it nor the caller of the request may', async (t) => {
  const { ask, sql } = await testBackend(t, MODEL, { hashCost: CHEAP })
  const rest = async (name: string, email: string) =>
    (await ask('POST', `/api/actions/${name}`, { body: { email, password: PASSWORD } })).json
  await rest('signUp', 'boss@example.org')
  await sql(`update users set role = 'admin'`)
  await rest('signUp', 'ada@example.org')
  const { token, paper } = await rest('login', 'boss@example.org')
  assert.equal(paper.secret, 'of boss@example.org')
  assert.equal((await rest('login', 'ada@example.org')).paper.secret, undefined)
  const graphql = async (name: string, email: string) => {
    const query = `mutation { done: ${name}(email: "${email}", password: "${PASSWORD}") {
      paper { secret owner { email papers { nodes { secret } } } } } }`
    const { json } = await ask('POST', '/graphql', { token, body: { query } })
    assert.equal(json.errors, undefined, JSON.stringify(json.errors))
    return json.data.done.paper
  }
  for (const [name, email] of [
    ['login', 'ada@example.org'],
    ['signUp', 'cyd@example.org'],
  ] as const)
    assert.deepEqual(await graphql(name, email), { secret: null, owner: { email, papers: { nodes: [{ secret: null }] } } })
  const own = 'of boss@example.org'
  assert.deepEqual(await graphql('login', 'boss@example.org'), {
    secret: own,
    owner: { email: 'boss@example.org', papers: { nodes: [{ secret: own }] } },
  })
})
