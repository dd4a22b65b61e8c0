/** The type of the plugin that adds routes. */

import type { Model } from '../../model/model.ts'

/** The lines that declare `Routes`; none without routes. */
export function routesType({ routes, httpServices }: Model): readonly string[] {
  if (routes === null) return []
  const db = routes.as === 'system' ? 'Tables & { readonly system: SystemTables }' : 'Tables'
  return [
    '/** The plugin of routes. */',
    `export type Routes = RoutesPlugin<${db}, Caller${httpServices.length === 0 ? '' : ', Services'}>`,
    '',
  ]
}
