/** What the tests of a project have shown: how many passed, and how much of its own logic they ran. */

import type { LogicKind } from './named-logic.ts'

const NOTHING: Share = { covered: 0, total: 0 }

/** The end of one test. */
export interface OwnTest {
  /** Relative to the folder of the design, with `/`. */
  readonly file: string
  readonly name: string
  readonly line: number | null
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly ms: number
  /** Why it failed; null for other tests. */
  readonly message: string | null
}

/** What tests ran of one file. */
export interface FileCoverage {
  readonly file: string
  readonly lines: readonly Counted[]
  readonly branches: readonly Counted[]
  readonly functions: readonly (Counted & { readonly name: string })[]
}

/** How often a line, or what begins there, was run. */
export interface Counted {
  readonly line: number
  readonly count: number
}

/** A request that tests have sent: an address of a route, or the name of a field of GraphQL. */
export type CalledByTests = ReadonlySet<string>

/** A run of the tests of a project. */
export interface OwnTestRun {
  /** The files of tests, relative to the folder of the design. */
  readonly files: readonly string[]
  readonly tests: readonly OwnTest[]
  readonly coverage: readonly FileCoverage[]
  readonly called: CalledByTests
  /** Why it is not known of all tests whether they pass; null if it is. */
  readonly ended: string | null
  /** Whether they were ended because they took too long. */
  readonly isLate: boolean
  readonly seconds: number
}

/** How many of how many. */
export interface Share {
  readonly covered: number
  readonly total: number
}

/** Logic that no test runs. */
export interface UntestedLogic {
  readonly kind: LogicKind
  readonly name: string
  /** Where a first test would be written, relative to the folder of the design. */
  readonly file: string
}

/** The part of a report about the tests of the project. */
export interface OwnTestsReport {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly files: readonly { readonly file: string; readonly passed: number; readonly failed: number; readonly skipped: number }[]
  /** The files of the logic. `missed` are the lines that no test runs: `12-14, 20`. */
  readonly logic: readonly { readonly file: string; readonly lines: Share; readonly branches: Share; readonly missed: string }[]
  readonly lines: Share
  readonly branches: Share
  /** How much logic the design names: actions, hooks, and other code. */
  readonly named: number
  readonly untested: readonly UntestedLogic[]
  /** Why it is not known of all tests whether they pass; null if it is. */
  readonly ended: string | null
  readonly seconds: number
}

/** Adds up what processes have run of the same file. */
function mergedCoverage(parts: readonly FileCoverage[]): readonly FileCoverage[] {
  return [...Map.groupBy(parts, ({ file }) => file)].map(([file, same]) => ({
    file,
    lines: summed(same.map(({ lines }) => lines)),
    branches: summed(same.map(({ branches }) => branches)),
    functions: summed(same.map(({ functions }) => functions)),
  }))
}

/** Sums the counts of what stands at the same place of the longest list. */
function summed<T extends Counted>(lists: readonly (readonly T[])[]): readonly T[] {
  const [longest = []] = lists.toSorted((a, b) => b.length - a.length)
  return longest.map((one, i) => {
    const same = lists.flatMap((list) => (list.length === longest.length && list[i]?.line === one.line ? [list[i]] : []))
    return { ...one, count: same.reduce((sum, { count }) => sum + count, 0) }
  })
}

/** What is known besides the run. */
export interface OwnTestFacts {
  /** The files of the logic, with how many lines each has. */
  readonly logic: ReadonlyMap<string, number>
  readonly named: number
  readonly untested: readonly UntestedLogic[]
}

/** Makes the part of the report. A file of the logic that no test loads has no line covered, and its branches are not known. */
export function ownTestsReport(run: OwnTestRun, { logic, named, untested }: OwnTestFacts): OwnTestsReport {
  const coverage = new Map(mergedCoverage(run.coverage).map((one) => [one.file, one]))
  const files = [...logic].map(([file, length]) => {
    const found = coverage.get(file)
    if (found === undefined)
      return { file, lines: { covered: 0, total: length }, branches: NOTHING, missed: length === 0 ? '' : `1-${length}` }
    return {
      file,
      lines: shareOf(found.lines),
      branches: shareOf(found.branches),
      missed: ranges(found.lines.filter(({ count }) => count === 0).map(({ line }) => line)),
    }
  })
  const count = (tests: readonly OwnTest[]) => (of: OwnTest['outcome']) => tests.filter(({ outcome }) => outcome === of).length
  const all = count(run.tests)
  return {
    passed: all('passed'),
    failed: all('failed'),
    skipped: all('skipped'),
    files: run.files.map((file) => {
      const own = count(run.tests.filter((test) => test.file === file))
      return { file, passed: own('passed'), failed: own('failed'), skipped: own('skipped') }
    }),
    logic: files,
    lines: sumOf(files.map(({ lines }) => lines)),
    branches: sumOf(files.map(({ branches }) => branches)),
    named,
    untested,
    ended: run.ended,
    seconds: run.seconds,
  }
}

function shareOf(counted: readonly Counted[]): Share {
  return { covered: counted.filter(({ count }) => count > 0).length, total: counted.length }
}

function sumOf(shares: readonly Share[]): Share {
  return shares.reduce((sum, { covered, total }) => ({ covered: sum.covered + covered, total: sum.total + total }), NOTHING)
}

/** Numbers in order as text: `12-14, 20`. */
function ranges(lines: readonly number[]): string {
  const found: [number, number][] = []
  for (const line of lines) {
    const last = found.at(-1)
    if (last !== undefined && last[1] === line - 1) last[1] = line
    else found.push([line, line])
  }
  return found.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(', ')
}
