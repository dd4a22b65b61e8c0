/** What all files of a deployment are made of. */

import { stringify } from 'yaml'
import type { Model } from '../../model/model.ts'
import type { VerifyReport } from '../../verify/report/report-of.ts'
import type { DeliveredSetting } from '../documents/setting.ts'

/** A backend that is deployed. */
export interface Deployed {
  readonly model: Model
  readonly settings: readonly DeliveredSetting[]
  readonly report: VerifyReport
  /** The path of the design in the project, as it is; empty if commands find it by themselves. */
  readonly design: string
}

/** The port of the metrics. */
export const METRICS_PORT = 9464
/** The port of the backend. */
export const PORT = 3000
/** The major version of Node in images and pipelines. */
export const NODE = 26
/** The version of PostgreSQL in images. */
export const POSTGRES = 18
/** The account in containers. It owns nothing. */
export const ACCOUNT = 10_001
/** The seconds that an instance has to end its running requests. */
export const STOP_SECONDS = 60

/** The arguments of a process, which no shell reads: `plinth serve`. */
export function plinthCommand({ design }: Pick<Deployed, 'design'>, ...words: readonly string[]): readonly string[] {
  return ['node', 'node_modules/plinth/dist/cli.js', ...words, ...(design === '' ? [] : [design])]
}

/**
 * A value as YAML below a comment. Several values become several documents. Words such as `off` are quoted, because older readers take them
 * for booleans.
 */
export function yamlText(comment: string, ...values: readonly unknown[]): string {
  const documents = values.map((value) => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, version: '1.1' }))
  return `# ${comment}\n${documents.join('---\n')}`
}
