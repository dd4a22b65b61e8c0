/** Checks over relations in writes that are no actions, through every way in. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { openTeams } from './teams.ts'

const FULL = 'the team is full'
const EMPTY = 'a team has a member or a patron'

test('a write through REST that breaks a check over relations is refused, and nothing is written', async (t) => {
  const { people, teams, members, act, sizes } = await openTeams(t)
  const [team, other] = teams
  const [member] = members
  assert.equal(await act('DELETE', `members/${member}`), EMPTY)
  assert.equal(await act('PATCH', `members/${member}`, { team: other }), EMPTY)
  assert.equal(await act('PUT', `members/${member}`, { team: other, person: people[5] }), EMPTY)
  assert.equal(await act('DELETE', `persons/${people[0]}`), EMPTY)
  assert.equal(await act('POST', 'teams', { name: 'three' }), EMPTY)
  assert.deepEqual(await sizes(), [1, 1])
  assert.equal(await act('POST', 'members', { team, person: people[2] }), 'done')
  assert.equal(await act('POST', 'members', { team, person: people[3] }), FULL)
  assert.equal(await act('POST', 'members', { team, person: people[3], active: false }), 'done')
  assert.equal(await act('PATCH', `teams/${team}`, { most: 1 }), FULL)
  assert.equal(await act('PUT', `teams/${team}`, { name: 'one', most: 1 }), FULL)
  assert.deepEqual(await sizes(), [3, 1])
  assert.equal(await act('PATCH', `members/${member}`, { team: other }), 'done')
  assert.deepEqual(await sizes(), [2, 2])
  assert.equal(await act('DELETE', `teams/${other}`), 'done')
  assert.deepEqual(await sizes(), [2])
})

test('a child that begins to count is judged', async (t) => {
  const { people, teams, world, act } = await openTeams(t)
  const [idle] = await insertRows(world, 'members', [{ team_id: teams[0], person_id: people[4], active: false, shirt: 0 }])
  assert.equal(await act('POST', 'members', { team: teams[0], person: people[2] }), 'done')
  assert.equal(await act('PATCH', `members/${idle}`, { active: true }), FULL)
  assert.equal(await act('PATCH', `members/${idle}`, { shirt: 7 }), 'done')
})

test('lists of rows, nested rows and transactions are judged when all of their rows are there', async (t) => {
  const { people, teams, members, act, sizes } = await openTeams(t)
  const [team, other] = teams
  const row = (person: number, of = team) => ({ team: of, person: people[person] })
  assert.equal(await act('POST', 'members/bulk', [row(2), row(3)]), FULL)
  assert.equal(await act('POST', 'members/bulk', [row(2), row(3, other)]), 'done')
  assert.equal(await act('POST', 'teams/bulk', [{ name: 'a', patron: people[0] }, { name: 'b' }]), EMPTY)
  assert.equal(await act('POST', 'teams', { name: 'three', members: [{ person: people[4] }] }), 'done')
  assert.equal(await act('POST', 'teams', { name: 'four', members: [4, 5, 6].map((i) => ({ person: people[i] })) }), FULL)
  assert.equal(await act('POST', 'teams', { name: 'four', members: [] }), EMPTY)
  assert.deepEqual(await sizes(), [2, 1, 2])
  const found = { name: 'team', method: 'POST', path: '/api/teams', body: { name: 'five' } }
  const join = (person: number) => ({ method: 'POST', path: '/api/members', body: { team: { $ref: 'team.id' }, person: people[person] } })
  const transact = (...operations: unknown[]) => act('POST', 'transaction', { operations })
  assert.equal(await transact(found), EMPTY)
  assert.equal(await transact(found, join(1), join(2), join(3)), FULL)
  assert.equal(await transact(found, join(1), join(2)), 'done')
  const replaced = { method: 'POST', path: '/api/members', body: row(7) }
  assert.equal(await transact({ method: 'DELETE', path: `/api/members/${members[0]}` }, replaced), 'done')
  assert.equal(await transact(replaced), FULL)
})

test('deletions that cascade, or only remove a reference, are judged', async (t) => {
  const { world, people, teams, act, sizes } = await openTeams(t)
  const [club] = await insertRows(world, 'clubs', [{ name: 'club' }])
  await world.sql('update persons set club_id = $1 where id = $2', [club, people[0]])
  assert.equal(await act('DELETE', `clubs/${club}`), EMPTY)
  assert.deepEqual(await sizes(), [1, 1])
  assert.equal(await act('PATCH', `teams/${teams[0]}`, { patron: people[9] }), 'done')
  assert.equal(await act('DELETE', `clubs/${club}`), 'done')
  assert.deepEqual(await sizes(), [0, 1])
  assert.equal(await act('DELETE', `persons/${people[9]}`), EMPTY)
  assert.equal(await act('POST', 'members', { team: teams[0], person: people[3] }), 'done')
  assert.equal(await act('DELETE', `persons/${people[9]}`), 'done')
})

test('deletions of an action that only remove a reference are judged', async (t) => {
  const { world, people, teams, act } = await openTeams(t)
  const [club] = await insertRows(world, 'clubs', [{ name: 'club' }])
  await world.sql('update persons set club_id = $1 where id = $2', [club, people[0]])
  assert.equal(await act('PATCH', `teams/${teams[0]}`, { patron: people[9] }), 'done')
  assert.equal(await act('DELETE', `clubs/${club}`), 'done')
  assert.equal(await act('POST', 'actions/forget', { person: people[9] }), EMPTY)
  assert.equal(await act('POST', 'members', { team: teams[0], person: people[3] }), 'done')
  assert.equal(await act('POST', 'actions/forget', { person: people[9] }), 'done')
})

test('mutations of GraphQL are judged one by one, and with @atomic together', async (t) => {
  const { people, teams, members, mutate, sizes } = await openTeams(t)
  const [team, other] = teams
  const create = (person: number, of = team) => `createMember(input: { team: "${of}", person: "${people[person]}" }) { id }`
  assert.equal(await mutate(`mutation { deleteMember(id: "${members[0]}") { id } }`), EMPTY)
  assert.equal(await mutate(`mutation { a: ${create(2)} b: ${create(3)} }`), FULL)
  assert.deepEqual(await sizes(), [2, 1])
  assert.equal(await mutate(`mutation @atomic { a: ${create(2, other)} b: ${create(3, other)} }`), FULL)
  assert.deepEqual(await sizes(), [2, 1])
  assert.equal(await mutate(`mutation @atomic { deleteMember(id: "${members[0]}") { id } ${create(4)} }`), 'done')
  const upsert = (most: number) =>
    `mutation { upsertTeam(where: { name: "one" }, create: { name: "one", most: ${most} }, update: { most: ${most} }) { created } }`
  assert.equal(await mutate(upsert(1)), FULL)
  assert.equal(await mutate(upsert(3)), 'done')
  assert.equal(await mutate('mutation { upsertTeam(where: { name: "new" }, create: { name: "new" }, update: {}) { created } }'), EMPTY)
  assert.deepEqual(await sizes(), [2, 1])
})

test('a registration is judged, and so is a row that the server adds to its sender', async (t) => {
  const { world, act } = await openTeams(t)
  const account = (name: string) => ({ email: `${name}@example.org`, password: 'correct horse battery', name })
  assert.equal(await act('POST', 'auth/register', account('nobody')), 'has too many notes')
  assert.deepEqual(await world.sql('select count(*)::int as n from users'), [{ n: 0 }])
  assert.equal(await act('POST', 'auth/register', account('ann')), 'done')
  const [ann] = await world.sql('select id from users')
  const token = await world.tokenFor(String(ann?.id))
  const note = () => act('POST', 'notes', { text: 'x' }, token)
  assert.deepEqual([await note(), await note(), await note()], ['done', 'done', 'has too many notes'])
})

test('the writes of code are judged when the code has ended', async (t) => {
  const { people, teams, act, sizes } = await openTeams(t)
  assert.equal(await act('POST', `teams/${teams[0]}/replace`, { person: people[3] }), 'done')
  assert.equal(await act('POST', `teams/${teams[0]}/replace`, { person: people[3], leave: true }), EMPTY)
  assert.deepEqual(await sizes(), [1, 1])
})

test('ids that the database numbers, self references and soft deletion', async (t) => {
  const { world, act } = await openTeams(t)
  const make = async (parent: number | null) => (await world.ask('POST', '/api/folders', { body: { name: 'x', parent } })).json
  const root = (await make(null)).id
  const [first] = [await make(root), await make(root)]
  assert.equal((await make(root)).code, 'check_failed')
  const other = (await make(null)).id
  assert.equal(await act('PATCH', `folders/${other}`, { parent: root }), 'a folder has at most two folders')
  assert.equal(await act('DELETE', `folders/${first.id}`), 'done')
  assert.equal(
    await act(
      'POST',
      'folders/bulk',
      [1, 2].map(() => ({ name: 'y', parent: root })),
    ),
    'a folder has at most two folders',
  )
  assert.equal(await act('PATCH', `folders/${other}`, { parent: root }), 'done')
})

test('a write that is refused for another reason judges no check', async (t) => {
  const { world, people, teams, members, act } = await openTeams(t)
  await world.sql('update teams set most = 0')
  await world.sql('update members set shirt = 99')
  const refused = async (method: string, path: string, body?: unknown) => (await world.ask(method, `/api/${path}`, { body })).json.code
  assert.equal(await refused('DELETE', `members/${members[0]}`), 'forbidden')
  assert.equal(await refused('DELETE', `members/${people[0]}`), 'not_found')
  assert.equal(await refused('POST', 'members', { team: teams[0], person: teams[1] }), 'validation_failed')
  assert.equal(await refused('PATCH', `members/${members[0]}`, { team: people[0] }), 'validation_failed')
  assert.equal(await act('POST', 'members', { team: teams[0], person: people[5] }), FULL)
  assert.equal(await act('PATCH', `teams/${teams[0]}`, { motto: 'still there' }), 'done')
})

test('a write that can break a check takes one trip; any other has its usual statement alone', async (t) => {
  const { world, people, teams, members, act } = await openTeams(t)
  const sent = async (...of: Parameters<typeof act>) => {
    world.statements.length = 0
    assert.equal(await act(...of), 'done')
    return world.statements.map(({ name }) => name)
  }
  assert.deepEqual(await sent('POST', 'members', { team: teams[0], person: people[2] }), [
    'checks of create Member',
    'create Member',
    'checks of create Member',
    'checks of Team',
  ])
  assert.deepEqual(await sent('PATCH', `members/${members[0]}`, { shirt: 3 }), ['update Member'])
  assert.deepEqual(await sent('PATCH', `teams/${teams[0]}`, { motto: 'x' }), ['update Team'])
  assert.deepEqual(await sent('POST', 'clubs', { name: 'x' }), ['create Club'])
  assert.deepEqual(await sent('POST', 'persons', { name: 'x' }), ['create Person'])
})
