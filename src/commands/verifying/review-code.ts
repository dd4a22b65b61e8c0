/** The review of the code of a project as a part of `plinth verify`. */

import { type Diagnostic, formatPath } from '../../base/diagnostic.ts'
import type { Model } from '../../model/model.ts'
import type { CodeReview, ReviewedPart, ReviewFinding } from '../../verify/review/code-review.ts'
import { costFindings, type MeasuredCode } from '../../verify/review/measured-code.ts'
import { openWrites } from '../../verify/review/open-writes.ts'
import type { LoadedDesign } from '../setup/load-design.ts'
import { checkTypes } from './review/check-types.ts'
import type { OwnLogic } from './review/own-logic.ts'
import { relativeTo } from './review/relative-to.ts'
import { runLinter } from './review/run-linter.ts'
import { unusedLogic } from './review/unused-logic.ts'

/** A design that was loaded without errors. */
export interface Reviewed extends Pick<LoadedDesign, 'diagnostics' | 'path'> {
  readonly model: Model
}

/** The checks that need no running backend: findings of `plan`, types, the linter, and functions that nothing uses. */
export async function reviewFiles(logic: OwnLogic, { diagnostics, path, model }: Reviewed): Promise<CodeReview> {
  const checked = [await checkTypes(logic), await runLinter(logic), unusedLogic(logic, path)]
  return {
    parts: [{ check: 'plan', looked: 'the design', why: null }, ...checked.map(({ part }) => part)],
    findings: [
      ...diagnostics.map((one) => planFinding(one, logic.folder)),
      ...openWrites(model),
      ...checked.flatMap(({ findings }) => findings),
    ],
    costs: [],
  }
}

function planFinding({ code, severity, at, message, hint }: Diagnostic, folder: string): ReviewFinding {
  return {
    check: 'plan',
    name: code,
    level: severity,
    path: formatPath(at.path),
    file: at.file === undefined ? null : relativeTo(folder, at.file),
    line: at.line ?? null,
    what: message,
    fix: hint ?? 'See docs/reference/diagnostics.md.',
  }
}

/** Adds what running code has cost. */
export function withCosts(review: CodeReview, measured: readonly MeasuredCode[]): CodeReview {
  const ran = measured.filter(({ runs }) => runs.length > 0)
  const why = measured.length === 0 ? 'the design has no code that requests run' : ran.length === 0 ? 'no code could be run' : null
  const part: ReviewedPart = { check: 'costs', looked: `${ran.length} of ${measured.length} actions of code and hooks`, why }
  return {
    parts: [...review.parts, part],
    findings: [...review.findings, ...measured.flatMap(costFindings)],
    costs: ran.map(({ code, runs }) => ({
      code,
      runs: runs.length,
      ms: Math.min(...runs.map(({ ms }) => ms)),
      statements: Math.max(...runs.map(({ statements }) => statements)),
    })),
  }
}
