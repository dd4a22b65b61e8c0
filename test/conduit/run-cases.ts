/** Runs the cases of the contract on an implementation, as tests. */

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { CASES } from './cases.ts'
import type { Ask } from './client.ts'
import { CONTRACT } from './contract.ts'
import { openWorld } from './world.ts'

/** Runs every case, in one test for each operation, which names all cases that fail. */
export async function runCases(t: TestContext, ask: Ask): Promise<void> {
  const world = await openWorld(ask)
  for (const id of CONTRACT.operations.keys())
    await t.test(id, async () => {
      const failed: string[] = []
      for (const { operation, kind, title, run } of CASES) {
        if (operation !== id) continue
        await run(world).catch((error: unknown) => {
          failed.push(`${title} (${kind}): ${error instanceof Error ? error.message : String(error)}`)
        })
      }
      assert.equal(failed.length, 0, failed.join('\n'))
    })
}
