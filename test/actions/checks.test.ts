/** Checks over relations in actions. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { modelFrom, testBackend } from '../support/backend.ts'
import { insertPeople, insertRows, openDesign, waiting } from './action-world.ts'

const TEAMS = {
  name: 'teams',
  entities: {
    Person: { fields: { name: { type: 'text', max: 20 } }, access: { read: 'true' } },
    Team: {
      fields: { name: { type: 'text', max: 20 }, most: { type: 'integer', default: 2 } },
      checks: {
        some: { rule: 'size(members) > 0', message: 'a team has a member' },
        most: { rule: 'size(members) <= most', message: 'the team is full' },
      },
      access: { read: 'true' },
      actions: {
        join: {
          as: 'system',
          allow: 'true',
          input: { person: { ref: 'Person' } },
          steps: [{ create: 'Member', set: { team: 'row', person: 'input.person' } }],
        },
        shrink: { as: 'system', allow: 'true', input: { most: 'Team.most' }, steps: [{ update: 'row', set: 'input' }] },
        empty: { as: 'system', allow: 'true', steps: [{ delete: 'row.members' }] },
        replace: {
          as: 'system',
          allow: 'true',
          input: { person: { ref: 'Person' } },
          steps: [{ delete: 'row.members' }, { create: 'Member', set: { team: 'row', person: 'input.person' } }],
        },
      },
    },
    Member: {
      fields: {
        team: { type: 'ref', entity: 'Team', inverse: 'members', onDelete: 'cascade' },
        person: { type: 'ref', entity: 'Person', inverse: 'memberships', onDelete: 'cascade' },
        card: { type: 'text', max: 20, unique: true, optional: true },
      },
      access: { read: 'true' },
      actions: {
        leave: { as: 'system', allow: 'true', steps: [{ delete: 'row' }] },
        move: { as: 'system', allow: 'true', input: { team: { ref: 'Team' } }, steps: [{ update: 'row', set: 'input' }] },
      },
    },
  },
  actions: {
    found: {
      as: 'system',
      allow: 'true',
      input: { names: { type: 'list', of: { type: 'text', max: 20 }, max: 5 } },
      steps: [
        { list: 'Person', where: 'name in input.names', limit: 5, as: 'persons' },
        { create: 'Team', set: { name: '"xnew"' }, as: 'team' },
        { create: 'Member', each: 'p in persons', set: { team: 'team', person: 'p' } },
      ],
    },
    put: {
      as: 'system',
      allow: 'true',
      input: { card: 'text', team: { ref: 'Team' }, person: { ref: 'Person' } },
      steps: [{ ensure: 'Member', set: 'input', existing: { team: 'input.team' } }],
    },
    putEach: {
      as: 'system',
      allow: 'true',
      input: { cards: { type: 'list', of: { type: 'text' } }, team: { ref: 'Team' }, person: { ref: 'Person' } },
      steps: [
        {
          ensure: 'Member',
          each: 'c in input.cards',
          set: { card: 'c', team: 'input.team', person: 'input.person' },
          existing: { team: 'input.team' },
        },
      ],
    },
    forget: { as: 'system', allow: 'true', input: { person: { ref: 'Person' } }, steps: [{ delete: 'input.person' }] },
  },
}

async function openTeams(t: TestContext, persons: number) {
  const world = await testBackend(t, modelFrom(TEAMS))
  const people = await insertRows(
    world,
    'persons',
    Array.from({ length: persons }, (_, i) => ({ name: `person ${i}` })),
  )
  const [team, other] = await insertRows(world, 'teams', [{ name: 'one' }, { name: 'two' }])
  const [member] = await insertRows(world, 'members', [
    { team_id: team, person_id: people[0] },
    { team_id: other, person_id: people[1] },
  ])
  const act = async (path: string, body: unknown = {}) => {
    const { status, json, text } = await world.ask('POST', `/api/${path}`, { body })
    return status < 300 ? 'done' : status === 409 && json.code === 'check_failed' ? json.detail : text
  }
  const sizes = async () =>
    (await world.sql('select (select count(*) from members m where m.team_id = t.id)::int as n from teams t order by name, id')).map(
      ({ n }) => n,
    )
  return { world, people, team, other, member, act, sizes }
}

test('an action that breaks a check over relations is refused, and nothing is written', async (t) => {
  const { people, team, other, member, act, sizes } = await openTeams(t, 5)
  assert.equal(await act(`members/${member}/leave`), 'a team has a member')
  assert.equal(await act(`members/${member}/move`, { team: other }), 'a team has a member')
  assert.equal(await act(`teams/${team}/empty`), 'a team has a member')
  assert.equal(await act('actions/forget', { person: people[0] }), 'a team has a member')
  assert.deepEqual(await sizes(), [1, 1])
  assert.equal(await act(`teams/${team}/join`, { person: people[2] }), 'done')
  assert.equal(await act(`teams/${team}/join`, { person: people[3] }), 'the team is full')
  assert.equal(await act(`teams/${team}/shrink`, { most: 1 }), 'the team is full')
  assert.deepEqual(await sizes(), [2, 1])
  assert.equal(await act(`members/${member}/move`, { team: other }), 'done')
  assert.deepEqual(await sizes(), [1, 2])
})

test('an ensure that moves a row is held to the checks of the row that it leaves and of the one that it comes to', async (t) => {
  const { world, people, team, other, act, sizes } = await openTeams(t, 5)
  const [person] = people
  assert.equal(await act('actions/put', { card: 'a', team, person }), 'done')
  assert.deepEqual(await sizes(), [2, 1])
  assert.equal(await act('actions/put', { card: 'a', team: other, person }), 'done')
  assert.equal(await act('actions/put', { card: 'b', team: other, person }), 'the team is full')
  await world.sql(`delete from members where card is null`)
  assert.deepEqual(await sizes(), [0, 1])
  assert.equal(await act('actions/put', { card: 'a', team, person }), 'a team has a member')
  assert.equal(await act('actions/putEach', { cards: ['a', 'b'], team, person }), 'a team has a member')
  assert.equal(await act('actions/putEach', { cards: ['b'], team: other, person }), 'done')
  assert.equal(await act('actions/putEach', { cards: ['a'], team, person }), 'done')
  assert.deepEqual(await sizes(), [1, 1])
  const added = `insert into members (id, team_id, person_id, card, created_at, updated_at, version)
    values (gen_random_uuid(), '${other}', '${person}', 'c', now(), now(), 1)`
  const sql = `${added}; delete from members where team_id = '${other}' and card = 'b'`
  const meanwhile = await waiting(world, { sql }, () => world.ask('POST', '/api/actions/put', { body: { card: 'c', team, person } }))
  assert.deepEqual([meanwhile.status, meanwhile.json.detail], [409, 'a team has a member'], 'another transaction made the row meanwhile')
  assert.deepEqual(await sizes(), [1, 1])
})

test('a check is judged after the last step', async (t) => {
  const { people, team, act, sizes } = await openTeams(t, 5)
  assert.equal(await act(`teams/${team}/replace`, { person: people[2] }), 'done')
  assert.equal(await act('actions/found', { names: ['person 0', 'person 1'] }), 'done')
  assert.equal(await act('actions/found', { names: [] }), 'a team has a member')
  assert.equal(await act('actions/found', { names: ['person 0', 'person 1', 'person 2'] }), 'the team is full')
  assert.deepEqual(await sizes(), [1, 1, 2])
})

test('actions at once never break a check', async (t) => {
  const { people, team, act, sizes } = await openTeams(t, 30)
  const answers = await Promise.all(people.map((person) => act(`teams/${team}/join`, { person })))
  assert.equal(answers.filter((answer) => answer === 'done').length, 1)
  assert.deepEqual([...new Set(answers)].toSorted(), ['done', 'the team is full'])
  assert.deepEqual(await sizes(), [2, 1])
})

test('the school is not smaller than its places taken', async (t) => {
  const world = await openDesign(t, 'school.yaml')
  const [teacher] = await insertPeople(world, 'persons', [{ name: 'teacher', email: 'teacher@example.org', role: 'teacher' }])
  const students = await insertRows(
    world,
    'persons',
    [1, 2].map((i) => ({ name: `${i}`, email: `s${i}@example.org`, role: 'student', password: 'x' })),
  )
  const [course] = await insertRows(world, 'courses', [{ title: 'one', capacity: 3 }])
  await insertRows(
    world,
    'enrolments',
    students.map((student) => ({ course_id: course, student_id: student, state: 'active' })),
  )
  const resize = (capacity: number) => world.ask('POST', `/api/courses/${course}/resize`, { token: teacher?.token, body: { capacity } })
  const refused = await resize(1)
  assert.deepEqual([refused.status, refused.json.code, refused.json.detail], [409, 'check_failed', 'more places are taken than there are'])
  assert.equal((await resize(2)).status, 200)
  assert.deepEqual(await world.sql('select capacity::int from courses'), [{ capacity: 2 }])
})
