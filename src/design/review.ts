/** What a reviewer would say about a model that can be built. Pure. */

import type { Model } from '../model/model.ts'
import type { Report } from './report.ts'

/** Adds the findings of a review. */
export function review(_model: Model, _report: Report): void {}
