/** Conditions over a path of references are exact when another request changes a reference in the middle of the path. */

import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { insertRows, whileLocked } from '../actions/action-world.ts'
import { modelFrom, testBackend } from '../support/backend.ts'

const PERSON = { person: { ref: 'Person' } }
/** The step at which an action waits for the lock of the person, when it has judged its conditions. */
const NOTE = { create: 'Note', set: { person: 'input.person' } }
const BOOK = { update: 'row', set: { booked: 'true' } }
const isOpen = 'row.course.term.open'

const TERMS = {
  name: 'terms',
  entities: {
    Person: { fields: { name: { type: 'text', max: 20 } }, access: {} },
    Note: { fields: { person: { type: 'ref', entity: 'Person', inverse: 'notes' } }, access: {} },
    Term: {
      fields: { open: { type: 'boolean', default: true } },
      access: { read: 'true' },
      actions: {
        close: {
          as: 'system',
          allow: 'true',
          input: PERSON,
          steps: [{ require: '!row.courses.exists(c, c.lessons.exists(l, l.booked))' }, { update: 'row', set: { open: 'false' } }, NOTE],
        },
      },
    },
    Course: {
      fields: { term: { type: 'ref', entity: 'Term', inverse: 'courses' } },
      access: { read: 'true' },
      actions: {
        move: {
          as: 'system',
          allow: 'true',
          input: { ...PERSON, term: { ref: 'Term' } },
          steps: [{ require: '!row.lessons.exists(l, l.booked)' }, { update: 'row', set: { term: 'input.term' } }, NOTE],
        },
      },
    },
    Lesson: {
      fields: { course: { type: 'ref', entity: 'Course', inverse: 'lessons' }, booked: { type: 'boolean', default: false } },
      access: { read: 'true' },
      actions: {
        bookRequired: { as: 'system', allow: 'true', input: PERSON, steps: [{ require: isOpen }, BOOK, NOTE] },
        bookWhen: { as: 'system', allow: 'true', input: PERSON, steps: [{ ...BOOK, when: isOpen }, NOTE] },
        bookAllowed: { as: 'system', allow: 'course.term.open', input: PERSON, steps: [BOOK, NOTE] },
        bookFound: {
          as: 'system',
          allow: 'true',
          input: PERSON,
          steps: [{ find: 'Lesson', where: 'id == row.id', as: 'lesson' }, { require: 'lesson.course.term.open' }, BOOK, NOTE],
        },
      },
    },
  },
  actions: {
    bookOpen: {
      as: 'system',
      allow: 'true',
      input: { ...PERSON, lesson: { ref: 'Lesson', where: 'course.term.open' } },
      steps: [{ update: 'input.lesson', set: { booked: 'true' } }, NOTE],
    },
    bookListed: {
      as: 'system',
      allow: 'true',
      input: { ...PERSON, course: { ref: 'Course' } },
      steps: [
        { list: 'input.course.lessons', limit: 10, as: 'lessons' },
        { update: 'l', each: 'l in lessons', when: isOpen.replace('row', 'l'), set: { booked: 'true' } },
        NOTE,
      ],
    },
    bookEach: {
      as: 'system',
      allow: 'true',
      input: { ...PERSON, course: { ref: 'Course' } },
      steps: [{ update: 'l', each: 'l in input.course.lessons', when: isOpen.replace('row', 'l'), set: { booked: 'true' } }, NOTE],
    },
  },
}

/** The address of each way to book a lesson. */
const WAYS = {
  bookRequired: (lesson: string) => `lessons/${lesson}/bookRequired`,
  bookWhen: (lesson: string) => `lessons/${lesson}/bookWhen`,
  bookAllowed: (lesson: string) => `lessons/${lesson}/bookAllowed`,
  bookFound: (lesson: string) => `lessons/${lesson}/bookFound`,
  bookOpen: () => 'actions/bookOpen',
  bookEach: () => 'actions/bookEach',
  bookListed: () => 'actions/bookListed',
}

async function openTerms(t: TestContext) {
  const world = await testBackend(t, modelFrom(TERMS))
  const other = await testBackend(t, world.model, { databaseUrl: world.databaseUrl })
  const [person = ''] = await insertRows(world, 'persons', [{ name: 'Ann' }])
  /** A lesson of a course in an open term, a second open term, and a closed one. */
  const newLesson = async () => {
    const [term = '', second = '', closed = ''] = await insertRows(
      world,
      'terms',
      [true, true, false].map((open) => ({ open })),
    )
    const [course = ''] = await insertRows(world, 'courses', [{ term_id: term }])
    const [lesson = ''] = await insertRows(world, 'lessons', [{ course_id: course, booked: false }])
    return { term, second, closed, course, lesson }
  }
  const ask = async (instance: typeof world, path: string, body: object) =>
    (await instance.ask('POST', `/api/${path}`, { body: { person, ...body } })).status
  const bookedInClosed = async (lesson: string) => {
    const found = 'select from lessons l join courses c on c.id = l.course_id join terms t on t.id = c.term_id'
    return (await world.sql(`${found} where l.id = $1 and l.booked and not t.open`, [lesson])).length
  }
  return { world, other, person, newLesson, ask, bookedInClosed }
}

test('a lesson is not booked while its course moves to a closed term', { timeout: 60_000 }, async (t) => {
  const { world, other, person, newLesson, ask, bookedInClosed } = await openTerms(t)
  for (const [way, addressOf] of Object.entries(WAYS)) {
    const { course, lesson, closed } = await newLesson()
    const body = way === 'bookOpen' ? { lesson } : way === 'bookEach' || way === 'bookListed' ? { course } : {}
    let asked: Promise<readonly number[]> = Promise.resolve([])
    // Each of the two waits for the person, when its conditions are judged, or for the other.
    await whileLocked(world, `select from persons where id = '${person}' for update`, {
      waiting: 2,
      begin: () => {
        asked = Promise.all([ask(world, addressOf(lesson), body), ask(other, `courses/${course}/move`, { term: closed })])
      },
    })
    const statuses = await asked
    assert.equal(await bookedInClosed(lesson), 0, `${way}: ${statuses}`)
    const [row] = await world.sql('select l.booked, c.term_id from lessons l join courses c on c.id = l.course_id where l.id = $1', [
      lesson,
    ])
    assert.ok(row?.booked === true || row?.term_id === closed, `${way}: ${statuses}`)
  }
})

test('the term to which a course moves while a booking waits is not closed before the booking ends', { timeout: 60_000 }, async (t) => {
  const { world, other, person, newLesson, ask, bookedInClosed } = await openTerms(t)
  for (const [way, addressOf] of Object.entries(WAYS)) {
    const { course, lesson, second } = await newLesson()
    const body = way === 'bookOpen' ? { lesson } : way === 'bookEach' || way === 'bookListed' ? { course } : {}
    const asked: Promise<number>[] = []
    const moving = `select from courses where id = '${course}' for update; update courses set term_id = '${second}' where id = '${course}'`
    await whileLocked(world, `select from persons where id = '${person}' for update`, {
      waiting: 2,
      begin: async () => {
        await whileLocked(world, moving, {
          waiting: 1,
          begin: () => {
            asked.push(ask(world, addressOf(lesson), body))
          },
        })
        asked.push(ask(other, `terms/${second}/close`, {}))
      },
    })
    const statuses = await Promise.all(asked)
    assert.equal(await bookedInClosed(lesson), 0, `${way}: ${statuses}`)
  }
})
