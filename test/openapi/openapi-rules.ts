/** The recommended rules of Redocly and Spectral, on a document in memory. Neither tool uses the network. */

import { createConfig, lintFromString } from '@redocly/openapi-core'
import spectralCore from '@stoplight/spectral-core'
import spectralRulesets from '@stoplight/spectral-rulesets'

export interface Finding {
  readonly severity: 'error' | 'warning'
  readonly rule: string
  readonly message: string
}

/** Redocly's `recommended`. */
export async function redocly(document: unknown): Promise<readonly Finding[]> {
  const config = await createConfig({ extends: ['recommended'] })
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config })
  return problems.map((p) => ({
    severity: p.severity === 'error' ? 'error' : 'warning',
    rule: p.ruleId,
    message: `${p.message} ${p.location[0]?.pointer ?? ''}`,
  }))
}

/** Spectral's `spectral:oas`. Its severity 0 is an error. */
export async function spectral(document: unknown): Promise<readonly Finding[]> {
  const linter = new spectralCore.Spectral()
  linter.setRuleset(spectralRulesets.oas as Parameters<typeof linter.setRuleset>[0])
  // A copy without shared objects, like a parsed file.
  const results = await linter.run(JSON.parse(JSON.stringify(document)))
  return results.map((r) => ({
    severity: r.severity === 0 ? 'error' : 'warning',
    rule: String(r.code),
    message: `${r.message} ${r.path.join('.')}`,
  }))
}
