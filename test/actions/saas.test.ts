/** Organisations: invitations that are found by their token, and accepted by the account with the address. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { readKeys } from '../../src/services/identity/tokens/keys.ts'
import { openRowTokens } from '../../src/services/identity/tokens/row-tokens.ts'
import { newPem } from '../identity/instances.ts'
import { insertPeople, openDesign, type Person } from './action-world.ts'

async function openOrganisations(t: TestContext) {
  const keys = readKeys('AUTH_KEYS', newPem())
  const world = await openDesign(t, 'saas.yaml', { keys })
  const addresses = ['ann', 'bob', 'cat', 'dan'].map((name) => ({ name, email: `${name}@example.org`, verified: name !== 'dan' }))
  const [ann, bob, cat, dan] = await insertPeople(world, 'users', addresses)
  assert.ok(ann !== undefined && bob !== undefined && cat !== undefined && dan !== undefined)
  const act = (person: Person | undefined, path: string, body?: unknown, headers: Readonly<Record<string, string>> = {}) =>
    world.ask('POST', `/api/${path}`, { token: person?.token, body, headers })
  const found = async (name: string) => {
    const { status, json, text } = await act(ann, 'actions/createOrg', { name })
    assert.equal(status, 200, text)
    return String(json.id)
  }
  /** Invites an address; returns the secret that a mail would have. */
  const invite = async (org: string, email: string, role = 'member') => {
    const { status, json, text } = await act(ann, `orgs/${org}/invite`, { email, role })
    assert.equal(status, 200, text)
    const [row] = await world.sql('select token from invitations where id = $1', [json.id])
    return openRowTokens(keys).textOf(String(row?.token))
  }
  const accept = (person: Person | undefined, invitation: unknown) => act(person, 'actions/acceptInvitation', { invitation })
  const members = async (org: string) =>
    (
      await world.sql('select u.name, m.role from memberships m join users u on u.id = m.user_id where org_id = $1 order by u.name', [org])
    ).map(({ name, role }) => `${name} ${role}`)
  return { world, ann, bob, cat, dan, act, found, invite, accept, members }
}

test('the account that creates an organisation is its owner', async (t) => {
  const { world, ann, bob, act, found, members } = await openOrganisations(t)
  assert.equal((await act(undefined, 'actions/createOrg', { name: 'nobody' })).status, 401)
  const org = await found('Ann & sons')
  assert.deepEqual(await members(org), ['ann owner'])
  const seen = await world.ask('GET', `/api/orgs/${org}`, { token: ann.token })
  assert.deepEqual([seen.json.name, seen.json.owns], ['Ann & sons', true], seen.text)
  assert.equal((await world.ask('GET', `/api/orgs/${org}`, { token: bob.token })).status, 404)
  assert.equal((await act(bob, `orgs/${org}/invite`, { email: 'cat@example.org', role: 'member' })).status, 404)
})

test('an invitation is accepted once, by the account with its address', async (t) => {
  const { world, ann, bob, cat, dan, act, found, invite, accept, members } = await openOrganisations(t)
  const org = await found('Ann & sons')
  const secret = await invite(org, 'bob@example.org', 'member')
  assert.equal((await accept(undefined, secret)).status, 401)
  const wrong = await accept(cat, secret)
  assert.deepEqual([wrong.status, wrong.json.code, wrong.json.detail], [403, 'wrong_address', 'the invitation is for another address'])
  assert.deepEqual(await members(org), ['ann owner'])
  const accepted = await accept(bob, secret)
  assert.deepEqual([accepted.status, accepted.json], [200, { org, name: 'Ann & sons' }], accepted.text)
  assert.deepEqual(await members(org), ['ann owner', 'bob member'])
  const again = await accept(bob, secret)
  assert.deepEqual([again.status, again.json.errors?.[0]?.pointer], [400, '/invitation'], again.text)
  const known = await act(ann, `orgs/${org}/invite`, { email: 'bob@example.org', role: 'owner' })
  assert.deepEqual([known.status, known.json.code], [409, 'already_member'])
  // A member who is no owner invites nobody.
  assert.equal((await act(bob, `orgs/${org}/invite`, { email: 'cat@example.org', role: 'member' })).status, 403)
  // An address that is not verified accepts nothing.
  assert.equal((await accept(dan, await invite(org, 'dan@example.org'))).status, 403)
  assert.deepEqual(await world.sql('select email from invitations'), [{ email: 'dan@example.org' }])
})

test('inviting an address again makes the former invitation useless', async (t) => {
  const { world, bob, found, invite, accept } = await openOrganisations(t)
  const [one, other] = [await found('one'), await found('other')]
  const former = await invite(one, 'bob@example.org')
  const elsewhere = await invite(other, 'bob@example.org')
  const current = await invite(one, 'bob@example.org')
  assert.deepEqual(await world.sql('select count(*)::int as n from invitations'), [{ n: 2 }])
  assert.equal((await accept(bob, former)).status, 400)
  assert.deepEqual((await accept(bob, current)).json.name, 'one')
  assert.deepEqual((await accept(bob, elsewhere)).json.name, 'other')
})

test('an invitation ends after a week', async (t) => {
  const { world, bob, found, invite, accept } = await openOrganisations(t)
  const secret = await invite(await found('one'), 'bob@example.org')
  const [row] = await world.sql("select expires_at = created_at + interval '7 days' as is_a_week from invitations")
  assert.deepEqual(row, { is_a_week: true })
  await world.sql("update invitations set expires_at = now() - interval '1 second'")
  assert.equal((await accept(bob, secret)).status, 400)
})

test('of many who accept one invitation at once, one becomes a member', async (t) => {
  const { world, bob, found, invite, accept, members } = await openOrganisations(t)
  const org = await found('one')
  const secret = await invite(org, 'bob@example.org')
  const done = await Promise.all(Array.from({ length: 20 }, () => accept(bob, secret)))
  assert.deepEqual(done.map(({ status }) => status).toSorted(), [200, ...Array.from({ length: 19 }, () => 400)])
  assert.deepEqual(await members(org), ['ann owner', 'bob member'])
  assert.deepEqual(await world.sql('select count(*)::int as n from invitations'), [{ n: 0 }])
})
