/** Resolves which ways into the backend the design leaves open. */

import { SERVED, type Served } from '../../model/address/served.ts'
import type { ServeDesign } from '../authoring/endpoint-design.ts'
import type { Report } from '../findings/report.ts'

/** The first segments of addresses that stay where they are. */
const TAKEN: ReadonlySet<string> = new Set(['/.well-known', '/docs', '/graphql', '/health', '/openapi.json'])

/** What is served. A prefix that other addresses have is reported. */
export function resolveServe({ rest = true, graphql = true }: ServeDesign, report: Report): Served {
  if (typeof rest === 'string' && TAKEN.has(rest))
    report.add('PLN-D202', ['serve', 'rest'], `${rest} is taken by Plinth`, 'choose another segment, such as /v2')
  return { rest: rest === true ? SERVED.rest : rest === false ? null : rest, graphql }
}
