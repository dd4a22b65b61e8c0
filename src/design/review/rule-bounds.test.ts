import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compilePredicate } from '../expression/compile.ts'
import type { FieldShape, Shape } from '../expression/shape.ts'
import { anonymousMayPass, everyoneSignedInPasses, othersMayUpdate, passesOnlyByAbsence, signedInMayPass } from './rule-bounds.ts'

const text = { scalar: 'text', list: false } as const
const field = (optional: boolean): FieldShape => ({ kind: 'value', type: text, optional, choices: null })
const shape: Shape = {
  entities: new Map([
    [
      'Post',
      {
        name: 'Post',
        fields: new Map<string, FieldShape>([
          ['id', field(false)],
          ['title', field(false)],
          ['version', { kind: 'value', type: { scalar: 'integer', list: false }, optional: false, choices: null }],
          ['note', field(true)],
          ['parent', { kind: 'ref', entity: 'Post', type: text, optional: true }],
          ['tags', { kind: 'value', type: { scalar: 'text', list: true }, optional: false, choices: null }],
        ]),
        relations: new Map([['children', { entity: 'Post', via: 'parent' }]]),
      },
    ],
  ]),
  claims: new Map([
    ['id', text],
    ['role', text],
  ]),
  rules: new Map(),
}

function rule(source: string) {
  const compiled = compilePredicate(source, { shape, entity: 'Post', input: false, relations: true, auth: true, clock: true })
  if (!compiled.ok) throw new Error(`${source}: ${compiled.problems[0]?.message}`)
  return compiled.value
}

test('rules that an anonymous caller may satisfy are distinguished from rules that they cannot satisfy', () => {
  for (const open of [
    'true',
    'title == "x"',
    'auth.id == null',
    'auth.id == null || auth.role != "x"',
    'title == "x" || id == auth.id',
    'parent == null',
    'children.exists(c, c.title == "x")',
    'children.all(c, c.id == auth.id)',
  ]) {
    assert.equal(anonymousMayPass(rule(open)), true, open)
  }
  for (const closed of [
    'false',
    'auth.id != null',
    'id == auth.id',
    'auth.role in ["a"]',
    '!(id == auth.id)',
    'auth.id in tags',
    'title == "x" && auth.role == "a"',
    'children.exists(c, c.id == auth.id)',
    'auth.id != null ? true : false',
    'auth.role.startsWith("a")',
  ]) {
    assert.equal(anonymousMayPass(rule(closed)), false, closed)
  }
})

test('a rule that would be open only because something is missing is found', () => {
  for (const trap of [
    'auth.role != "banned"',
    '!(auth.role == "banned")',
    'id != auth.id',
    '!(auth.role in ["banned"])',
    'title == "x" && auth.id != id',
    '!auth.role.startsWith("x")',
    'children.exists(c, c.id != auth.id)',
  ]) {
    assert.equal(passesOnlyByAbsence(rule(trap)), true, trap)
  }
  for (const fine of [
    'auth.id != null && auth.role != "banned"',
    'auth.id == null || auth.role != "banned"',
    'auth.id != null',
    'true',
    'id == auth.id',
    'auth.role == "admin"',
  ]) {
    assert.equal(passesOnlyByAbsence(rule(fine)), false, fine)
  }
})

test('rules that every signed-in caller satisfies are distinguished from rules that ask for more', () => {
  for (const open of ['true', 'auth.id != null', 'auth.id != null || title == "x"', '!(auth.id == null)']) {
    assert.equal(everyoneSignedInPasses(rule(open), 'any-row'), true, open)
  }
  for (const own of ['id == auth.id', 'auth.id == id || auth.role == "admin"', 'auth.id != null && id == auth.id']) {
    assert.equal(everyoneSignedInPasses(rule(own), 'any-row'), false, own)
    assert.equal(everyoneSignedInPasses(rule(own), 'own-row'), true, own)
  }
  for (const more of [
    'auth.role == "admin"',
    'id == auth.id && auth.role == "admin"',
    'parent.id == auth.id',
    'id != auth.id',
    'auth.role in ["a"]',
    'children.exists(c, c.id == auth.id)',
    'false',
  ]) {
    assert.equal(everyoneSignedInPasses(rule(more), 'own-row'), false, more)
  }
  assert.equal(signedInMayPass(rule('id != auth.id'), 'own-row'), false)
  assert.equal(signedInMayPass(rule('auth.role == "admin"'), 'own-row'), false)
  assert.equal(signedInMayPass(rule('auth.role != "banned"'), 'own-row'), true)
  assert.equal(signedInMayPass(rule('title == "x"'), 'own-row'), true)
})

test('updates that other accounts may do are distinguished from updates of the account itself', () => {
  const may = (...sources: readonly string[]) => othersMayUpdate(sources.map(rule))
  for (const open of [
    ['true'],
    ['auth.id != null'],
    ['auth.role == "admin"'],
    ['id == auth.id || auth.role in ["admin"]'],
    ['id == auth.id || auth.role != "banned"'],
    ['id != auth.id'],
    ['parent.id == auth.id'],
    ['auth.id in tags'],
    ['true', 'auth.id == null || id == auth.id'],
    ['true', 'version == 2 || id == auth.id'],
    ['true', 'parent.version == 1 || id == auth.id'],
    ['true', 'version != 1'],
  ])
    assert.equal(may(...open), true, open.join(' and '))
  for (const closed of [
    ['false'],
    ['id == auth.id'],
    ['auth.id != null && auth.id == id'],
    ['auth.role == "admin" && id == auth.id'],
    ['true', 'id == auth.id'],
    ['id == auth.id || auth.role == "admin"', 'auth.id == null || id == auth.id'],
    ['auth.id != null', 'auth.id == null'],
    ['true', 'version == 1 || id == auth.id'],
    ['true', '1 == version'],
    ['true', '!(version == 1) ? id == auth.id : true'],
  ])
    assert.equal(may(...closed), false, closed.join(' and '))
})
