import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Requirement, requirementsAbout } from './requirement.ts'

function requirement(id: string, ...paths: readonly (readonly (string | number)[])[]): Requirement {
  const by = paths.map((path) => ({ kind: 'design' as const, name: path.join('.'), path }))
  return { id, text: id, source: null, status: 'met', by, because: null, offer: null, assumed: null, question: null }
}

const VISIT = ['entities', 'Visit']

test('a requirement is about the part that it names, what is in it, and what it is in', () => {
  const about = requirementsAbout([
    requirement('rule', [...VISIT, 'access', 'read']),
    requirement('rules', [...VISIT, 'access']),
    requirement('condition', [...VISIT, 'actions', 'move', 'allow']),
  ])
  assert.deepEqual(about([...VISIT, 'access', 'read']), ['rule', 'rules'])
  assert.deepEqual(about([...VISIT, 'access', 'delete']), ['rules'])
  assert.deepEqual(about([...VISIT, 'actions', 'move']), ['condition'])
  assert.deepEqual(about([...VISIT, 'actions', 'stop']), [])
})

test('an entity says nothing about its rules, and neither do all actions', () => {
  const about = requirementsAbout([requirement('entity', VISIT), requirement('actions', ['actions']), requirement('all', ['entities'])])
  assert.deepEqual(about([...VISIT, 'access', 'read']), [])
  assert.deepEqual(about(['actions', 'tidy']), [])
  assert.deepEqual(requirementsAbout([requirement('one', ['actions', 'tidy'])])(['actions', 'tidy']), ['one'])
  assert.deepEqual(requirementsAbout([requirement('flow', ['workflows', 'visiting'])])(['workflows', 'visiting', 'transitions', 'miss']), [
    'flow',
  ])
})

test('names with signs of paths in them are not confused', () => {
  const about = requirementsAbout([requirement('one', ['actions', 'a.b'])])
  assert.deepEqual(about(['actions', 'a', 'b']), [])
})
