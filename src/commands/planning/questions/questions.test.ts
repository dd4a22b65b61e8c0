import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readDesignText } from '../../../design/read/read.ts'
import { resolveDesign } from '../../../design/resolve/resolve.ts'
import { AT_A_TIME, questionLines, questionsOf } from './questions.ts'

function asked(text: string): ReturnType<typeof questionsOf> {
  const read = readDesignText(text, 'design.yaml')
  assert.ok(read.ok)
  const { model, diagnostics } = resolveDesign(read.design, read.source)
  return questionsOf(model ?? assert.fail(JSON.stringify(diagnostics)))
}

const CLINIC = `
name: clinic
entities:
  Account:
    identity: { login: email, password: password, role: role }
    fields:
      email: { type: email, unique: true, private: true, read: id == auth.id }
      password: { type: password }
      role: { type: choice, values: [patient, desk, admin], default: patient, write: 'false' }
    access: { read: id == auth.id, create: 'true', update: id == auth.id, delete: 'false' }
  Visit:
    fields: { patient: { type: ref, entity: Account, inverse: visits, set: auth.id }, startsAt: { type: timestamp } }
    access: { create: auth.id != null, update: 'false' }
  Room: { fields: { name: { type: text, max: 20 } } }
targets: { rows: { Visit: 200000 } }
requirements:
  R1: { text: Some see rooms., by: open, question: { ask: Who sees rooms?, options: ['nobody', 'all'] } }
  R2: { text: Doctors see visits., by: Visit.access.create, question: { ask: Which visits do doctors see?, options: ['none', 'their own', 'all'], taken: 2 } }
`

test('questions of requirements come first, by the rows that they are about, and then operations without a rule', () => {
  assert.deepEqual(
    asked(CLINIC).map(({ id, recommended, impact }) => `${id} ${recommended} ${impact}`),
    [
      'R2 2 200,000 rows of Visit',
      'R1 1 nothing meets it yet',
      'Room.read 1 5 fields',
      'Visit.read 1 200,000 rows',
      'Room.create 1 5 fields',
      'Room.update 1 5 fields',
      'Room.delete 1 5 fields',
      'Visit.delete 1 200,000 rows',
    ],
  )
})

test('each question has two to five answers, and the recommended one of a rule lets nobody in', () => {
  for (const { options, recommended, id } of asked(CLINIC)) {
    assert.ok(options.length >= 2 && options.length <= 5, id)
    if (!id.startsWith('R')) assert.deepEqual(options[recommended - 1], { says: 'nobody', rule: 'false' })
  }
  const visits = asked(CLINIC).find(({ id }) => id === 'Visit.read')
  assert.deepEqual(
    visits?.options.map(({ rule }) => rule),
    ['false', 'patient == auth.id', 'auth.role == "admin"', 'auth.id != null', 'true'],
  )
})

test('each answer that is a rule can be written where it belongs', () => {
  for (const { options, where, id } of asked(CLINIC).filter((one) => !one.id.startsWith('R')))
    for (const { rule } of options) {
      const [, entity = '', , operation = ''] = where.split('.')
      const read = readDesignText(CLINIC, 'design.yaml')
      assert.ok(read.ok)
      const design = structuredClone(read.design) as { entities: Record<string, { access?: Record<string, string> }> }
      design.entities[entity] = { ...design.entities[entity], access: { ...design.entities[entity]?.access, [operation]: rule ?? '' } }
      const { diagnostics } = resolveDesign(design, read.source)
      assert.deepEqual(
        diagnostics.filter(({ severity }) => severity === 'error'),
        [],
        `${id}: ${rule}`,
      )
    }
})

test('at most five are asked at a time, and a design that leaves nothing open asks nothing', () => {
  const lines = questionLines(asked(CLINIC), (title) => title)
  assert.equal(lines.filter((line) => /^ {2}\S/.test(line)).length, AT_A_TIME)
  assert.match(lines[0] ?? '', /^Questions \(5 of 8;/)
  assert.deepEqual(
    questionLines([], (title) => title),
    [],
  )
})
