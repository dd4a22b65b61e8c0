/** Calls a tool: checks the arguments, and answers in time and within the limits of size, also where it fails. */

import type { Project } from '../state/project.ts'
import { ToolError } from '../state/tool-error.ts'
import { failedAnswer, fitting, toolErrorOf } from './answer.ts'
import { checkArguments } from './check-arguments.ts'
import { callText, type Tool, type ToolAnswer } from './tool.ts'

/** A call that takes longer is answered without its result. */
export const WITHIN_MS = 14_500

/** The most calls that are kept. */
const MOST_CALLS = 50

/** What was answered, and whether it is an error. */
export interface Called {
  readonly answer: ToolAnswer
  readonly failed: boolean
}

/** Calls of a server that are under way, or whose answer nobody has got yet. */
export type CallsUnderWay = Map<string, Promise<ToolAnswer>>

/** What answers calls. */
export interface Serving {
  readonly project: Project
  readonly calls: CallsUnderWay
  /** How long a call may take, in milliseconds. */
  readonly withinMs: number
}

/** Calls a tool. Never throws. */
export async function callTool(tool: Tool, given: unknown, { project, calls, withinMs }: Serving): Promise<Called> {
  try {
    const checked = checkArguments(tool, given)
    const run = (): Promise<ToolAnswer> => tool.run(checked, project)
    const answer = tool.joins ? await joined(callText(tool.name, checked), run, { calls, withinMs }) : await run()
    return { answer: fitting(project, answer), failed: false }
  } catch (error) {
    const { code } = toolErrorOf(error)
    if (code === 'PLN-M099')
      project.io.observe({
        kind: 'logged',
        level: 'error',
        message: `${tool.name} failed`,
        fields: { err: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      })
    return { answer: fitting(project, failedAnswer(error)), failed: true }
  }
}

/** The same call joins the work of the first. @throws ToolError PLN-M012 if it takes too long; the same call again then waits for it. */
async function joined(
  key: string,
  run: () => Promise<ToolAnswer>,
  { calls, withinMs }: Pick<Serving, 'calls' | 'withinMs'>,
): Promise<ToolAnswer> {
  const work = calls.get(key) ?? run()
  calls.set(key, work)
  // Answers that nobody fetches are forgotten.
  for (const old of [...calls.keys()].slice(0, -MOST_CALLS)) calls.delete(old)
  const { promise: late, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(
    () => reject(new ToolError('PLN-M012', 'the answer is not ready yet; the work goes on', { fix: 'make the same call again' })),
    withinMs,
  )
  try {
    const answer = await Promise.race([work, late])
    calls.delete(key)
    return answer
  } catch (error) {
    if (!(error instanceof ToolError && error.code === 'PLN-M012')) calls.delete(key)
    throw error
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}
