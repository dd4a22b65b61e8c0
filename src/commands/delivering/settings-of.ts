/** The settings of a design in production: those of Plinth, and the variables that the design names. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DeliveredSetting } from '../../deliver/documents/setting.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Model } from '../../model/model.ts'
import { hasEncryptedFields } from '../../model/privacy/sealed.ts'
import { SETTINGS } from '../setup/settings/setting-table.ts'
import { sampleVariables } from '../verifying/backend/sample-variables.ts'

/** All settings, those of Plinth first. */
export function settingsOf(model: Model): readonly DeliveredSetting[] {
  const needed = new Set([
    ...(model.mail === null ? [] : ['SMTP_URL']),
    ...(model.entities.some(({ fields }) => fields.some(({ type }) => type.kind === 'file')) ? ['FILES'] : []),
    ...(hasEncryptedFields(model) ? ['ENCRYPTION_KEYS'] : []),
  ])
  const own = Object.entries(SETTINGS).map(([name, { meaning, required, secret, default: usual }]) => ({
    ...{ name, meaning, secret, required: required || needed.has(name), usual: usual.production },
  }))
  const named = Object.keys(sampleVariables(model, 'http://127.0.0.1:9')).map((name) => ({
    ...{
      name,
      meaning: 'The design names it: an address, a name or a secret of another system.',
      required: true,
      secret: true,
      usual: null,
    },
  }))
  return [...own, ...named]
}

/** What to do when an alert fires, from the reference of metrics: the name of the alert, why it fires, and what to do. */
export function alertsOf(): readonly (readonly string[])[] {
  const page = readFileSync(join(ownPackage().root, 'docs/reference/metrics.md'), 'utf8')
  const [, section = ''] = page.split('## When an alert fires')
  const rows = section.split('\n').filter((line) => /^\| `Plinth\w+` \|/.test(line))
  // A bar inside a cell is written with a backslash.
  return rows.map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}
