/** One race: the same write many times at once, on all instances of the backend, and what must come of it. */

import { randomUUID } from 'node:crypto'
import type { Entity } from '../../../model/model.ts'
import type { ProbeCase, ProbeOutcome, ProbeTools } from '../../cases/probe.ts'
import type { SentOverHttp } from '../../expected/abstract-request.ts'
import type { Answered } from '../../expected/answered.ts'
import { changeMismatch } from '../../expected/compare.ts'
import type { ExpectedChange } from '../../expected/expected.ts'
import type { ReferenceBackend } from '../../expected/reference.ts'

/** The id of the claim about the races of an entity. */
export function raceClaim({ name }: Entity): string {
  return `races/${name}`
}

/** A write that is sent many times at once. */
export interface Racing {
  readonly goal: string
  readonly user: string | null
  readonly times: number
  readonly why: string
  /** The request, by its number. A key is new for each run of the case, because keys outlive the rows of a run. */
  readonly request: (n: number, key: string) => SentOverHttp
  /** The status of exactly one answer, or of at least one if the others may have it, too. Without others all have the first. */
  readonly one: number
  readonly others: readonly number[] | null
  /** What happens to the rows of the run. */
  readonly change: (reference: ReferenceBackend) => ExpectedChange
  readonly after?: (tools: ProbeTools, answers: readonly Answered[], key: string) => Promise<string | null>
}

/** The probe of a race about an entity. It compares how many answers have which status, and all rows afterwards. */
export function race(entity: Entity, racing: Racing): ProbeCase {
  const { goal, user, times, request, one, others, change, why } = racing
  const id = raceClaim(entity)
  return {
    name: `${id}/${goal}/at-once`,
    claim: id,
    door: 'rest',
    user,
    goals: [goal],
    atoms: {},
    async ask(tools): Promise<ProbeOutcome> {
      const token = tools.tokenOf(user)
      const key = randomUUID()
      const answers = await Promise.all(
        Array.from({ length: times }, (_, n) => tools.send({ ...request(n, key), token, instance: n % tools.instances })),
      )
      const wrong = tallyMismatch(answers, one, others) ?? (await racing.after?.(tools, answers, key)) ?? null
      const statuses = [one, ...(others ?? [])]
      const stray = answers.find(({ status }) => !statuses.includes(status))
      const answer = stray ?? answers.find(({ status }) => status === one) ?? (answers[0] as Answered)
      return { wrong, statuses, why, sent: request(0, key), answer }
    },
    rows: (reference, after) => changeMismatch(reference, change(reference), after),
  }
}

function tallyMismatch(answers: readonly Answered[], one: number, others: readonly number[] | null): string | null {
  const tally = [...Map.groupBy(answers, ({ status }) => status)].map(([status, of]) => `${of.length} × ${status}`).join(', ')
  const firsts = answers.filter(({ status }) => status === one).length
  if (others === null) return firsts === answers.length ? null : `${tally}, expected ${answers.length} × ${one}`
  const isSeveral = others.includes(one)
  const isRight = (isSeveral ? firsts > 0 : firsts === 1) && answers.every(({ status }) => status === one || others.includes(status))
  return isRight ? null : `${tally}, expected ${isSeveral ? 'at least ' : ''}1 × ${one} and otherwise ${others.join(' or ')}`
}
