/**
 * Plants mutants one by one and asks cases until one notices. Each bench has the rows of the world; rows are put back after each write, and
 * the tables after each mutant.
 */

import type { Model } from '../../../model/model.ts'
import { type Connection, withClient } from '../../../postgres/connect.ts'
import { explainError } from '../../../postgres/sqlstate.ts'
import type { CasePlan } from '../../cases/cases-of.ts'
import type { WrittenDesign } from '../../expected/written-design.ts'
import type { CaseResult } from '../../run/case-result.ts'
import { type OpenRun, openRun, putBack } from '../../run/open-run.ts'
import { readRows } from '../../run/rows.ts'
import type { Bench, ServedMutant } from '../bench.ts'
import type { AlteredExchange, ChangedRule, Fate, JudgedMutant, Mutant } from '../mutant.ts'
import { NOTICED_BY } from '../noticed-by.ts'
import { type Equivalence, equivalence } from './equivalence.ts'
import { askUntilNoticed, type CatchBook, judge, noticeMore } from './notice.ts'
import { type AskedCase, touchingCases } from './touching-cases.ts'

/** What is run: the cases of a design, and the mutants. */
export interface MutationRun {
  readonly design: WrittenDesign
  readonly model: Model
  readonly plan: CasePlan
  /** The cases and probes that are asked. */
  readonly questions: readonly AskedCase[]
  readonly mutants: readonly Mutant[]
  /** Whether mutants that are not planted yet are left out; never, unless given. */
  readonly isOver?: () => boolean
  /** Whether no time is left for cases that have caught nothing yet. */
  readonly isShort?: () => boolean
  readonly onMutant?: (judged: JudgedMutant, done: number) => void
}

/** What came of a run. */
export interface MutationRunResult {
  /** The names of the cases that caught a mutant. */
  readonly caught: ReadonlySet<string>
  readonly judged: readonly JudgedMutant[]
  /** Mutants for which no time was left. */
  readonly left: readonly Mutant[]
  /** The results without a mutant, afterwards: on each bench those of the cases that have caught a mutant there. */
  readonly control: readonly CaseResult[]
}

/** Runs the mutants on all benches at once. */
export async function runMutants(benches: readonly Bench[], running: MutationRun): Promise<MutationRunResult> {
  const queue = running.mutants.entries()
  const judged = new Map<number, JudgedMutant>()
  const known = { catchers: new Map(), caught: new Set<string>(), tried: new Map() }
  const work = async (bench: Bench): Promise<MutationRunResult['control']> =>
    withClient(bench.databaseUrl, async (client) => {
      // Triggers of mutants leave alone what this connection writes.
      await client.query("set plinth.restores = 'yes'")
      const open = await openRun({ ...bench, others: [], ask: unserved, takeDefects: () => [] }, { ...running, book: null }, client)
      const book: CatchBook = { ...known, here: new Set() }
      const at: BenchAtWork = { bench, open, client, running, book, plain: { served: null } }
      for (const [i, mutant] of queue) {
        if (running.isOver?.() === true) break
        const one = { mutant, fate: await fateOf(at, mutant) }
        judged.set(i, one)
        running.onMutant?.(one, judged.size)
      }
      await closePlain(at)
      return control(at)
    })
  const controls = await Promise.all(benches.map(work))
  return {
    caught: known.caught,
    judged: running.mutants.flatMap((_, i) => judged.get(i) ?? []),
    left: running.mutants.filter((_, i) => !judged.has(i)),
    control: controls.flat(),
  }
}

async function unserved(): Promise<never> {
  throw new Error('no backend is served yet')
}

interface BenchAtWork {
  readonly bench: Bench
  readonly open: OpenRun
  readonly client: Connection
  readonly running: MutationRun
  /** What has caught before, on all benches. */
  readonly book: CatchBook
  /** A backend of the model as it is, for mutants that are planted elsewhere; null until one is needed. */
  readonly plain: { served: ServedMutant | null }
}

/** The cases that have caught a mutant on this bench, without one: a case that fails then has noticed something else. */
async function control({ bench, open, running, book }: BenchAtWork): Promise<readonly CaseResult[]> {
  const cases = running.questions.filter(({ name }) => book.here.has(name))
  const served = await bench.serve({ ...running.model })
  const results: CaseResult[] = []
  try {
    for (const one of cases) results.push(await judge(runAgainst(open, served, null), one))
  } finally {
    await served.close()
  }
  return results
}

