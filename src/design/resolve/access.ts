/** The access rules of an entity. An operation without a rule is closed. */

import { NEVER } from '../../model/expression.ts'
import type { Access } from '../../model/model.ts'
import type { Expressions } from '../outline/expressions.ts'
import { condition } from '../outline/expressions.ts'
import type { EntityOutline } from '../outline/outline.ts'

/** Compiles the access rules of an entity. Operations without a rule get `NEVER`. */
export function resolveAccess(entity: EntityOutline, expressions: Expressions): Access {
  const access = entity.design.access ?? {}
  const at = [...entity.at, 'access']
  const rule = (operation: 'read' | 'create' | 'delete') => {
    const source = access[operation]
    const place = operation === 'create' ? 'writing' : 'rule'
    return source === undefined ? NEVER : condition(source, { entity: entity.name, place, at: [...at, operation] }, expressions)
  }
  return {
    read: rule('read'),
    create: rule('create'),
    update: updateRules(entity, expressions),
    delete: rule('delete'),
    source: {
      read: shown(access.read),
      create: shown(access.create),
      update: updateSource(access.update),
      delete: shown(access.delete),
    },
  }
}

type AuthoredUpdate = NonNullable<EntityOutline['design']['access']>['update']

/**
 * The rules of an update, about the row before and after the write. A single expression is used for both, as with PostgreSQL's USING and
 * WITH CHECK.
 */
function updateRules(entity: EntityOutline, expressions: Expressions): Access['update'] {
  const update = entity.design.access?.update
  if (update === undefined) return { from: NEVER, to: NEVER }
  const at = [...entity.at, 'access', 'update']
  const standing = { entity: entity.name, place: 'writing' } as const
  if (typeof update === 'string') {
    const rule = condition(update, { ...standing, at }, expressions)
    return { from: rule, to: rule }
  }
  return {
    from: condition(update.from, { ...standing, at: [...at, 'from'] }, expressions),
    to: condition(update.to, { ...standing, at: [...at, 'to'] }, expressions),
  }
}

function updateSource(update: AuthoredUpdate): string | null {
  if (update === undefined || typeof update === 'string') return shown(update)
  return update.from === update.to ? shown(update.from) : `${shown(update.from)} (before), ${shown(update.to)} (after)`
}

/** The source of a rule on one line, for messages. */
function shown(source: string | undefined): string | null {
  return source?.trim().replaceAll(/\s*\n\s*/g, ' ') ?? null
}
