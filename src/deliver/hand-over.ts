/** The whole hand-over as files: the code, its documents, the evidence, and what says what all of it is. */

import type { Model } from '../model/model.ts'
import { ctrfOf } from '../verify/report/forms/ctrf.ts'
import { junitOf } from '../verify/report/forms/junit.ts'
import { sarifOf } from '../verify/report/forms/sarif.ts'
import { reportPage } from '../verify/report/page/report-page.ts'
import type { VerifyReport } from '../verify/report/report-of.ts'
import type { EvidencePart } from './evidence/part.ts'
import { type DeliverableName, evidenceOf } from './evidence/parts.ts'
import { type DeliveredFile, jsonText, sumsOf } from './files/delivered-file.ts'
import { type Handover, type HandoverParts, handoverOf, PATHS } from './handover/handover.ts'
import { HANDOVER_SCHEMA } from './handover/handover-schema.ts'
import { indexPage } from './page/index-page.ts'

/** What a hand-over is made of. */
export interface DeliveryParts extends Pick<HandoverParts, 'design' | 'assumptions' | 'openQuestions' | 'deviations' | 'notTested'> {
  readonly model: Model
  /** The finished run of `plinth verify`. */
  readonly report: VerifyReport
  /** The list of components in CycloneDX that the run has written; null for none. */
  readonly sbom: string | null
  /** The project, with paths relative to its folder. */
  readonly code: readonly DeliveredFile[]
  /** The documents, with paths relative to their folder. */
  readonly documents: readonly DeliveredFile[]
}

/** A hand-over. */
export interface WholeHandover {
  readonly handover: Handover
  /** All files, also `handover.json`, which comes last: with it the hand-over is complete. */
  readonly files: readonly DeliveredFile[]
}

/** Where people look at each deliverable. */
const LINKS: Readonly<Record<DeliverableName, string>> = {
  code: 'code/package.json',
  documentation: 'docs/index.html',
  performance: 'verification/report.html#performance',
  tests: 'verification/report.html#coverage',
  security: 'verification/report.html#security',
  scalability: 'verification/report.html#performance',
}

/** Makes the hand-over. The same parts give the same bytes. */
export function handOver(parts: DeliveryParts): WholeHandover {
  const { model, report, code, documents } = parts
  const evidence = evidenceOf(report, model.targets)
  const files = [
    ...inFolder(PATHS.code, code),
    ...inFolder(PATHS.documentation, documents),
    ...evidenceFiles(report, evidence, parts.sbom),
    { path: 'handover.schema.json', content: jsonText(HANDOVER_SCHEMA) },
  ]
  const handover = handoverOf({ ...parts, name: model.name, description: model.description, evidence }, report, files)
  const page: DeliveredFile = { path: 'index.html', content: indexPage(handover, LINKS) }
  const json: DeliveredFile = { path: 'handover.json', content: jsonText(handover) }
  const all = [...files, page, json]
  return { handover, files: [...files, page, { path: 'SHA256SUMS', content: sumsOf(all) }, json] }
}

function inFolder(folder: string, files: readonly DeliveredFile[]): readonly DeliveredFile[] {
  return files.map(({ path, content }) => ({ path: `${folder}/${path}`, content }))
}

function evidenceFiles(
  report: VerifyReport,
  evidence: Readonly<Record<DeliverableName, EvidencePart>>,
  sbom: string | null,
): readonly DeliveredFile[] {
  const part = (name: DeliverableName, measured: unknown): DeliveredFile => ({
    path: PATHS[name],
    content: jsonText({ ...evidence[name], report: 'report.json', measured }),
  })
  return [
    { path: 'verification/report.json', content: jsonText(report) },
    { path: 'verification/report.html', content: reportPage(report) },
    { path: 'verification/junit.xml', content: junitOf(report) },
    { path: 'verification/ctrf.json', content: jsonText(ctrfOf(report)) },
    { path: 'verification/report.sarif', content: jsonText(sarifOf(report)) },
    ...(sbom === null ? [] : [{ path: 'verification/sbom.cdx.json', content: sbom }]),
    part('performance', withoutScale(report.performance)),
    part('tests', { totals: report.totals, ownTests: report.tests, mutants: report.mutants }),
    part('security', { classes: report.security, asvs: report.asvs, role: report.role }),
    part('scalability', report.performance === null ? null : { sweep: report.performance.sweep, growth: report.performance.growth }),
  ]
}

function withoutScale(performance: VerifyReport['performance']): object | null {
  if (performance === null) return null
  const { sweep: _, growth: __, ...measured } = performance
  return measured
}
