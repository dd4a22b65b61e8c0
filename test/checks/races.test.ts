/** Checks over relations when many writes of two instances run at once. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertRows } from '../actions/action-world.ts'
import { testBackend } from '../support/backend.ts'
import { randomFrom } from '../support/random.ts'
import { type Outcome, openTeams, outcomeOf } from './teams.ts'

const FULL = 'the team is full'
const EMPTY = 'a team has a member or a patron'
const ROUNDS = 3

type Ask = (method: string, path: string, body?: unknown) => Promise<Outcome>

/** Makes each commit of written members take some time, so that judgements overlap with it on any machine. */
const NAP = [
  'create function nap() returns trigger language plpgsql as $$ begin perform pg_sleep(0.02); return null; end $$',
  `create constraint trigger nap after insert or update or delete on members deferrable initially deferred
   for each row when (current_setting('application_name') = 'plinth') execute function nap()`,
]

/** Makes 40 persons, each a member of one team. */
const FORTY = `with p as (
    insert into persons (id, name, created_at, updated_at, version)
    select gen_random_uuid(), i, now(), now(), 1 from generate_series(1, 40) i returning id)
  insert into members (id, team_id, person_id, active, shirt, created_at, updated_at, version)
  select gen_random_uuid(), $1, p.id, true, 0, now(), now(), 1 from p returning id, person_id`

/** Two instances on one database; `both` gives their requests in turn. */
async function openTwo(t: TestContext) {
  const teams = await openTeams(t)
  for (const statement of NAP) await teams.world.sql(statement)
  const second = await testBackend(t, teams.world.model, { databaseUrl: teams.world.databaseUrl })
  const instances = [teams.world, second]
  const both =
    (i: number): Ask =>
    (method, path, body) =>
      outcomeOf(instances[i % 2] ?? second, { method, path, body })
  return { ...teams, both }
}

const times = <T>(n: number, of: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => of(i))

function tally(outcomes: readonly (Outcome | undefined)[]): Readonly<Record<Outcome, number>> {
  const counts: Record<Outcome, number> = {}
  for (const outcome of outcomes) counts[outcome ?? ''] = (counts[outcome ?? ''] ?? 0) + 1
  return counts
}

test('of 40 creates at once for one free place, exactly one takes place', async (t) => {
  const { world, people, both } = await openTwo(t)
  for (let round = 0; round < ROUNDS; round++) {
    const [team] = await insertRows(world, 'teams', [{ name: `round ${round}` }])
    await insertRows(world, 'members', [{ team_id: team, person_id: people[0], active: true, shirt: 0 }])
    const row = (i: number) => ({ team, person: people[i % people.length] })
    // Single rows, lists of rows, and the action that does the same.
    const ways = [
      (i: number) => both(i)('POST', 'members', row(i)),
      (i: number) => both(i)('POST', 'members/bulk', [row(i)]),
      (i: number) => both(i)('POST', 'transaction', { operations: [{ method: 'POST', path: '/api/members', body: row(i) }] }),
      (i: number) => both(i)('POST', `teams/${team}/join`, { person: people[i % people.length] }),
    ]
    const outcomes = await Promise.all(times(40, (i) => ways[(i >> 1) % ways.length]?.(i)))
    assert.deepEqual(tally(outcomes), { done: 1, [FULL]: 39 })
  }
})

test('of 40 writes at once that would leave a team without members, exactly one is refused', async (t) => {
  const { world, teams, both } = await openTwo(t)
  await world.sql('update teams set most = 1000')
  for (let round = 0; round < ROUNDS; round++) {
    const [team] = await insertRows(world, 'teams', [{ name: `round ${round}`, most: 1000 }])
    const rows = await world.sql(FORTY, [team])
    const [members, persons] = [rows.map(({ id }) => id), rows.map(({ person_id }) => person_id)]
    const ways = [
      (i: number) => both(i)('DELETE', `members/${members[i]}`),
      (i: number) => both(i)('PATCH', `members/${members[i]}`, { team: teams[0] }),
      (i: number) => both(i)('DELETE', `persons/${persons[i]}`),
    ]
    const outcomes = await Promise.all(times(40, (i) => ways[(i >> 1) % ways.length]?.(i)))
    assert.deepEqual(tally(outcomes), { done: 39, [EMPTY]: 1 })
  }
})

test('writes of all kinds at once never break a check', async (t) => {
  const { world, people, both } = await openTwo(t)
  const seeded = randomFrom(7)
  for (let round = 0; round < ROUNDS; round++) {
    const teams = await insertRows(
      world,
      'teams',
      times(3, (i) => ({ name: `round ${round} ${i}`, most: 4 })),
    )
    const persons = await insertRows(
      world,
      'persons',
      times(8, (i) => ({ name: `${i}` })),
    )
    const members = await insertRows(
      world,
      'members',
      persons.map((person, i) => ({ team_id: teams[i % 3], person_id: person, active: i % 4 !== 0, shirt: 0 })),
    )
    const one = seeded.pick
    const kinds = [
      (ask: Ask) => ask('POST', 'members', { team: one(teams), person: one(people) }),
      (ask: Ask) => ask('DELETE', `members/${one(members)}`),
      (ask: Ask) => ask('PATCH', `members/${one(members)}`, { team: one(teams) }),
      (ask: Ask) => ask('PATCH', `members/${one(members)}`, { active: seeded.chance(0.5) }),
      (ask: Ask) => ask('PATCH', `teams/${one(teams)}`, { most: 2 + seeded.below(4) }),
      (ask: Ask) => ask('DELETE', `persons/${one(persons)}`),
      (ask: Ask) => ask('POST', 'actions/forget', { person: one(persons) }),
      (ask: Ask) => ask('POST', 'actions/strike', { person: one(persons) }),
      (ask: Ask) => ask('POST', `teams/${one(teams)}/join`, { person: one(people) }),
    ]
    const outcomes = await Promise.all(times(60, (i) => seeded.pick(kinds)(both(i))))
    // Another write may have deleted the row, or move rows so that two writes lock them in opposite orders again and again.
    const isExpected = (outcome: Outcome) =>
      ['done', FULL, EMPTY].includes(outcome) || /"(not_found|reference|write_conflict)"/.test(outcome)
    const unexpected = outcomes.filter((outcome) => !isExpected(outcome))
    assert.deepEqual(unexpected, [])
    const broken =
      await world.sql(`select t.name from teams t where t.patron_id is null and not exists (select from members m where m.team_id = t.id)
      or (select count(*) from members m where m.team_id = t.id and m.active) > t.most`)
    assert.deepEqual(
      broken.filter(({ name }) => String(name).startsWith('round')),
      [],
    )
  }
})
