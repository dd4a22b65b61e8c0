/** What was asked for, as the design maps it to its parts. */

/** What a requirement comes to. `unmapped`: the design does not say. */
export type RequirementStatus = 'met' | 'open' | 'refused' | 'given' | 'outside' | 'unmapped'

type PartPath = readonly (string | number)[]

/** A part of the design, a scenario of it, or a test of the project, that meets a requirement. */
export type RequirementPart =
  | { readonly kind: 'design'; readonly name: string; readonly path: readonly (string | number)[] }
  /** `grants` are the rules and actions without which its calls could not be answered as they must be. */
  | { readonly kind: 'scenario'; readonly name: string; readonly scenario: string; readonly grants: readonly PartPath[] }
  /** `file` is relative to the folder of the design; `test` null for all tests of the file. */
  | { readonly kind: 'test'; readonly name: string; readonly file: string; readonly test: string | null }

/** A sentence of the architecture and what meets it. In each part, `name` is what the author wrote. */
export interface Requirement {
  readonly id: string
  readonly text: string
  /** The document and the line, such as `architecture.md:12`; null if the design names none. */
  readonly source: string | null
  readonly status: RequirementStatus
  /** Empty unless the status is `met`. */
  readonly by: readonly RequirementPart[]
  /** Why it is refused, given or outside. */
  readonly because: string | null
  readonly offer: string | null
  readonly assumed: string | null
  readonly question: RequirementQuestion | null
}

/** A question, and the number of the answer that holds until somebody answers, from 1. */
export interface RequirementQuestion {
  readonly ask: string
  readonly options: readonly string[]
  readonly taken: number
}

/**
 * Returns a function that gives the ids of the requirements about a part, in their order: those that name it, what it is in, or a part of
 * it, or a scenario that needs it. A whole entity says nothing about its parts, and neither do all actions or all workflows.
 */
export function requirementsAbout(requirements: readonly Requirement[]): (path: PartPath) => readonly string[] {
  const order = new Map(requirements.map(({ id }, i) => [id, i]))
  const named = new Map<string, Set<string>>()
  const within = new Map<string, Set<string>>()
  for (const { id, by } of requirements) {
    for (const part of by) {
      if (part.kind === 'scenario') for (const grant of part.grants) add(named, grant, id)
      if (part.kind !== 'design') continue
      for (let n = leastOf(part.path); n <= part.path.length; n++) add(n === part.path.length ? named : within, part.path.slice(0, n), id)
    }
  }
  return (path) => {
    const ids = new Set(within.get(JSON.stringify(path)))
    path.forEach((_, i) => {
      for (const id of named.get(JSON.stringify(path.slice(0, i + 1))) ?? []) ids.add(id)
    })
    return [...ids].sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
  }
}

/** How many keys the shortest path has that says something about what is in it. */
function leastOf([first]: PartPath): number {
  return first === 'entities' ? 3 : 2
}

function add(to: Map<string, Set<string>>, path: PartPath, id: string): void {
  const key = JSON.stringify(path)
  const ids = to.get(key) ?? new Set()
  to.set(key, ids.add(id))
}
