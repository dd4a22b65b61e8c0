/** What people still have to decide or write, for the hand-over. */

import type { HandoverParts } from '../../deliver/handover/handover.ts'
import type { Model } from '../../model/model.ts'
import type { Requirement } from '../../model/parts/requirement.ts'
import { tasksOf } from '../planning/tasks.ts'

type OpenPoints = Pick<HandoverParts, 'assumptions' | 'openQuestions' | 'deviations'>

/** The rows of an entity that the design says nothing about, as `plan` and `verify` take them. */
const USUAL_ROWS = 10_000

/** The open points of a design. Their ids are those of its requirements, else their numbers in the order of the design. */
export function openPoints(model: Model): OpenPoints {
  const tasks = tasksOf(model)
  const questions = tasks.filter(({ by, part }) => by === 'person' && part === 'access')
  const unwritten = tasks.filter(({ by, part }) => by === 'person' && part !== 'access' && part !== 'open')
  const later = tasks.filter(({ by }) => by === 'later')
  const { targets, entities, requirements, scenarios } = model
  const uncounted = entities.filter(({ name }) => !targets.rows.has(name)).map(({ name }) => name)
  const unasked = scenarios.filter(({ calls }) => calls.length === 0)
  return {
    openQuestions: [
      ...requirements.flatMap(askedBy),
      ...questions.map(({ what }, i) => {
        const [ask = what, taken = ''] = what.split(': ', 2)
        return { id: `Q${i + 1}`, ask, taken }
      }),
    ],
    deviations: [
      ...requirements.flatMap(refusedIn),
      ...[
        ...unwritten.map(({ what }) => ({ asked: what, done: 'it is not written', offer: 'Write it; `plinth plan` has its type.' })),
        ...unasked.map(({ name, text }) => ({
          asked: text ?? name,
          done: `the scenario ${name} is not written as data`,
          offer: 'Write its calls.',
        })),
        ...later.map(({ what }) => ({
          asked: what,
          done: 'this version of Plinth does nothing with it',
          offer: 'Leave it out or do it elsewhere.',
        })),
      ].map((one, i) => ({ id: `D${i + 1}`, ...one })),
    ],
    assumptions: [
      ...requirements.flatMap(({ id, assumed }) => (assumed === null ? [] : [{ id, text: assumed, by: 'design' as const }])),
      ...requirements.flatMap(takenIn),
      ...[
        ...(uncounted.length === 0
          ? []
          : [`up to ${USUAL_ROWS.toLocaleString('en')} rows of ${uncounted.join(', ')}, because targets.rows does not name them`]),
        ...(targets.p99Ms === null ? ['no limit of latency, because the design has no targets.p99'] : []),
        ...(targets.throughput === null ? ['no throughput to reach, because the design has no targets.throughput'] : []),
      ].map((text, i) => ({ id: `A${i + 1}`, text, by: 'default' as const })),
    ],
  }
}

/** The question of a requirement; for an open one without a question, its own text. */
function askedBy({ id, text, status, question }: Requirement): OpenPoints['openQuestions'] {
  if (question !== null) return [{ id, ask: question.ask, taken: question.options[question.taken - 1] ?? '' }]
  if (status === 'open') return [{ id, ask: `What meets this: ${text}`, taken: 'nothing meets it' }]
  return status === 'unmapped' ? [{ id, ask: `What meets this: ${text}`, taken: 'the design does not say' }] : []
}

/** The answer that was taken without being given. */
function takenIn({ id, question }: Requirement): OpenPoints['assumptions'] {
  return question === null ? [] : [{ id, text: `${question.ask} ${question.options[question.taken - 1] ?? ''}`, by: 'default' }]
}

function refusedIn({ id, text, status, because, offer }: Requirement): OpenPoints['deviations'] {
  if (status !== 'refused' && status !== 'outside') return []
  return [{ id, asked: text, done: `${status}: ${because ?? ''}`, offer: offer ?? '' }]
}
