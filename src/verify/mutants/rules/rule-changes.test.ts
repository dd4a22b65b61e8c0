import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Predicate, rootRow, scalarType, type Term } from '../../../model/expression.ts'
import { ruleChanges } from './rule-changes.ts'
import { conditionText } from './rule-text.ts'

const text = scalarType('text')
const published: Predicate = { kind: 'truth', of: { kind: 'field', type: scalarType('boolean'), row: rootRow('Post'), field: 'published' } }
const version: Term = { kind: 'field', type: scalarType('integer'), row: rootRow('Post'), field: 'version' }
const first: Predicate = { kind: 'compare', op: '=', left: version, right: { kind: 'literal', type: scalarType('integer'), value: 1 } }
const role: Term = { kind: 'auth', type: text, claim: 'role' }
const admin: Predicate = { kind: 'compare', op: '=', left: role, right: { kind: 'literal', type: text, value: 'admin' } }
const ROLES = ['user', 'moderator', 'admin']

function changes(rule: Predicate): readonly string[] {
  const choicesOf = (term: Term): readonly string[] => (term === role ? ROLES : [])
  return ruleChanges(rule, choicesOf).map(({ kind, rule: changed }) => `${kind}: ${conditionText(changed) ?? changed.kind}`)
}

test('each condition of a rule is left out, negated and taken as true where a value is missing', () => {
  assert.deepEqual(changes({ kind: 'any', of: [published, admin] }), [
    'and-or-swapped: (published && auth.role == "admin")',
    'atom-dropped: (false || auth.role == "admin")',
    'atom-negated: (!(published) || auth.role == "admin")',
    'missing-is-true: any',
    'atom-dropped: (published || false)',
    'atom-negated: (published || !(auth.role == "admin"))',
    'missing-is-true: any',
    'choice-swapped: (published || auth.role == "user")',
    'choice-swapped: (published || auth.role == "moderator")',
  ])
})

test('a number is moved by one, and its comparison weakened', () => {
  const found = changes(first)
  assert.ok(found.includes('constant-moved: version == 2'))
  assert.ok(found.includes('constant-moved: version == 0'))
  assert.ok(found.includes('comparison-turned: version <= 1'))
  assert.ok(found.includes('comparison-turned: version >= 1'))
  assert.ok(found.includes('atom-dropped: true'))
})

test('each item of a list is left out and becomes each value that is not there', () => {
  const list: Term = { kind: 'literal', type: { scalar: 'text', list: true }, value: ['moderator', 'admin'] }
  const found = changes({ kind: 'member', of: role, list })
  assert.ok(found.includes('atom-dropped: auth.role in ["admin"]'))
  assert.ok(found.includes('choice-swapped: auth.role in ["user", "admin"]'))
  assert.ok(found.includes('choice-swapped: auth.role in ["moderator", "user"]'))
})

test('a constant rule has no defects', () => {
  assert.deepEqual(changes({ kind: 'const', value: true }), [])
})
