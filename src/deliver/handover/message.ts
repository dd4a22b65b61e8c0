/** The hand-over in a few sentences, for the end of a command and for programs that pass it on. */

import { figureText } from '../evidence/part.ts'
import { DELIVERABLES } from '../evidence/parts.ts'
import type { Handover } from './handover.ts'

/** The most characters: about 500 tokens of a language model. */
const LONGEST = 2_000
/** Of lists, this many are named. */
const NAMED = 3
/** Of each deliverable, this many figures are named. */
const FIGURES = 3

/** The message; at most 2,000 characters. */
export function messageOf(handover: Handover, out: string): string {
  const { name, status, summary, deliverables, requirements, openQuestions, deviations, assumptions, notTested } = handover
  const lists = [
    listed(
      'Please decide',
      openQuestions.map(({ ask }) => ask),
    ),
    listed(
      'Not done',
      deviations.map(({ asked, done }) => `${asked}: ${done}`),
    ),
    listed(
      'Assumed',
      assumptions.map(({ text }) => text),
    ),
    listed(
      'Not tested',
      notTested.map(({ what }) => what),
    ),
  ]
  const kept = requirements.filter(({ result }) => result === 'holds').length
  const asked = requirements.length === 0 ? [] : [`${kept} of ${requirements.length} requirements hold.`]
  const lines = DELIVERABLES.map((part) => {
    const { verdict, figures, limits } = deliverables[part]
    const said = figures.slice(0, FIGURES).map((figure) => `${figure.name} ${figureText(figure)}`)
    return `${part}: ${[verdict.replace('-', ' '), ...said, ...limits.slice(0, 1)].join('; ')}.`
  })
  const end = `Hand-over: ${out}/handover.json, ${out}/index.html. In ${out}/code: npm ci && npm test && npm start.`
  const text = [`${name}: delivered, status ${status}. ${summary}.`, ...asked, ...lines, ...lists.flat()].join('\n')
  const room = LONGEST - end.length - 1
  return `${text.length > room ? `${text.slice(0, room - 1)}…` : text}\n${end}`
}

function listed(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return []
  const more = items.length > NAMED ? [`and ${items.length - NAMED} more`] : []
  return [`${title}: ${[...items.slice(0, NAMED), ...more].join('; ')}.`]
}
