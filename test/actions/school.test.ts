/** The school: courses with a fixed number of places, and a waiting list. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { RUN_SEED, randomFrom } from '../support/random.ts'
import { insertPeople, insertRows, openDesign, type Person } from './action-world.ts'

async function openSchool(t: TestContext, { students, capacities }: { readonly students: number; readonly capacities: readonly number[] }) {
  const world = await openDesign(t, 'school.yaml')
  const [teacher] = await insertPeople(world, 'persons', [{ name: 'teacher', email: 'teacher@example.org', role: 'teacher' }])
  const people = await insertPeople(
    world,
    'persons',
    Array.from({ length: students }, (_, i) => ({ name: `student ${i}`, email: `student${i}@example.org`, role: 'student' })),
  )
  const courses = await insertRows(
    world,
    'courses',
    capacities.map((capacity, i) => ({ title: `course ${i}`, capacity })),
  )
  const act = (person: Person | undefined, path: string, body?: unknown) =>
    world.ask('POST', `/api/${path}`, { token: person?.token, body })
  const states = async (course: string | undefined) => {
    const rows = await world.sql('select state, count(*)::int as n from enrolments where course_id = $1 group by 1', [course])
    return { active: 0, waiting: 0, ...Object.fromEntries(rows.map(({ state, n }) => [state, n])) }
  }
  return { world, teacher, people, courses, act, states }
}

test('enrolments at once take exactly the places of a course', async (t) => {
  const capacities = [3, 10, 30, 1, 5]
  const { people, courses, act, states } = await openSchool(t, { students: 40, capacities })
  for (const [i, course] of courses.entries()) {
    const done = await Promise.all(people.map((person) => act(person, `courses/${course}/enrol`)))
    assert.deepEqual([...new Set(done.map(({ status }) => status))], [200], done.find(({ status }) => status !== 200)?.text ?? '')
    const places = capacities[i] ?? 0
    assert.deepEqual(await states(course), { active: places, waiting: 40 - places })
    const again = await act(people[0], `courses/${course}/enrol`)
    assert.deepEqual([again.status, again.json.code], [409, 'already_taken'], again.text)
  }
})

test('a place that becomes free goes to the first who waits', async (t) => {
  const { world, people, courses, act, states } = await openSchool(t, { students: 6, capacities: [2] })
  const [course] = courses
  const ids: string[] = []
  for (const person of people) ids.push((await act(person, `courses/${course}/enrol`)).json.id)
  assert.deepEqual(await states(course), { active: 2, waiting: 4 })
  assert.equal((await act(people[1], `enrolments/${ids[0]}/leave`)).status, 404)
  assert.equal((await act(people[0], `enrolments/${ids[0]}/leave`)).status, 204)
  assert.deepEqual(await states(course), { active: 2, waiting: 3 })
  const [third] = await world.sql('select state from enrolments where id = $1', [ids[2]])
  assert.deepEqual(third, { state: 'active' })
})

test(`enrolments and departures at once leave no place free while somebody waits, and never more than there are (SEED=${RUN_SEED})`, async (t) => {
  const random = randomFrom(RUN_SEED)
  const { world, teacher, people, courses, act, states } = await openSchool(t, { students: 24, capacities: [5, 7] })
  let left = 300
  const person = async (one: Person): Promise<void> => {
    while (left-- > 0) {
      const course = random.pick(courses)
      const [there] = await world.sql('select id from enrolments where course_id = $1 and student_id = $2', [course, one.id])
      const { status, text } =
        there === undefined ? await act(one, `courses/${course}/enrol`) : await act(one, `enrolments/${there.id}/leave`)
      assert.ok([200, 204].includes(status), text)
    }
  }
  await Promise.all(people.map(person))
  for (const [i, course] of courses.entries()) {
    const { active, waiting } = await states(course)
    const places = [5, 7][i] ?? 0
    assert.ok(active <= places && (waiting === 0 || active === places), JSON.stringify({ active, waiting, places }))
  }
  const resized = await act(teacher, `courses/${courses[0]}/resize`, { capacity: 20 })
  assert.equal(resized.status, 200, resized.text)
  const { active, waiting } = await states(courses[0])
  assert.ok(waiting === 0 || active === 20)
})

test('a limit below zero takes no rows', async (t) => {
  const { people, teacher, courses, act } = await openSchool(t, { students: 2, capacities: [2] })
  for (const person of people) assert.equal((await act(person, `courses/${courses[0]}/enrol`)).status, 200)
  const { status, text } = await act(teacher, `courses/${courses[0]}/resize`, { capacity: 1 })
  assert.ok(status < 500, text)
})
