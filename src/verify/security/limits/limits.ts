/** The limits of requests that the documents promise, each from both sides (OWASP API4). */

import type { PlannedFamily } from '../../cases/family-plan.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestAnswered } from '../../cases/usual-request.ts'
import { familyOf } from '../probes.ts'
import { bodyLimits } from './body-limits.ts'
import { documentLimits } from './document-limits.ts'
import { limitProbe } from './limit-probe.ts'
import { listLimits } from './list-limits.ts'

/** The claim about limits. They do not depend on the entity, so one that can be listed, and created if there is one, is enough. */
export function requestLimits(asking: PlannedWorld): PlannedFamily {
  const { entities, identity } = asking.reference.model
  const listed = entities.filter((entity) => requestAnswered(asking, { entity, verb: 'list', statuses: [200] }) !== null)
  const written = listed.filter(
    (entity) => entity.name !== identity?.entity && requestAnswered(asking, { entity, verb: 'create', statuses: [201] }) !== null,
  )
  const entity = written[0] ?? listed[0]
  const limits =
    entity === undefined ? [] : [...bodyLimits(asking, entity), ...listLimits(asking, entity), ...documentLimits(asking, entity)]
  return familyOf(
    {
      of: 'limits',
      entity: null,
      claim: 'Each request stays within the limits that the documents name (OWASP API4).',
      text: `${limits.length} limits of bodies, lists and documents: what reaches a limit is not refused for it, and one more is`,
      oracle: 'the table of limits in the documents',
    },
    limits.map(limitProbe),
  )
}
