/** F206 and F208 for requests with several parts: what the rules refuse is refused at each place, beside writes that they allow. */

import { isDeepStrictEqual } from 'node:util'
import { type Entity, hasHooksFor } from '../../../model/model.ts'
import { placedWrites } from '../../cases/placed/placed-writes.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { requestsOf, type UsualRequest } from '../../cases/usual-request.ts'
import type { AllRows, ReferenceBackend } from '../../expected/reference.ts'
import { answersAlike } from '../../expected/written-design.ts'
import type { SentWrite } from '../../requests/writes-together.ts'
import { isRefusedAnswer, type SecurityProbe } from '../probes.ts'

const STATUSES = [401, 403, 404]

/** One probe for each kind of write that is refused to an account, or to an anonymous caller. */
export function refusedParts(asking: PlannedWorld, entity: Entity, who: 'account' | 'anonymous'): readonly SecurityProbe[] {
  return (['create', 'update', 'delete'] as const).flatMap((verb): readonly SecurityProbe[] => {
    const isHidden = verb === 'create' && answersAlike(asking.reference.design.entities[entity.name])
    const refused = isHidden || hasHooksFor(entity.hooks, verb) ? null : refusedWrite(asking, entity, { verb, who })
    return refused === null ? [] : [probeOf(asking, refused, who)]
  })
}

/** One of a row that the caller may read, if there is one: it is refused for nothing else. */
function refusedWrite(
  asking: PlannedWorld,
  entity: Entity,
  { verb, who }: { readonly verb: SentWrite['kind']; readonly who: 'account' | 'anonymous' },
): UsualRequest | null {
  const all = [...requestsOf(asking, entity, verb)].filter(
    ({ user, request, expected }) =>
      request.kind === verb && (user === null) === (who === 'anonymous') && expected.every((status) => STATUSES.includes(status)),
  )
  const shown = all.find(({ expected }) => !expected.includes(404))
  return shown ?? all[0] ?? null
}

function probeOf(asking: PlannedWorld, { user, request }: UsualRequest, who: string): SecurityProbe {
  const write = request as SentWrite
  const places = placedWrites(asking, { user, write })
  const goal = `parts/${write.kind}/${who}`
  return {
    goal,
    goals: places.map(({ place }) => `${goal}-${place}`),
    user,
    async ask(tools) {
      const outcome = { statuses: STATUSES, why: 'the rules refuse this write, whatever stands beside it' }
      let last = { sent: places[0].sent, answer: await tools.send({ ...places[0].sent, token: tools.tokenOf(user) }) }
      for (const { place, sent } of places) {
        const answer = await tools.send({ ...sent, token: tools.tokenOf(user) })
        last = { sent, answer }
        if (!isRefusedAnswer(sent, answer))
          return { ...outcome, ...last, wrong: `${place}: status ${answer.status}: ${answer.text.slice(0, 200)}` }
      }
      return { ...outcome, ...last, wrong: null }
    },
    // What stands beside it in a document is done.
    rows: (now, after) => doneTo(now, after, write),
  }
}

/** Whether a refused write was done: its row is another one, or other rows are there. */
function doneTo(now: ReferenceBackend, after: AllRows, write: SentWrite): string | null {
  const ids = (rows: AllRows): readonly string[] => [...rows].flatMap(([name, all]) => all.map(({ id }) => `${name} ${id}`)).sort()
  if (!isDeepStrictEqual(ids(now.rows()), ids(after))) return 'a row was made or deleted'
  if (write.kind === 'create') return null
  const row = (after.get(write.entity) ?? []).find(({ id }) => String(id) === write.id)
  return isDeepStrictEqual(row, now.find(write.entity, write.id)) ? null : 'the row was changed'
}
