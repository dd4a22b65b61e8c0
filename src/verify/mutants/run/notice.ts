/** Asks cases about a planted mutant, and keeps which of them have caught any. */

import { SYSTEM_SCHEMA } from '../../../model/database.ts'
import type { CaseResult } from '../../run/case-result.ts'
import { judgeCase } from '../../run/judge-case.ts'
import { judgeProbe } from '../../run/judge-probe.ts'
import type { OpenRun } from '../../run/open-run.ts'
import type { Fate } from '../mutant.ts'
import { type AskedCase, catcherKey } from './touching-cases.ts'

const MOST_TEXT = 500
/** How many cases that have caught nothing yet are asked about a mutant that is caught already. */
const MOST_MORE = 8

/** What is known of the cases, on all benches. */
export interface CatchBook {
  /** How many mutants cases of one kind have caught, by `catcherKey`. */
  readonly catchers: Map<string, number>
  /** The names of the cases that have caught a mutant. */
  readonly caught: Set<string>
  /** How many mutants each case was asked about, by name. */
  readonly tried: Map<string, number>
  /** The names of the cases that have caught a mutant on this bench. */
  readonly here: Set<string>
}

interface Counting {
  /** How many cases were asked before. */
  readonly asked: number
  readonly book: CatchBook
}

/** Asks one question. */
export async function judge(open: OpenRun, one: AskedCase): Promise<CaseResult> {
  if (!('ask' in one)) return judgeCase(open, one)
  // A probe is asked more than once here: its keys are the same each time, and its wrong passwords would count together.
  await open.client.query(`delete from ${SYSTEM_SCHEMA}.idempotency_keys`)
  if (open.model.identity !== null) await open.client.query(`delete from ${SYSTEM_SCHEMA}.login_attempts`)
  return judgeProbe(open, one)
}

/** Asks cases in order. Null if none notices. */
export async function askUntilNoticed(open: OpenRun, cases: readonly AskedCase[], { asked, book }: Counting): Promise<Fate | null> {
  for (const [i, one] of cases.entries()) {
    const result = await judge(open, one)
    count(book.tried, one.name)
    if (result.wrong === null) continue
    if (isBroken(result)) return { kind: 'broken', why: `${one.name}: ${result.wrong}`.slice(0, MOST_TEXT) }
    count(book.catchers, catcherKey(one))
    note(book, one)
    return { kind: 'caught', by: one.name, cases: asked + i + 1 }
  }
  return null
}

/** Asks some of the cases that have caught nothing yet, those first that were asked least. It changes no score. */
export async function noticeMore(open: OpenRun, cases: readonly AskedCase[], book: CatchBook): Promise<void> {
  const { caught, tried } = book
  const idle = cases.filter(({ name }) => !caught.has(name))
  const first = idle.toSorted((a, b) => (tried.get(a.name) ?? 0) - (tried.get(b.name) ?? 0)).slice(0, MOST_MORE)
  for (const one of first) {
    const result = await judge(open, one)
    count(tried, one.name)
    if (result.wrong !== null && !isBroken(result)) note(book, one)
  }
}

function note({ caught, here }: CatchBook, { name }: AskedCase): void {
  caught.add(name)
  here.add(name)
}

/** Answers about what is written for later, and about other services: the backend has not crashed. */
const NO_CRASH: ReadonlySet<number> = new Set([501, 502, 504])

/** Whether a backend has crashed, which any test finds. */
function isBroken({ status, wrong }: CaseResult): boolean {
  return (status >= 500 && !NO_CRASH.has(status)) || wrong?.startsWith('the backend logged a defect') === true
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
