/** The routes of a plan that the code of the design adds. */

import type { Model } from '../../model/model.ts'
import { columns } from '../terminal/layout.ts'

/** A route. */
export interface PlannedRoute {
  readonly methods: readonly string[]
  readonly path: string
  /** Whether the OpenAPI document describes it. */
  readonly documented: boolean
  readonly as: 'caller' | 'system'
}

/** The routes of a model, as the plugin adds them. */
export function plannedRoutes({ routes }: Model): readonly PlannedRoute[] {
  if (routes === null) return []
  const { declared, as } = routes
  return declared.map(({ methods, path, schema }) => ({ methods, path, documented: schema !== null && schema.hide !== true, as }))
}

/** Each route: its methods, its path and its rights. */
export function routeLines(routes: readonly PlannedRoute[], heading: string): readonly string[] {
  if (routes.length === 0) return []
  const rows = routes.map(({ methods, path, documented, as }) => [
    methods.join(', '),
    path,
    documented ? '' : 'not in the OpenAPI document',
    as === 'system' ? 'AS SYSTEM' : '',
  ])
  return [heading, ...columns(rows, '  ')]
}
