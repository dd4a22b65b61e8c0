/** The part of the table of commands about serving in production and its settings. */

import type { Mode } from './setup/settings/setting-facts.ts'
import { type CommandFacts, DESIGN_ARGUMENT } from './terminal/command.ts'

/** The settings, for the help of a command that reads them. */
export async function settingNotes(mode: Mode): Promise<string> {
  const { settingLines } = await import('./setup/settings/setting-lines.ts')
  return ['Settings, from the environment:', ...settingLines(mode)].join('\n')
}

/** The commands. */
export const SERVE_COMMANDS: readonly CommandFacts[] = [
  {
    name: 'serve',
    summary: 'serve the design in production, with all settings from the environment',
    arguments: [DESIGN_ARGUMENT],
    options: [{ name: 'migrate', takes: 'flag', meaning: 'migrate the database first, unless a step is hazardous' }],
    examples: [
      { line: 'plinth serve', does: 'starts, or names every missing setting' },
      { line: 'plinth serve --migrate', does: 'migrates, then starts; instances that start together migrate once' },
    ],
    node: 'required',
    stops: 'drains',
    mode: 'production',
    notes: () => settingNotes('production'),
    load: async () => {
      const { serve } = await import('./serve.ts')
      return (call, io) => serve({ design: call.argument('design'), migrations: call.flag('migrate') ? 'apply' : 'refuse' }, io)
    },
  },
  {
    name: 'settings',
    summary: 'list all settings, or check those of the environment as a start would, without starting anything',
    arguments: [{ name: 'do', required: false, meaning: 'list (unless given) or check' }, DESIGN_ARGUMENT],
    options: [{ name: 'development', takes: 'flag', meaning: 'the settings of plinth up in place of those of plinth serve' }],
    examples: [
      { line: 'plinth settings', does: 'lists every setting with its type, its default and its meaning' },
      { line: 'plinth settings check', does: 'names everything for which plinth serve would not start; exit code 1 if there is anything' },
      { line: 'plinth settings check --json', does: 'the same for programs, with the place of each value, and never a secret' },
      { line: 'plinth settings check --development', does: 'checks the settings of plinth up, with those of .env' },
    ],
    node: 'required',
    stops: 'at-once',
    mode: 'production',
    load: async () => {
      const { settings } = await import('./settings.ts')
      return (call, io) =>
        settings(
          {
            doing: call.argument('do'),
            design: call.argument('design'),
            mode: call.flag('development') ? 'development' : 'production',
          },
          io,
        )
    },
  },
]
