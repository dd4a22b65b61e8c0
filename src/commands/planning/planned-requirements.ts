/** The requirements of a design, and what meets them. */

import type { Model } from '../../model/model.ts'
import type { Requirement, RequirementQuestion, RequirementStatus } from '../../model/parts/requirement.ts'
import { columns, plainText } from '../terminal/layout.ts'

/** A requirement. `by` are the parts that meet it, as the author wrote them. */
export interface PlannedRequirement {
  readonly id: string
  readonly text: string
  readonly source: string | null
  readonly status: RequirementStatus
  readonly by: readonly string[]
  readonly because: string | null
  readonly offer: string | null
  readonly assumed: string | null
  readonly question: RequirementQuestion | null
}

/** The requirements in the order of the design. */
export function plannedRequirements({ requirements }: Model): readonly PlannedRequirement[] {
  return requirements.map((one) => ({ ...one, by: one.by.map(({ name }) => name) }))
}

/** The order in which statuses are counted. */
const COUNTED: readonly RequirementStatus[] = ['met', 'given', 'open', 'unmapped', 'refused', 'outside']

/** `21 requirements: 17 met, 1 given, 1 open`; empty without any. */
export function requirementCounts(requirements: readonly Pick<Requirement, 'status'>[]): string {
  if (requirements.length === 0) return ''
  const counts = COUNTED.map((status) => [status, requirements.filter((one) => one.status === status).length] as const)
  const words = counts.filter(([, n]) => n > 0).map(([status, n]) => `${n} ${status}`)
  return `${requirements.length} ${requirements.length === 1 ? 'requirement' : 'requirements'}: ${words.join(', ')}`
}

/** The most characters of a text of the document, and of the parts that meet it. */
const LONGEST = { text: 90, by: 60 } as const

/** The table of the requirements; empty without any. */
export function requirementLines(requirements: readonly PlannedRequirement[], heading: (title: string) => string): readonly string[] {
  if (requirements.length === 0) return []
  const rows = requirements.map(({ id, text, status, by }) => [
    id,
    by.length === 0 ? status : cut(by.join(', '), LONGEST.by),
    cut(text, LONGEST.text),
  ])
  return [heading(`What was asked for: ${requirementCounts(requirements)}`), ...columns(rows, '  ')]
}

function cut(text: string, most: number): string {
  const plain = plainText(text).replaceAll('\n', ' ')
  return plain.length > most ? `${plain.slice(0, most)}…` : plain
}
