/** Writes of different rows that arrive at once: each has its own effect and its own answer, however many share a statement. */

import type { Entity } from '../../../model/model.ts'
import { changeableTogether, deletableTogether, keptRows } from '../../cases/placed/rows-together.ts'
import type { ProbeCase, ProbeTools } from '../../cases/probe.ts'
import type { PlannedWorld } from '../../cases/questions.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { raceClaim } from './race.ts'

const MOST = 10
const NO_ANSWER: Answered = { status: 0, headers: {}, text: '', json: undefined }

/** The probes of an entity: deletes of different rows at once, and changes of different rows at once. */
export function rowsAtOnce(asking: PlannedWorld, entity: Entity): readonly ProbeCase[] {
  return [...deletes(asking, entity), ...changes(asking, entity)]
}

function deletes(asking: PlannedWorld, entity: Entity): readonly ProbeCase[] {
  const together = deletableTogether(asking, entity, MOST)
  if (together === null) return []
  const { user } = together
  const sent = together.requests.map((one) => one.sent)
  return [
    {
      ...named(entity, 'deletes-of-rows', user),
      ask: (tools) => askAll(tools, { user, sent, status: 204, wrongIn: () => null }),
      rows: (_, after) => keptRows(entity, together, after),
    },
  ]
}

function changes(asking: PlannedWorld, entity: Entity): readonly ProbeCase[] {
  const together = changeableTogether(asking, entity, MOST)
  if (together === null) return []
  const { user, requests: all } = together
  const sent = all.map((one) => one.sent)
  const wrongIn = (answer: Answered, n: number): string | null => {
    const { id } = all[n] ?? {}
    return answer.json?.id === undefined || String(answer.json.id) === id ? null : `the change of ${id} is answered with ${answer.json.id}`
  }
  return [
    {
      ...named(entity, 'changes-of-rows', user),
      ask: (tools) => askAll(tools, { user, sent, status: 200, wrongIn }),
      rows: (reference, after) => {
        const versions = new Map((after.get(entity.name) ?? []).map((row) => [String(row.id), Number(row.version)]))
        const kept = all.filter(({ id }) => versions.get(id) !== Number(reference.find(entity.name, id)?.version) + 1)
        return kept.length === 0 ? null : `${kept.length} of ${all.length} rows were not changed once`
      },
    },
  ]
}

function named(entity: Entity, goal: string, user: string | null) {
  const claim = raceClaim(entity)
  return { name: `${claim}/${goal}/at-once`, claim, door: 'rest', user, goals: [goal], atoms: {} } as const
}

interface AllAtOnce {
  readonly user: string | null
  readonly sent: readonly SentOverHttp[]
  readonly status: number
  readonly wrongIn: (answer: Answered, n: number) => string | null
}

/** Sends all at once to one instance, so that they can share a statement. */
async function askAll(tools: ProbeTools, { user, sent, status, wrongIn }: AllAtOnce) {
  const token = tools.tokenOf(user)
  const answers = await Promise.all(sent.map((one) => tools.send({ ...one, token, instance: 0 })))
  const wrongs = answers.map((answer, n) => (answer.status === status ? wrongIn(answer, n) : `status ${answer.status}`))
  const at = Math.max(
    0,
    wrongs.findIndex((wrong) => wrong !== null),
  )
  const why = 'writes of different rows that arrive at once have the effect of one after the other'
  return {
    wrong: wrongs[at] ?? null,
    statuses: [status],
    why,
    sent: sent[at] ?? { method: 'GET', url: '/' },
    answer: answers[at] ?? NO_ANSWER,
  }
}
