/** The table of settings as text for a terminal. */

import type { Mode, SettingFacts } from './setting-facts.ts'
import { SETTINGS } from './setting-table.ts'

/** The settings, for the help of a command that reads them. */
export function settingNotes(mode: Mode): string {
  return ['Settings, from the environment:', ...settingLines(mode)].join('\n')
}

/** Two lines for each setting: its name, type and default, then its meaning. */
export function settingLines(mode: Mode): readonly string[] {
  return Object.entries(SETTINGS).flatMap(([name, facts]: readonly [string, SettingFacts]) => {
    const usual = facts.default[mode]
    const notes = [
      facts.type.name,
      ...(facts.required && mode === 'production' ? ['required'] : []),
      ...(usual === null ? [] : [`default ${usual}`]),
      ...(facts.secret ? [`secret: may be in the file that ${name}_FILE names`] : []),
    ]
    return [`  ${name} (${notes.join('; ')})`, `      ${plain(facts.meaning)}`]
  })
}

/** A text without the marks of code and links. */
function plain(text: string): string {
  return text.replaceAll('`', '').replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
}
