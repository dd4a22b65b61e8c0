/** A backend in this process, built from the source with switches, and cases that are asked of it one by one. */

import type { OpenBenches } from '../../../src/commands/verifying/open-benches.ts'
import type { Model } from '../../../src/model/model.ts'
import type { Connection } from '../../../src/postgres/connect.ts'
import type { CasePlan } from '../../../src/verify/cases/cases-of.ts'
import type { Answered } from '../../../src/verify/expected/answered.ts'
import type { WrittenDesign } from '../../../src/verify/expected/written-design.ts'
import { judge } from '../../../src/verify/mutants/run/notice.ts'
import type { AskedCase } from '../../../src/verify/mutants/run/touching-cases.ts'
import { type OpenRun, openRun, putBack } from '../../../src/verify/run/open-run.ts'
import { readRows } from '../../../src/verify/run/rows.ts'

/** An answer that takes longer counts as none. */
const PATIENCE_MS = 8_000
const SHOWN = 300

/** What is asked, of what. */
export interface Asking {
  readonly bench: OpenBenches['benches'][number]
  readonly client: Connection
  readonly design: WrittenDesign
  readonly model: Model
  readonly plan: CasePlan
}

/** The backend that is asked. */
export interface AskedBackend {
  /** What is wrong with the answer to a case; null if nothing is. */
  readonly wrongWith: (one: AskedCase) => Promise<string | null>
  /** Ends the backend, puts the rows back, and starts another one. @throws an error if it does not start. */
  readonly restart: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Starts a backend on the rows of the world. */
export async function openBackendToAsk({ bench, client, design, model, plan }: Asking): Promise<AskedBackend> {
  let served = await bench.serve({ ...model })
  const ask: OpenRun['stage']['ask'] = (sent) => within(served.ask(sent))
  const stage = { ...bench, others: [], ask, takeDefects: () => served.takeDefects() }
  const open = await openRun(stage, { design, model, plan, book: null }, client)
  const clear = async (): Promise<void> => putBack(open, await readRows(client, model))
  return {
    async wrongWith(one) {
      try {
        const { wrong, status } = await judge(open, one)
        return wrong === null ? null : `${status} ${wrong}`.slice(0, SHOWN)
      } catch (error) {
        await clear().catch(() => {})
        return `599 ${String(error)}`.slice(0, SHOWN)
      }
    },
    async restart() {
      await served.close().catch(() => {})
      await clear()
      served = await bench.serve({ ...model })
    },
    close: () => served.close(),
  }
}

/** @throws an error after a while without an answer. */
async function within(answer: Promise<Answered>): Promise<Answered> {
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error(`no answer in ${PATIENCE_MS} ms`)), PATIENCE_MS)
  })
  return Promise.race([answer, silence]).finally(() => clearTimeout(timer))
}
