/** F103 for answers of before: a write that is sent again with its Idempotency-Key has no row that is gone. */

import { randomUUID } from 'node:crypto'
import { restBase } from '../../../model/address/served.ts'
import type { Entity } from '../../../model/model.ts'
import type { ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import { httpRequestOf, type SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { changeMismatch } from '../../expected/compare.ts'
import type { SecurityProbe } from '../probes.ts'
import { creating, creatorOf } from '../spoiled-bodies.ts'

/** A write that makes one row. */
interface Way {
  readonly name: string
  readonly sent: SentOverHttp
  /** The new row, as far as the caller may read it. */
  readonly rowIn: (answer: Answered) => object | undefined
}

/** Creates that are sent again after their row was deleted. None where nobody may create rows. */
export function goneAnswers(asking: PlannedWorld, entity: Entity): readonly SecurityProbe[] {
  const { model } = asking.reference
  const creator = creatorOf(asking, entity)
  const [body] = creator?.good ?? []
  // Where the caller may read no row, its answers have ids alone.
  if (creator === null || body === undefined || !asking.reference.sightOf(creator.user).kind.mayHold(entity.name, 'read')) return []
  const one = httpRequestOf(model, creating(entity, [body]))
  const ways: readonly Way[] = [
    { name: 'create', sent: one, rowIn: ({ json }) => json },
    { name: 'many', sent: httpRequestOf(model, creating(entity, [body], true)), rowIn: ({ json }) => json?.[0] },
    {
      name: 'transaction',
      sent: {
        method: 'POST',
        url: `${restBase(model)}/transaction`,
        body: { operations: [{ method: one.method, path: one.url, body: one.body }] },
      },
      rowIn: ({ json }) => json?.results?.[0]?.body,
    },
  ]
  return [
    {
      goal: 'repeated',
      goals: ways.map(({ name }) => `repeated-${name}`),
      user: creator.user,
      async ask(tools) {
        let last: Told | null = null
        for (const way of ways) {
          last = await repeat(tools, entity, { way, token: tools.tokenOf(creator.user) })
          if (last.wrong !== null) break
        }
        const { wrong, answer } = last ?? { wrong: null, answer: await tools.send({ ...one, token: tools.tokenOf(creator.user) }) }
        return { wrong, statuses: [404], why: 'a repetition reads its rows again, and this one is gone', sent: one, answer }
      },
      rows: (now, after) => changeMismatch(now, { kind: 'none' }, after),
    },
  ]
}

interface Told {
  readonly wrong: string | null
  readonly answer: Answered
}

async function repeat(
  tools: ProbeTools,
  entity: Entity,
  { way: { name, sent, rowIn }, token }: { readonly way: Way; readonly token: string | null },
): Promise<Told> {
  const keyed = { ...sent, headers: { ...sent.headers, 'idempotency-key': randomUUID() }, token }
  const first = await tools.send(keyed)
  const idIn = (answer: Answered): unknown => (rowIn(answer) as { readonly id?: unknown } | undefined)?.id
  const id = idIn(first)
  if (first.status >= 300 || id === undefined) return { wrong: `${name} is answered ${first.status}`, answer: first }
  const again = await tools.send(keyed)
  // A caller who may not read the row that it has made is answered 404 now, too.
  if (again.status < 300 && idIn(again) !== id) return { wrong: `${name}, sent again, made another row`, answer: again }
  await tools.removeRow(entity.name, String(id))
  for (let instance = 0; instance < tools.instances; instance++) {
    const late = await tools.send({ ...keyed, instance })
    // An answer to a caller who may not read the row has its id alone, and is given again.
    const isSilent = late.status < 300 && Object.keys(rowIn(late) ?? {}).length <= 1
    if ((late.status >= 400 && late.status < 500) || isSilent) continue
    return { wrong: `${name}, sent again after its row was deleted, is answered ${late.status}: ${late.text.slice(0, 200)}`, answer: late }
  }
  return { wrong: null, answer: again }
}
