/** A reporter for the test runner of Node: JSON for the begin and the end of each test, and for the coverage. Node loads it by its path. */

import type { TestEvent } from 'node:test/reporters'

const LONGEST = 2_000

/** A line of the reporter. Files are absolute paths. */
export type ReportedLine =
  | {
      readonly kind: 'test'
      readonly file: string | null
      readonly name: string
      readonly line: number | null
      readonly outcome: 'passed' | 'failed' | 'skipped'
      /** Whether it stands for a file as a whole. */
      readonly isFile: boolean
      readonly ms: number
      readonly message: string | null
    }
  | { readonly kind: 'coverage'; readonly files: readonly ReportedFile[] }
  | RunningLine

/** A test or a group of tests begins or ends, also one that stands for a file. The end of a test is reported later than it is. */
export interface RunningLine extends ReportedPlace {
  readonly kind: 'running'
  readonly state: 'begun' | 'ended'
}

/** Where a test is. */
export interface ReportedPlace {
  readonly file: string | null
  readonly name: string
  readonly line: number | null
  /** How many tests it is in. */
  readonly depth: number
}

/** What was run of one file. */
export interface ReportedFile {
  readonly path: string
  readonly lines: readonly { readonly line: number; readonly count: number }[]
  readonly branches: readonly { readonly line: number; readonly count: number }[]
  readonly functions: readonly { readonly name: string; readonly line: number; readonly count: number }[]
}

/** Turns events into lines. */
export default async function* testReporter(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    const line = lineOf(event)
    if (line !== null) yield `${JSON.stringify(line)}\n`
  }
}

function lineOf({ type, data }: TestEvent): ReportedLine | null {
  if (type === 'test:coverage')
    return {
      kind: 'coverage',
      files: data.summary.files.map(({ path, lines, branches, functions }) => ({
        path,
        lines: lines.map(counted),
        branches: branches.map(counted),
        functions: functions.map(({ name, line, count }) => ({ name, line, count })),
      })),
    }
  if (type === 'test:dequeue' || type === 'test:complete')
    return {
      ...{ kind: 'running', state: type === 'test:dequeue' ? 'begun' : 'ended' },
      ...{ file: data.file ?? null, name: data.name, line: data.line ?? null, depth: data.nesting },
    }
  if ((type !== 'test:pass' && type !== 'test:fail') || data.details.type === 'suite') return null
  const isSkipped = (data.skip ?? false) !== false || (data.todo ?? false) !== false
  return {
    kind: 'test',
    file: data.file ?? null,
    name: data.name,
    line: data.line ?? null,
    outcome: isSkipped ? 'skipped' : type === 'test:pass' ? 'passed' : 'failed',
    isFile: data.nesting === 0 && data.file !== undefined && data.file.endsWith(data.name),
    ms: data.details.duration_ms,
    message: type === 'test:fail' ? messageOf(data.details.error) : null,
  }
}

function counted({ line, count }: { readonly line: number; readonly count: number }) {
  return { line, count }
}

function messageOf(error: Error): string {
  const { cause } = error
  const message = cause instanceof Error ? cause.message : typeof cause === 'string' ? cause : error.message
  return message.slice(0, LONGEST)
}
