/** How much of a database statements touch: a figure that does not depend on the speed of the machine. */

import { sql } from '../../src/base/sql/sql.ts'
import type { Run, Runner } from '../../src/base/sql/statement.ts'

/** Statements whose blocks are counted. */
export interface Counting {
  /** Runs a statement twice, the first time only to count its blocks. */
  readonly run: Run
  /** The blocks of all statements since the last call, by name. */
  readonly blocks: () => ReadonlyMap<string, number>
}

/** Thrown to undo what a statement did that ran only to be explained. */
class Undo extends Error {}

/** Counts the blocks of statements (8 KiB each, whether they were read from the disk or were in memory). */
export function countingBlocks({ run, transaction }: Pick<Runner, 'run' | 'transaction'>): Counting {
  let counted = new Map<string, number>()
  return {
    run: async (statement, values) => {
      const explained = { name: 'explain', sql: sql`explain (analyze, buffers, timing off, format json) ${statement.sql}` }
      await transaction(async (within) => {
        const [[plan = ''] = []] = await within.run(explained, values)
        const [{ Plan: root }] = JSON.parse(plan ?? '') as [{ Plan: Record<string, number> }]
        const blocks = (root['Shared Hit Blocks'] ?? 0) + (root['Shared Read Blocks'] ?? 0)
        counted.set(statement.name, (counted.get(statement.name) ?? 0) + blocks)
        throw new Undo()
      }).catch((error: unknown) => {
        if (!(error instanceof Undo)) throw error
      })
      return run(statement, values)
    },
    blocks: () => {
      const result = counted
      counted = new Map()
      return result
    },
  }
}
