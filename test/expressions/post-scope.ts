/** A model with posts and users, for tests of the expression compiler. */

import assert from 'node:assert/strict'
import { compilePredicate } from '../../src/design/expression/compile.ts'
import type { ExpressionScope } from '../../src/design/expression/scope.ts'
import type { Predicate } from '../../src/model/expression.ts'
import { type ModelSpec, shapeOfSpec } from './model-of.ts'

const SPEC: ModelSpec = {
  identity: 'User',
  claims: { id: 'id', role: 'role' },
  rules: { staff: 'auth.role in ["admin", "moderator"]', round: 'about', about: 'round', typo: 'publishd' },
  entities: {
    User: {
      fields: {
        name: 'text',
        email: 'email',
        password: 'password',
        role: 'choice user moderator admin',
        level: 'integer?',
        score: 'number?',
      },
    },
    Post: {
      fields: {
        title: 'text',
        tags: 'list text',
        published: 'boolean',
        price: 'decimal?',
        day: 'date?',
        hour: 'time?',
        at: 'timestamp?',
        span: 'duration?',
        extra: 'json?',
        author: 'ref User posts',
        parent: 'ref? Post children',
      },
    },
  },
}

/** The scope of a rule on writing posts, in which all names are allowed. */
export const SCOPE: ExpressionScope = { shape: shapeOfSpec(SPEC), entity: 'Post', input: true, relations: true, auth: true, clock: true }

/** The problems of a condition, one per line. */
export function problemsOf(source: string, scope: ExpressionScope = SCOPE): readonly string[] {
  const compiled = compilePredicate(source, scope)
  if (compiled.ok) return []
  return compiled.problems.map((p) => `${p.code} ${p.line}:${p.column} ${p.message}${p.hint === undefined ? '' : `; ${p.hint}`}`)
}

/** The condition; the test fails when it has problems. */
export function compiled(source: string, scope: ExpressionScope = SCOPE): Predicate {
  const result = compilePredicate(source, scope)
  assert.ok(result.ok, `${source}: ${problemsOf(source, scope).join(' | ')}`)
  return result.value
}
