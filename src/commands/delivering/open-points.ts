/** What people still have to decide or write, for the hand-over. */

import type { HandoverParts } from '../../deliver/handover/handover.ts'
import type { Model } from '../../model/model.ts'
import { tasksOf } from '../planning/tasks.ts'

type OpenPoints = Pick<HandoverParts, 'assumptions' | 'openQuestions' | 'deviations'>

/** The rows of an entity that the design says nothing about, as `plan` and `verify` take them. */
const USUAL_ROWS = 10_000

/** The open points of a design. Their ids are their numbers in the order of the design. */
export function openPoints(model: Model): OpenPoints {
  const tasks = tasksOf(model)
  const questions = tasks.filter(({ by, part }) => by === 'person' && part === 'access')
  const unwritten = tasks.filter(({ by, part }) => by === 'person' && part !== 'access')
  const later = tasks.filter(({ by }) => by === 'later')
  const { targets, entities } = model
  const uncounted = entities.filter(({ name }) => !targets.rows.has(name)).map(({ name }) => name)
  return {
    openQuestions: questions.map(({ what }, i) => {
      const [ask = what, taken = ''] = what.split(': ', 2)
      return { id: `Q${i + 1}`, ask, taken }
    }),
    deviations: [
      ...unwritten.map(({ what }) => ({ asked: what, done: 'it is not written', offer: 'Write it; `plinth plan` has its type.' })),
      ...later.map(({ what }) => ({
        asked: what,
        done: 'this version of Plinth does nothing with it',
        offer: 'Leave it out or do it elsewhere.',
      })),
    ].map((one, i) => ({ id: `D${i + 1}`, ...one })),
    assumptions: [
      ...(uncounted.length === 0
        ? []
        : [`up to ${USUAL_ROWS.toLocaleString('en')} rows of ${uncounted.join(', ')}, because targets.rows does not name them`]),
      ...(targets.p99Ms === null ? ['no limit of latency, because the design has no targets.p99'] : []),
      ...(targets.throughput === null ? ['no throughput to reach, because the design has no targets.throughput'] : []),
    ].map((text, i) => ({ id: `A${i + 1}`, text, by: 'default' as const })),
  }
}
