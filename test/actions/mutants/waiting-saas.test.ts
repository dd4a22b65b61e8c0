/** Each lock of the organisations, and each part of the guards of their memberships. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { readKeys } from '../../../src/services/identity/tokens/keys.ts'
import { openRowTokens } from '../../../src/services/identity/tokens/row-tokens.ts'
import { newPem } from '../../identity/instances.ts'
import { asking, insertPeople, insertRows, openDesign, waiting } from '../action-world.ts'

const TIMEOUT = { timeout: 60_000 }

/** An organisation with two owners, and an account that is no member. */
async function openOrganisation(t: TestContext) {
  const keys = readKeys('AUTH_KEYS', newPem())
  const world = await openDesign(t, 'saas.yaml', { keys })
  const [ann, bob, cat] = await insertPeople(
    world,
    'users',
    ['ann', 'bob', 'cat'].map((name) => ({ name, email: `${name}@example.org`, verified: true })),
  )
  assert.ok(ann !== undefined && bob !== undefined && cat !== undefined)
  const [org = ''] = await insertRows(world, 'orgs', [{ name: 'Ann & Bob' }])
  const memberships = await insertRows(
    world,
    'memberships',
    [ann, bob].map(({ id }) => ({ org_id: org, user_id: id, role: 'owner' })),
  )
  const act = asking(world)
  const invite = (email: string) => act(ann, `orgs/${org}/invite`, { email, role: 'member' })
  const owners = async () => (await world.sql("select count(*)::int as n from memberships where role = 'owner'"))[0]?.n
  return { world, keys, ann, bob, cat, org, memberships, act, invite, owners }
}

test('an invitation waits for a member who is added and for an invitation of the same address', TIMEOUT, async (t) => {
  const { world, cat, org, invite } = await openOrganisation(t)
  assert.equal((await invite('old@example.org')).status, 200)
  const sql = "update invitations set email = 'cat@example.org'"
  assert.equal((await waiting(world, { sql }, () => invite('cat@example.org'))).status, 200)
  assert.deepEqual(await world.sql('select email from invitations'), [{ email: 'cat@example.org' }])
  const adding = `insert into memberships (id, org_id, user_id, role, created_at, updated_at, version)
    values (gen_random_uuid(), '${org}', '${cat.id}', 'member', now(), now(), 1)`
  assert.equal((await waiting(world, { sql: adding }, () => invite('cat@example.org'))).json.code, 'already_member')
})

test('an invitation waits for the new address of a member, and for a membership that gets another account', TIMEOUT, async (t) => {
  const { world, bob, cat, org, invite } = await openOrganisation(t)
  const renaming = `update users set email = 'new@example.org' where id = '${bob.id}'`
  assert.equal((await waiting(world, { sql: renaming }, () => invite('new@example.org'))).json.code, 'already_member')
  const moving = `update memberships set user_id = '${cat.id}' where org_id = '${org}' and user_id = '${bob.id}'`
  assert.equal((await waiting(world, { sql: moving }, () => invite('cat@example.org'))).json.code, 'already_member')
})

test('an invitation that ends meanwhile is not accepted', TIMEOUT, async (t) => {
  const { world, keys, cat, act, invite } = await openOrganisation(t)
  await invite('cat@example.org')
  const [row] = await world.sql('select token from invitations')
  const invitation = openRowTokens(keys).textOf(String(row?.token))
  const sql = "update invitations set expires_at = now() - interval '1 second'"
  const accepted = await waiting(world, { sql }, () => act(cat, 'actions/acceptInvitation', { invitation }))
  assert.equal(accepted.json.errors?.[0].pointer, '/invitation', accepted.text)
  assert.deepEqual(await world.sql('select count(*)::int as n from memberships'), [{ n: 2 }])
})

test('the last owner of an organisation stays, also when the other one leaves at the same moment', TIMEOUT, async (t) => {
  const { world, ann, bob, org, memberships, owners } = await openOrganisation(t)
  const [own] = memberships
  const token = ann.token
  // Each write of Plinth that could break the check locks the organisation first.
  const sql = `select from orgs where id = '${org}' for update; update memberships set role = 'member' where user_id = '${bob.id}'`
  // It fails if the write, which waits for the organisation, has locked the membership.
  const then = `select from memberships where id = '${own}' for update nowait`
  for (const [method, body] of [
    ['PATCH', { role: 'member' }],
    ['DELETE', undefined],
  ] as const) {
    await world.sql("update memberships set role = 'owner'")
    const path = `/api/memberships/${own}`
    const refused = await waiting(world, { sql, then }, () => world.ask(method, path, { token, body }))
    assert.deepEqual([refused.status, refused.json.code], [409, 'check_failed'], refused.text)
    assert.equal(await owners(), 1)
  }
})
