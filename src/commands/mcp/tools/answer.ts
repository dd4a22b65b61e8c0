/** The answer of a call, within its limits of size and time. */

import { EnvironmentError } from '../../../base/environment-error.ts'
import { isObject } from '../../../base/is-object.ts'
import { UsageError } from '../../terminal/usage-error.ts'
import type { Project } from '../state/project.ts'
import { keepFile, shortHash } from '../state/state-files.ts'
import { ToolError } from '../state/tool-error.ts'
import type { ToolAnswer } from './tool.ts'

/** The most characters of an answer in JSON: about 4,000 tokens. */
const MAX_CHARACTERS = 15_500
/** The most characters of one text in an answer that is cut. */
const LONG_TEXT = 2_000

/** The answer, or as much of it as fits: long lists lose their last items, and the whole is kept in a file that `more` names. */
export function fitting(project: Project, answer: ToolAnswer): ToolAnswer {
  if (sizeOf(answer) <= MAX_CHARACTERS) return answer
  const name = shortHash(JSON.stringify(answer))
  keepFile(project.root, 'answers', name, answer)
  const path = `.plinth/mcp/answers/${name}.json`
  const cut: Record<string, unknown> = shortened(answer) as Record<string, unknown>
  const more: Record<string, unknown> = { path }
  while (sizeOf({ ...cut, more }) > MAX_CHARACTERS) {
    const [longest] = Object.entries(cut)
      .filter(([, value]) => Array.isArray(value) && value.length > 0)
      .sort(([, a], [, b]) => sizeOf(b) - sizeOf(a))
    if (longest === undefined) return { ok: answer.ok, more, next: cut.next ?? null }
    const [key, value] = longest as [string, readonly unknown[]]
    const kept = value.slice(0, Math.floor(value.length * 0.8))
    cut[key] = kept
    more[key] = (answer[key] as readonly unknown[]).length - kept.length
  }
  return { ...cut, ok: answer.ok, more }
}

function sizeOf(value: unknown): number {
  return JSON.stringify(value)?.length ?? 0
}

/** The same with long texts cut, at any depth. */
function shortened(value: unknown): unknown {
  if (typeof value === 'string') return value.length > LONG_TEXT ? `${value.slice(0, LONG_TEXT)}…` : value
  if (Array.isArray(value)) return value.map(shortened)
  return isObject(value) ? Object.fromEntries(Object.entries(value).map(([key, one]) => [key, shortened(one)])) : value
}

/** The answer to a call that failed. A defect shows no stack: that is in the log. */
export function failedAnswer(error: unknown): ToolAnswer {
  const { code, message, fix, next } = toolErrorOf(error)
  return { ok: false, error: { code, message, fix }, next }
}

/** Any error as one of a tool. */
export function toolErrorOf(error: unknown): ToolError {
  if (error instanceof ToolError) return error
  if (error instanceof UsageError) return new ToolError('PLN-M010', error.message, { fix: error.hint })
  if (error instanceof EnvironmentError) return new ToolError('PLN-M011', error.message, { fix: error.hint })
  return new ToolError('PLN-M099', 'a defect of Plinth', {
    fix: 'make the call again; if it fails again, report it with the log of the server',
  })
}
