/** F103: an Idempotency-Key belongs to one row, so the delete of another row with the same key deletes that one too. */

import { randomUUID } from 'node:crypto'
import type { Entity } from '../../../model/model.ts'
import { deletableTogether, keptRows } from '../../cases/placed/rows-together.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SecurityProbe } from '../probes.ts'

/** The probe of an entity; none where no caller can delete two rows. */
export function keysOfRows(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const together = deletableTogether(asking, entity, 2)
  if (together === null) return []
  const { user } = together
  const sent = together.requests.map((one) => one.sent)
  return [
    {
      goal: 'same-key-another-row',
      user,
      async ask(tools) {
        const [headers, token] = [{ 'idempotency-key': randomUUID() }, tools.tokenOf(user)]
        const answers = []
        for (const one of sent) answers.push(await tools.send({ ...one, headers: { ...one.headers, ...headers }, token }))
        const odd = answers.find(({ status, headers: own }) => status !== 204 || own['idempotency-replayed'] !== undefined)
        const answer = odd ?? answers.at(-1) ?? { status: 0, headers: {}, text: '', json: undefined }
        const wrong = odd === undefined ? null : `status ${odd.status}${odd.status === 204 ? ', replayed from another row' : ''}`
        return {
          wrong,
          statuses: [204],
          why: 'a key is that of one request to one row',
          sent: sent.at(-1) ?? { method: 'DELETE', url: '/' },
          answer,
        }
      },
      rows: (_, after) => keptRows(entity, together, after),
    },
  ]
}
