/** Which tests run at a moment, as the reporter has said. */

import type { ReportedPlace, RunningLine } from './test-reporter.ts'

/** Follows tests. */
export interface RunningTests {
  readonly see: (line: RunningLine) => void
  /** The tests that run now, without those that wait for one inside: `own.test.ts:3 name`; empty if none does. */
  readonly names: (nameOf: (path: string) => string) => string
}

const SHOWN = 3

/** Follows the tests of a run. */
export function runningTests(): RunningTests {
  const running = new Map<string, ReportedPlace>()
  const key = ({ file, line, name, depth }: ReportedPlace): string => JSON.stringify([file, line, name, depth])
  return {
    see: (line) => void (line.state === 'begun' ? running.set(key(line), line) : running.delete(key(line))),
    names(nameOf) {
      const innermost = [...Map.groupBy(running.values(), ({ file }) => file).values()].flatMap(deepest)
      const shown = innermost.slice(0, SHOWN).map((place) => textOf(place, nameOf))
      const more = innermost.length - shown.length
      return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(', ')
    },
  }
}

/** The last that have begun of those that are in as many others as any. A file itself is in none, like its tests, and begins first. */
function deepest(own: readonly ReportedPlace[]): readonly ReportedPlace[] {
  const most = Math.max(...own.map(({ depth }) => depth))
  const inner = own.filter(({ depth }) => depth === most)
  const tests = inner.filter((one) => !isFile(one))
  return tests.length > 0 ? tests : inner
}

function isFile({ file, name, depth }: ReportedPlace): boolean {
  return depth === 0 && file?.endsWith(name) === true
}

function textOf(place: ReportedPlace, nameOf: (path: string) => string): string {
  const { file, line, name } = place
  if (file === null) return name
  return isFile(place) ? nameOf(file) : `${nameOf(file)}${line === null ? '' : `:${line}`} ${name}`
}
