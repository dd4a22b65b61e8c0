/** The report as JUnit XML, for CI systems: a suite for each claim, a test for each case of its evidence. */

import type { VerifiedClaim } from '../claims-of.ts'
import type { Evidence } from '../evidence-of.ts'
import type { VerifyReport } from '../report-of.ts'

/**
 * A projection of the report. A claim that is not tested or undecided has one more test, which is skipped: JUnit has no word for a gap. So
 * the tests that are not skipped are the cases of the report.
 */
export function junitOf(report: VerifyReport): string {
  const { totals, seconds, design, claims } = report
  const skipped = claims.filter((claim) => gapOf(claim) !== null).length
  const head = `<testsuites name="${escaped(design.name)}" tests="${totals.cases + skipped}" failures="${totals.failed}" skipped="${skipped}" time="${seconds}">`
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...claims.flatMap(suite), '</testsuites>', ''].join('\n')
}

function suite(claim: VerifiedClaim): readonly string[] {
  const { id, result, evidence, passed, from } = claim
  const gap = gapOf(claim)
  const skipped = gap === null ? [] : [`    <testcase name="${escaped(id)}"><skipped message="${escaped(gap)}"/></testcase>`]
  const head = `  <testsuite name="${escaped(id)}" tests="${result.cases + skipped.length}" failures="${result.failed}" skipped="${skipped.length}" file="${escaped(from.file)}">`
  const others = passed.map((name) => `    <testcase name="${escaped(name)}"/>`)
  return [head, ...evidence.flatMap(testCase), ...others, ...skipped, '  </testsuite>']
}

/** What of a claim is not decided; null for one that holds or fails. */
function gapOf({ result, open }: VerifiedClaim): string | null {
  if (result.verdict === 'not-tested') return 'not tested'
  return result.verdict === 'undecided' ? `undecided: ${open.join(', ')}` : null
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
