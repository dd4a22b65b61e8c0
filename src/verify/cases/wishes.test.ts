import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NO_SOURCE } from '../../design/findings/source.ts'
import { resolveDesign } from '../../design/resolve/resolve.ts'
import type { WrittenDesign } from '../expected/written-design.ts'
import { casesOf } from './cases-of.ts'

const EVERYBODY = { read: 'true', create: 'auth.role == "head"', update: 'false', delete: 'false' }

/** Marks that the guardians of a pupil may read, once they are visible: four entities and eight values away from the caller. */
const SCHOOL = {
  name: 'school',
  entities: {
    Member: {
      identity: { login: 'login', password: 'password', role: 'role', takenLogin: 'conflict' },
      fields: {
        login: { type: 'text', max: 40, unique: true },
        password: { type: 'password' },
        role: { type: 'choice', values: ['guardian', 'teacher', 'office', 'head'], default: 'guardian', write: 'auth.role == "head"' },
      },
      access: { ...EVERYBODY, create: 'true' },
    },
    Pupil: { fields: { name: { type: 'text' } }, access: EVERYBODY },
    Guardian: {
      fields: {
        pupil: { type: 'ref', entity: 'Pupil', inverse: 'guardians', immutable: true },
        member: { type: 'ref', entity: 'Member', inverse: 'wards', immutable: true },
      },
      unique: [['pupil', 'member']],
      access: EVERYBODY,
    },
    Course: {
      fields: {
        term: { type: 'text' },
        title: { type: 'text' },
        teacher: { type: 'ref', entity: 'Member', inverse: 'courses' },
        starts: { type: 'date' },
        ends: { type: 'date' },
        lasts: { type: 'timestamp' },
        until: { type: 'timestamp' },
        state: { type: 'choice', values: ['planned', 'running', 'finished'], default: 'planned' },
      },
      unique: [['term', 'title']],
      checks: {
        order: { rule: 'ends > starts', message: 'ends after it starts' },
        short: { rule: 'until > lasts && until - lasts <= duration("4h")', message: 'lasts four hours at most' },
      },
      access: { ...EVERYBODY, create: 'auth.role in ["office", "head"]' },
    },
    Mark: {
      fields: {
        course: { type: 'ref', entity: 'Course', inverse: 'marks', immutable: true },
        pupil: { type: 'ref', entity: 'Pupil', inverse: 'marks', immutable: true },
        visible: { type: 'boolean', default: false },
        remark: { type: 'text', optional: true, write: 'course.teacher == auth.id', read: 'course.state == "finished"' },
      },
      access: {
        read: 'course.teacher == auth.id || auth.role == "head" || (visible && pupil.guardians.exists(g, g.member == auth.id))',
        create: 'auth.role == "office" || (course.teacher == auth.id && course.state == "running")',
        update: 'pupil.guardians.exists(g, g.member == auth.id) && course.state != "finished"',
        delete: 'auth.role == "head" && !visible',
      },
    },
  },
} as unknown as WrittenDesign

const { model, diagnostics } = resolveDesign(SCHOOL, NO_SOURCE)
const { plans, cases } = casesOf(SCHOOL, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')

test('rows are made for what the ordinary rows do not show: values behind several references and relations', () => {
  assert.deepEqual(
    plans.filter(({ open }) => open.length > 0).map(({ claim, open }) => [claim.id, open]),
    [],
  )
  const read = plans.find(({ claim }) => claim.id === 'access/Mark.read') ?? assert.fail()
  assert.ok(read.reached.includes('pupil.guardians.exists(g,g.member==auth.id)/true'))
  assert.ok(read.reached.includes('visible/false'))
})

test('what no rows show is unreachable also behind relations: a caller who is nobody is no guardian', () => {
  const update = plans.find(({ claim }) => claim.id === 'access/Mark.update.from') ?? assert.fail()
  assert.deepEqual(update.unreachable, ['pupil.guardians.exists(g,g.member==auth.id)/unknown'])
})

test('a new row has no value that its caller may not set, and other values where they must be unique together', () => {
  const bodies = (entity: string) =>
    cases.flatMap(({ name, request }) =>
      request.kind === 'create' && request.entity === entity ? [{ name, body: request.rows[0] ?? {} }] : [],
    )
  const byOffice = bodies('Mark').filter(({ name }) => name.startsWith('access/Mark.create/auth.role=="office"/true'))
  assert.ok(byOffice.length > 0)
  for (const { body } of byOffice) assert.ok(!Object.hasOwn(body, 'remark'))
  assert.ok(bodies('Course').some(({ name }) => name.startsWith('access/Course.create/auth.role=="office"/true')))
})
