/** The report as JUnit XML, for CI systems: a suite for each claim, a test for each case of its evidence. */

import type { Evidence, VerifiedClaim } from './claims-of.ts'
import type { VerifyReport } from './report-of.ts'

/** A projection of the report. Cases that passed and have no evidence of their own are counted in `tests` of their suite. */
export function junitOf(report: VerifyReport): string {
  const { totals, seconds, design, claims } = report
  const head = `<testsuites name="${escaped(design.name)}" tests="${totals.cases}" failures="${totals.failed}" time="${seconds}">`
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...claims.flatMap(suite), '</testsuites>', ''].join('\n')
}

function suite({ id, result, evidence, from }: VerifiedClaim): readonly string[] {
  const isSkipped = result.verdict === 'not-tested'
  const head = `  <testsuite name="${escaped(id)}" tests="${isSkipped ? 1 : result.cases}" failures="${result.failed}" skipped="${isSkipped ? 1 : 0}" file="${escaped(from.file)}">`
  const cases = isSkipped ? [`    <testcase name="${escaped(id)}"><skipped/></testcase>`] : evidence.flatMap(testCase)
  return [head, ...cases, '  </testsuite>']
}

function testCase({ case: name, wrong, ms, request, answer }: Evidence): readonly string[] {
  const head = `    <testcase name="${escaped(name)}" time="${(ms / 1_000).toFixed(4)}"`
  if (wrong === null) return [`${head}/>`]
  return [`${head}>`, `      <failure message="${escaped(wrong)}">${escaped(`${request}\n${answer ?? ''}`)}</failure>`, '    </testcase>']
}

/** Text in XML 1.0, without the characters that it cannot have. */
function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}
