/** Failed claims as results of static analysis: SARIF 2.1.0 (OASIS), with the place of each rule in the design. */

import { formatPath } from '../../../base/diagnostic.ts'
import type { VerifiedClaim } from '../claims-of.ts'
import type { VerifyReport } from '../report-of.ts'

/** A log in SARIF with one run. */
export interface SarifLog {
  readonly $schema: string
  readonly version: '2.1.0'
  readonly runs: readonly [SarifRun]
}

interface SarifRun {
  readonly tool: { readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly SarifRule[] } }
  readonly invocations: readonly [{ readonly executionSuccessful: boolean; readonly startTimeUtc: string; readonly endTimeUtc: string }]
  readonly results: readonly SarifResult[]
  readonly columnKind: 'utf16CodeUnits'
}

interface SarifRule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
  readonly fullDescription: { readonly text: string }
}

interface SarifResult {
  readonly ruleId: string
  readonly ruleIndex: number
  readonly level: 'error'
  readonly message: { readonly text: string }
  readonly locations: readonly object[]
  readonly partialFingerprints: { readonly claim: string }
}

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'
/** Cases that the message of a result names. */
const NAMED = 5

/** A projection of the report: one result for each claim that fails, and none for others. */
export function sarifOf(report: VerifyReport): SarifLog {
  const failed = report.claims.filter(({ result }) => result.verdict === 'fails')
  const start = Date.parse(report.startedAt)
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'plinth verify', version: report.plinth, rules: failed.map(ruleOf) } },
        invocations: [
          {
            executionSuccessful: true,
            startTimeUtc: new Date(start).toISOString(),
            endTimeUtc: new Date(start + Math.round(report.seconds * 1_000)).toISOString(),
          },
        ],
        results: failed.map(resultOf),
        columnKind: 'utf16CodeUnits',
      },
    ],
  }
}

function ruleOf({ id, claim, from }: VerifiedClaim): SarifRule {
  const rule = from.rule === '' ? claim : `${claim} Rule: ${from.rule}`
  return { id, shortDescription: { text: claim }, fullDescription: { text: rule } }
}

function resultOf({ id, evidence, result, from, reproduce }: VerifiedClaim, ruleIndex: number): SarifResult {
  const failed = evidence.filter(({ wrong }) => wrong !== null)
  const cases = failed.slice(0, NAMED).map((one) => `${one.case}: ${one.request}: ${one.wrong}`)
  const more = failed.length > NAMED ? [`and ${failed.length - NAMED} more`] : []
  const region = from.line === null ? {} : { region: { startLine: from.line } }
  return {
    ruleId: id,
    ruleIndex,
    level: 'error',
    message: { text: [`${result.failed} of ${result.cases} cases failed.`, ...cases, ...more, `Again: ${reproduce.command}`].join('\n') },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(from.file.replaceAll('\\', '/')) }, ...region },
        ...(from.path === '' ? {} : { logicalLocations: [{ fullyQualifiedName: formatPath(from.path.split('.')) }] }),
      },
    ],
    partialFingerprints: { claim: id },
  }
}
