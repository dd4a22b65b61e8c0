/** The routes that a design adds by code. */

import type { CodeRoutes } from '../../model/address/code-routes.ts'
import type { Design } from '../authoring/design.ts'
import type { Report } from '../findings/report.ts'
import { readReference } from '../language/code-reference.ts'

/** Resolves `routes`. What they declare is known when their code has been called. */
export function resolveRoutes(design: Design['routes'], report: Report): CodeRoutes | null {
  if (design === undefined) return null
  const { run, as = 'caller' } = typeof design === 'object' ? design : { run: design }
  const file = typeof run === 'string' ? run : null
  const reference = file === null ? null : readReference(file)
  if (reference !== null && 'wrong' in reference)
    report.add('PLN-D554', typeof design === 'object' ? ['routes', 'run'] : ['routes'], reference.wrong, 'use a path such as routes.ts')
  return { code: run, file, as, declared: [] }
}
