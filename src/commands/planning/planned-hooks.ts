/** The hooks of a plan. */

import type { Model } from '../../model/model.ts'
import { columns, seconds } from '../terminal/layout.ts'

/** A hook. */
export interface PlannedHook {
  /** `Note.beforeCreate`. */
  readonly hook: string
  /** The path of the code; null for a function in the design. */
  readonly path: string | null
  readonly as: 'caller' | 'system'
  readonly withinMs: number
  /** Whether the code exists. Until then the operation answers 501. */
  readonly written: boolean
}

/** The hooks of a model, in its order. */
export function plannedHooks({ entities }: Model): readonly PlannedHook[] {
  return entities.flatMap(({ name, hooks }) =>
    hooks.map(({ moment, path, as, withinMs, code }) => ({
      hook: `${name}.${moment}`,
      path,
      as,
      withinMs,
      written: typeof code !== 'string',
    })),
  )
}

/** Each hook: its code, its rights and its time. */
export function hookLines(hooks: readonly PlannedHook[], heading: string): readonly string[] {
  if (hooks.length === 0) return []
  const rows = hooks.map(({ hook, path, as, withinMs, written }) => [
    hook,
    `${path ?? 'a function of the design'}${written ? '' : ', not written yet'}`,
    `within ${seconds(withinMs)}`,
    as === 'system' ? 'AS SYSTEM' : '',
  ])
  return [heading, ...columns(rows, '  ')]
}
