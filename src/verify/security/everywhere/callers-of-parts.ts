/** F205 for requests with several parts: the caller is the same in each of them. */

import { type Entity, hasHooksFor } from '../../../model/model.ts'
import { takeNewRows } from '../../cases/placed/new-rows.ts'
import { isDone, type PlacedWrite, placedWrites } from '../../cases/placed/placed-writes.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { isUnforeseen } from '../../cases/unforeseen.ts'
import { endsCaller, requestsOf } from '../../cases/usual-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { expectationOf } from '../../expected/expectation.ts'
import type { ReferenceBackend } from '../../expected/reference.ts'
import { answersAlike } from '../../expected/written-design.ts'
import type { SentWrite } from '../../requests/writes-together.ts'
import type { SecurityProbe } from '../probes.ts'

const WHY = 'the caller may do this, and is the same in each part of a request'

/** A write that its caller may do, and an anonymous caller may not. */
interface OwnWrite {
  readonly user: string
  readonly write: SentWrite
}

/** One probe for each kind of write: alone, in transactions and in documents, at each place among other writes. */
export function callersOfParts(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  return (['create', 'update', 'delete'] as const).flatMap((verb): readonly SecurityProbe[] => {
    const own = hasHooksFor(entity.hooks, verb) ? null : ownWrite(asking, entity, verb)
    return own === null ? [] : [probeOf(asking, entity, own)]
  })
}

/** One that no other account may do either, if there is one. */
function ownWrite(asking: PlannedWorld, entity: Entity, verb: SentWrite['kind']): OwnWrite | null {
  const { reference, world } = asking
  if (verb === 'create' && answersAlike(reference.design.entities[entity.name])) return null
  const isRefusedTo = (user: string | null, write: SentWrite): boolean =>
    expectationOf(reference, user, write).statuses.every((status) => status >= 400)
  let found: OwnWrite | null = null
  for (const { user, request, expected } of requestsOf(asking, entity, verb)) {
    const isOwn = user !== null && request.kind === verb && expected.every((status) => status < 300)
    if (!isOwn || isUnforeseen(reference, { user, request, api: 'rest' }) || endsCaller(asking, { user, request })) continue
    const write = request as SentWrite
    if (!isRefusedTo(null, write)) continue
    if (world.accounts.some((other) => isRefusedTo(other, write))) return { user, write }
    found ??= { user, write }
  }
  return found
}

function probeOf(asking: PlannedWorld, entity: Entity, own: OwnWrite): SecurityProbe {
  const { user, write } = own
  const places = placedWrites(asking, own)
  const goal = `parts/${write.kind}`
  return {
    goal,
    goals: places.map(({ place }) => `${goal}-${place}`),
    user,
    async ask(tools) {
      const token = tools.tokenOf(user)
      const ask = async ({ place, sent }: PlacedWrite): Promise<Told> => {
        const answer = await tools.send({ ...sent, token })
        const done = isDone(answer) ? null : `status ${answer.status}: ${answer.text.slice(0, 200)}`
        const wrong = done ?? (write.kind === 'create' ? await madeBy(tools, asking.reference, { entity, user }) : null)
        return { wrong: wrong === null ? null : `${place}: ${wrong}`, sent, answer }
      }
      const [first, ...others] = places
      let told = await ask(first)
      for (const one of others) {
        if (told.wrong !== null) break
        // The last delete stays: an account whose row was deleted gets a new session with its row.
        if (write.kind === 'delete') await tools.returnRow(entity.name, write.id)
        told = await ask(one)
      }
      return { ...told, statuses: [200, 201, 204], why: WHY }
    },
    // The same write is done several times, and others beside it.
    rows: () => null,
  }
}

interface Told {
  readonly wrong: string | null
  readonly sent: PlacedWrite['sent']
  readonly answer: Answered
}

/** Whether a new row names another caller than its own. Takes the new rows away again, so that their unique values are free. */
async function madeBy(
  tools: ProbeTools,
  { design }: ReferenceBackend,
  { entity, user }: { readonly entity: Entity; readonly user: string },
): Promise<string | null> {
  const { rows: made } = await takeNewRows(tools, entity, tools.before)
  const fields = Object.entries(design.entities[entity.name]?.fields ?? {}).flatMap(([name, { set }]) => (set === 'auth.id' ? [name] : []))
  const other = fields.find((name) => made.some((row) => String(row[name]) !== user))
  return made.length === 0 ? 'there is no new row' : other === undefined ? null : `${other} of the new row is not its caller`
}
