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

test('a new row refers to rows that its caller sees', () => {
  const through = (entity: string, inverse: string) => ({ type: 'ref', entity, inverse, immutable: true })
  const design = {
    name: 'surveys',
    entities: {
      Person: {
        identity: { login: 'email', password: 'password', role: 'role', claims: ['organisation'], takenLogin: 'conflict' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password' },
          role: { type: 'choice', values: ['member', 'analyst', 'support'], default: 'member', write: 'false' },
          organisation: { type: 'ref', entity: 'Organisation', inverse: 'people', optional: true, write: 'false' },
        },
        access: { read: 'true', create: 'true', update: 'id == auth.id', delete: 'auth.role == "support"' },
      },
      Organisation: {
        fields: { name: { type: 'text', max: 50 }, parent: { ...through('Organisation', 'branches'), optional: true } },
        access: { read: 'id == auth.organisation || parent == auth.organisation', create: 'false', update: 'false', delete: 'false' },
      },
      Survey: {
        fields: {
          organisation: { ...through('Organisation', 'surveys'), set: 'auth.organisation' },
          creator: { ...through('Person', 'created'), set: 'auth.id' },
          state: { type: 'choice', values: ['draft', 'open', 'closed'], default: 'draft' },
        },
        access: { read: 'organisation == auth.organisation', create: 'auth.organisation != null', update: 'false', delete: 'false' },
      },
      Question: {
        fields: {
          survey: through('Survey', 'questions'),
          position: { type: 'integer', min: 1, max: 200 },
          kind: { type: 'choice', values: ['single', 'multiple', 'text'], default: 'single' },
        },
        unique: [['survey', 'position']],
        access: { read: 'can("read", survey)', create: 'survey.creator == auth.id', update: 'false', delete: 'false' },
      },
      Option: {
        fields: { question: through('Question', 'options'), label: { type: 'text', max: 50 } },
        unique: [['question', 'label']],
        access: {
          read: 'can("read", question)',
          create: 'question.survey.creator == auth.id && question.kind in ["single", "multiple"]',
          update: 'question.survey.creator == auth.id && question.survey.state == "draft"',
          delete: 'false',
        },
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  const { plans } = casesOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
  const open = plans.flatMap(({ claim, open: values }) => values.map((value) => `${claim.id} ${value}`))
  assert.deepEqual(open, [])
})

test('a check that ties a role to a field hides no role from the search, nor an account that a unique reference could still take', () => {
  const design = {
    name: 'practice',
    entities: {
      Account: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          email: { type: 'email', unique: true },
          insurance: { type: 'text', min: 11, max: 11, optional: true, read: 'id == auth.id' },
          password: { type: 'password', write: 'version == 1 || id == auth.id' },
          role: { type: 'choice', values: ['patient', 'doctor', 'manager'], default: 'patient', write: 'auth.role == "manager"' },
        },
        checks: { insured: { rule: 'insurance == null || role == "patient"', message: 'only patients are insured' } },
        access: { create: 'true', read: 'id == auth.id || auth.role == "manager"', update: 'id == auth.id', delete: 'false' },
      },
      Doctor: {
        fields: { account: { type: 'ref', entity: 'Account', inverse: 'profiles', unique: true } },
        access: { read: 'true', create: 'auth.role == "manager" && account.role == "doctor"', update: 'false', delete: 'false' },
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  const { plans } = casesOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
  assert.deepEqual(
    plans.flatMap(({ claim, open }) => open.map((value) => `${claim.id} ${value}`)),
    [],
  )
})

test('a unique field with few values leaves some for creates', () => {
  const design = {
    name: 'parking',
    entities: {
      Account: {
        identity: { login: 'email', password: 'password', role: 'role' },
        fields: {
          email: { type: 'email', unique: true },
          password: { type: 'password', write: 'version == 1 || id == auth.id' },
          role: { type: 'choice', values: ['citizen', 'head'], default: 'citizen', write: 'false' },
        },
        access: { read: 'id == auth.id', create: 'true', update: 'id == auth.id', delete: 'false' },
      },
      District: {
        fields: { code: { type: 'text', pattern: '^[A-F]$', unique: true }, quota: { type: 'integer', min: 0 } },
        access: { read: 'true', create: 'auth.role == "head"', update: 'auth.role == "head"', delete: 'false' },
      },
      Permit: {
        fields: {
          district: { type: 'ref', entity: 'District', inverse: 'permits' },
          citizen: { type: 'ref', entity: 'Account', inverse: 'permits', set: 'auth.id' },
        },
        access: { read: 'district.quota > 3 || citizen == auth.id', create: 'district.code != "B"', update: 'false', delete: 'false' },
      },
    },
  } as unknown as WrittenDesign
  const { model, diagnostics } = resolveDesign(design, NO_SOURCE)
  const { plans, values } = casesOf(design, model ?? assert.fail(JSON.stringify(diagnostics)), 'hash')
  const open = [...plans.map((one) => ({ id: one.claim.id, open: one.open })), ...values].filter((one) => one.open.length > 0)
  assert.deepEqual(
    open.filter(({ id }) => id.includes('District')),
    [],
  )
})
