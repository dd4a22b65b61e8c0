/** What runs of code have cost, and which of them cost too much. */

import type { ReviewFinding } from './code-review.ts'

/** Code that takes longer than so many milliseconds in its fastest run is a finding: it holds a connection and the locks of its rows. */
export const SLOW_MS = 100
/** A statement that is sent so many times more with all rows than with few grows with the rows. */
const GROWS_BY = 3
/** A statement that is sent so often in one run is a finding where no run with fewer rows succeeded. */
const MANY = 8
/** Characters of a statement that names no table. */
const STATEMENT_LENGTH = 120

/** One run of code in a request. */
export interface MeasuredRun {
  /** Whether all rows of the world were there, or only those that the request needs. */
  readonly rows: 'all' | 'few'
  readonly status: number
  readonly ms: number
  readonly statements: number
  readonly most: { readonly times: number; readonly text: string } | null
  /** The names of secrets that the log has: inputs, or `the access token`. */
  readonly logged: readonly string[]
}

/** The code of a design with its runs. */
export interface MeasuredCode {
  /** `action Order.pay`, `hook Post.beforeCreate`. */
  readonly code: string
  readonly path: readonly string[]
  readonly runs: readonly MeasuredRun[]
  /** Why it was not run; null if it was. */
  readonly why: string | null
}

/** The findings about one piece of code. */
export function costFindings({ code, path, runs }: MeasuredCode): readonly ReviewFinding[] {
  const place = { path: path.join('.'), file: null, line: null }
  const fastest = Math.min(...runs.map(({ ms }) => ms))
  const slow: readonly ReviewFinding[] =
    runs.length === 0 || fastest <= SLOW_MS
      ? []
      : [
          {
            check: 'costs',
            name: 'slow-code',
            level: 'warning',
            ...place,
            what: `${code} took at least ${fastest} ms in each of ${runs.length} runs; the limit is ${SLOW_MS} ms. Meanwhile it holds a connection and the locks of its rows.`,
            fix: code.startsWith('hook ')
              ? 'Move what takes long into a job or a reaction to the event, which run after the commit, and leave in the hook what must be part of the write.'
              : 'Do what takes long before or after the transaction (`transaction: own`), or in a job.',
          },
        ]
  return [...slow, ...repeatFindings({ code, runs, place }), ...outcomeFindings({ code, runs, place })]
}

interface Repeating {
  readonly code: string
  readonly runs: readonly MeasuredRun[]
  readonly place: Pick<ReviewFinding, 'path' | 'file' | 'line'>
}

/** A statement in a loop: it is sent more often when there are more rows. */
function repeatFindings({ code, runs, place }: Repeating): readonly ReviewFinding[] {
  const [all] = runs
    .filter(({ rows, most }) => rows === 'all' && most !== null)
    .toSorted((a, b) => (b.most?.times ?? 0) - (a.most?.times ?? 0))
  const most = all?.most ?? null
  if (all === undefined || most === null) return []
  const few = runs.find(({ rows, status }) => rows === 'few' && status < 400)
  // No statement was sent more often with fewer rows, so this one was not.
  const before = few === undefined ? null : (few.most?.times ?? 0)
  if (before === null ? most.times < MANY : most.times - before < GROWS_BY) return []
  const growth = before === null ? '' : ` With the rows of the request alone, none was sent more than ${timesText(before)}.`
  return [
    {
      check: 'costs',
      name: 'statement-in-a-loop',
      level: 'warning',
      ...place,
      what: `${code} sent ${all.statements} statements in one call, the same one ${timesText(most.times)}: ${statementName(most.text)}.${growth} So the number of statements grows with the rows (N+1).`,
      fix: 'Read the rows at once, before the loop: list with a filter on the ids (`{ id: { in: ids } }`), or an include of the related rows.',
    },
  ]
}

/** Secrets in the log, and errors that the code does not foresee. */
function outcomeFindings({ code, runs, place }: Repeating): readonly ReviewFinding[] {
  const logged = [...new Set(runs.flatMap((run) => run.logged))]
  return [
    ...logged.map(
      (name): ReviewFinding => ({
        check: 'costs',
        name: 'secret-in-log',
        level: 'error',
        ...place,
        what: `${code} ran, and the log has the value of ${name}. Whoever reads the log can use it.`,
        fix: `Leave ${name} out of what the code logs: name the fields, such as { id: row.id }, and not the whole input.`,
      }),
    ),
    ...(runs.some(({ status }) => status === 500)
      ? [
          {
            check: 'costs',
            name: 'code-fails',
            level: 'warning',
            ...place,
            what: `${code} ended a request with 500.`,
            fix: 'Throw problem(code) for what the code refuses, and look for the error in the log of plinth serve.',
          } as const,
        ]
      : []),
  ]
}

function timesText(times: number): string {
  return times === 1 ? 'once' : `${times} times`
}

/** The tables of a statement, or how it begins. */
function statementName(text: string): string {
  const tables = [...new Set([...text.matchAll(/\b(?:from|into|update) (?:"public"\.)?"([^"]+)"/g)].map(([, table = '']) => table))]
  return tables.length === 0 ? text.slice(0, STATEMENT_LENGTH) : `${text.split(' ', 1)[0]} of ${tables.join(', ')}`
}
