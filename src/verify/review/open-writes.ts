/** Writes that a design leaves open to everybody. */

import type { Predicate } from '../../model/expression.ts'
import type { Entity, Model } from '../../model/model.ts'
import type { ReviewFinding } from './code-review.ts'

const WRITES = ['create', 'update', 'delete'] as const

/**
 * The entities whose rows everybody may write, also who is not signed in. Creating an account is meant so, and a design without accounts
 * can tell nobody apart.
 */
export function openWrites({ entities, identity }: Model): readonly ReviewFinding[] {
  if (identity === null) return []
  return entities.flatMap((entity): readonly ReviewFinding[] => {
    const open = WRITES.filter((write) => !(write === 'create' && entity.name === identity.entity) && isOpen(entity, write))
    if (open.length === 0) return []
    return [
      {
        check: 'plan',
        name: 'open-writes',
        level: 'warning',
        path: `entities.${entity.name}.access`,
        file: null,
        line: null,
        what: `Everybody may ${open.join(' and ')} each ${entity.name}, also callers who are not signed in.`,
        fix: 'Say in the rule who may: `auth.id != null` for everybody with an account, `author == auth.id` for the owner, or a role.',
      },
    ]
  })
}

function isOpen({ access }: Entity, write: (typeof WRITES)[number]): boolean {
  if (write === 'update') return isTrue(access.update.from) && isTrue(access.update.to)
  return isTrue(access[write])
}

function isTrue(rule: Predicate): boolean {
  return rule.kind === 'const' && rule.value === true
}
