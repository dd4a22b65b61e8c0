/** `allow`, guards and the `where` of inputs are exact when others act at once. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertRows, waiting, whileLocked } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'
import { COURSES } from './courses.ts'

async function openCourses(t: TestContext) {
  const world = await testBackend(t, modelFrom(COURSES))
  const other = await testBackend(t, world.model, { databaseUrl: world.databaseUrl })
  const [person = ''] = await insertRows(world, 'persons', [{ name: 'Ann' }])
  const newCourse = async () => (await insertRows(world, 'courses', [{ places: 1, open: true }]))[0] ?? ''
  return { world, other, person, newCourse }
}

test('two callers who join at once do not both take the last place', { timeout: 60_000 }, async (t) => {
  const { world, other, person, newCourse } = await openCourses(t)
  for (const action of ['join', 'joinFree']) {
    const course = await newCourse()
    const [path, body] = action === 'join' ? [`courses/${course}/join`, { person }] : [`actions/${action}`, { course, person }]
    let asked: Promise<readonly number[]> = Promise.resolve([])
    // The insert of a seat waits for the person, when the course is judged.
    await whileLocked(world, `select from persons where id = '${person}' for update`, {
      waiting: 2,
      begin: () => {
        asked = Promise.all([world, other].map(async ({ ask }) => (await ask('POST', `/api/${path}`, { body })).status))
      },
    })
    const statuses = (await asked).toSorted()
    assert.equal(statuses.filter((status) => status < 300).length, 1, `${action}: ${statuses}`)
    assert.deepEqual(await world.sql('select count(*)::int as n from seats where course_id = $1', [course]), [{ n: 1 }])
  }
})

test('nobody joins a course that is closed at the same moment', { timeout: 60_000 }, async (t) => {
  const { world, person, newCourse } = await openCourses(t)
  for (const action of ['joinOpen', 'joinAllowed']) {
    const course = await newCourse()
    let asked: Promise<number> = Promise.resolve(0)
    await whileLocked(
      world,
      `select from courses where id = '${course}' for update; update courses set open = false where id = '${course}'`,
      {
        waiting: 1,
        begin: () => {
          asked = world.ask('POST', `/api/actions/${action}`, { body: { course, person } }).then(({ status }) => status)
        },
      },
    )
    assert.ok((await asked) >= 400, action)
    assert.deepEqual(await world.sql('select count(*)::int as n from seats where course_id = $1', [course]), [{ n: 0 }])
  }
})

test('a course is not closed while somebody joins it', { timeout: 60_000 }, async (t) => {
  const { world, person, newCourse } = await openCourses(t)
  const course = await newCourse()
  const sql = `insert into seats (id, course_id, person_id, created_at, updated_at, version)
    values (gen_random_uuid(), '${course}', '${person}', now(), now(), 1)`
  const closed = await waiting(world, { sql }, () => world.ask('POST', `/api/courses/${course}/close`, { body: {} }))
  assert.equal(closed.json.code, 'requirement_failed', closed.text)
  assert.deepEqual(await world.sql('select open from courses'), [{ open: true }])
})
