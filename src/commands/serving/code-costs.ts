/** What runs of code of a design cost: time and statements, for the log. */

import type { Log } from '../../server/http/observe.ts'
import type { RunningCode } from '../../server/run/running-code.ts'
import type { CodeCost } from '../../verify/review/code-cost.ts'

const TEXT_LENGTH = 4_000

/** The message of an entry about a run of code. */
export const CODE_RAN = 'code ran'

/** The running code with its costs. */
export interface CountedCode {
  readonly running: RunningCode
  /** Counts a statement. */
  readonly onStatement: (name: string, text: string) => void
}

interface OpenRun {
  readonly texts: Map<string, number>
}

/** Logs what each run of code has cost when it ends. Concurrent runs count the statements of all of them. */
export function countCode(running: RunningCode, log: Log): CountedCode {
  const open = new Set<OpenRun>()
  return {
    running: {
      ...running,
      begin(code) {
        const ended = running.begin(code)
        const began = performance.now()
        const run: OpenRun = { texts: new Map() }
        open.add(run)
        return () => {
          ended()
          if (!open.delete(run)) return
          const [most = null] = [...run.texts].toSorted(([, a], [, b]) => b - a)
          const cost: CodeCost = {
            code,
            ms: Math.round((performance.now() - began) * 10) / 10,
            statements: [...run.texts.values()].reduce((sum, times) => sum + times, 0),
            most: most === null ? null : { times: most[1], text: most[0].slice(0, TEXT_LENGTH) },
          }
          log.info(cost, CODE_RAN)
        }
      },
    },
    onStatement(_, text) {
      for (const { texts } of open) texts.set(text, (texts.get(text) ?? 0) + 1)
    },
  }
}