/** The run on another backend. The sessions stay as they are, because all backends have the same keys. */
function runAgainst(open: OpenRun, served: ServedMutant, exchange: AlteredExchange | null): OpenRun {
  const { request, ask: askInstead, answer } = exchange ?? {}
  const ask: OpenRun['stage']['ask'] = async (asked) => {
    const sent = request?.(asked) ?? asked
    const answered = await (askInstead?.(sent, served.ask) ?? served.ask(sent))
    return answer?.(asked, answered) ?? answered
  }
  return { ...open, stage: { ...open.stage, ask, takeDefects: served.takeDefects }, ask: (_, sent) => ask(sent) }
}

/** The backend of the model as it is. */
async function plainOf({ plain, bench, running }: BenchAtWork): Promise<ServedMutant> {
  plain.served ??= await bench.serve({ ...running.model })
  return plain.served
}

async function closePlain({ plain }: BenchAtWork): Promise<void> {
  const { served } = plain
  plain.served = null
  await served?.close()
}

async function fateOf(at: BenchAtWork, mutant: Mutant): Promise<Fate> {
  const { running, bench, client, book } = at
  const { claimed, others } = touchingCases(running.model, running.questions, mutant, book.catchers)
  if (claimed.length + others.length === 0)
    return {
      kind: 'unreached',
      why: `no case touches ${mutant.doors === null ? mutant.entity : mutant.doors.join(', ')}. It needs ${NOTICED_BY[mutant.kind]}`,
    }
  const { plant } = mutant
  const model = plant.kind === 'model' ? plant.change(running.model) : running.model
  let remove: readonly string[] = []
  let served: ServedMutant | null = null
  try {
    if (plant.kind === 'database') {
      await inOneTransaction(client, plant.plant)
      remove = plant.remove
    } else if (plant.kind === 'model' && (await changeTables(client, bench.statementsBetween(running.model, model)))) {
      remove = bench.statementsBetween(model, running.model)
      await closePlain(at)
    }
    served = plant.kind === 'model' ? await bench.serve(model) : null
    const planted = runAgainst(at.open, served ?? (await plainOf(at)), plant.kind === 'exchange' ? plant.open(bench.signing) : null)
    const noticed = await askUntilNoticed(planted, claimed, { asked: 0, book })
    if (noticed?.kind === 'caught' && running.isShort?.() !== true) await noticeMore(planted, claimed, book)
    if (noticed !== null) return noticed
    const proof = mutant.rule === null ? null : proofOf(at, mutant.rule, mutant.doors)
    if (proof?.kind === 'equivalent') return proof
    return (
      (await askUntilNoticed(planted, others, { asked: claimed.length, book })) ?? {
        kind: 'survived',
        cases: claimed.length + others.length,
        why: `${proof === null ? 'no case notices it' : proof.why}. It needs ${NOTICED_BY[mutant.kind]}`,
      }
    )
  } catch (error) {
    return { kind: 'broken', why: error instanceof Error ? error.message : String(error) }
  } finally {
    try {
      // A case that could not be judged has left its rows, which a constraint that comes back may forbid.
      const clear = async () => putBack(at.open, await readRows(client, running.model))
      await inOneTransaction(client, remove).catch(() => clear().then(() => inOneTransaction(client, remove)))
      await clear()
    } finally {
      await served?.close()
    }
  }
}

function proofOf({ open, running }: BenchAtWork, rule: ChangedRule, doors: Mutant['doors']): Equivalence {
  const { world, plans } = running.plan
  return equivalence({ reference: open.reference, world, claims: plans.map(({ claim }) => claim) }, rule, doors)
}

/** Changes the tables. Where rows forbid it, as with a choice that has lost a value, they stay, and only the backend has the defect. */
async function changeTables(client: Connection, statements: readonly string[]): Promise<boolean> {
  try {
    await inOneTransaction(client, statements)
    return statements.length > 0
  } catch (error) {
    if (['unique', 'foreign-key', 'check', 'not-null'].includes(explainError(error).kind)) return false
    throw error
  }
}

async function inOneTransaction(client: Connection, statements: readonly string[]): Promise<void> {
  if (statements.length === 0) return
  await client.query('begin')
  try {
    for (const statement of statements) await client.query(statement)
    await client.query('commit')
  } catch (error) {
    await client.query('rollback')
    throw error
  }
}
