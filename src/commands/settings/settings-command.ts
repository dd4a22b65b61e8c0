/** The row of `plinth settings` in the table of commands. */

import { type CommandFacts, DESIGN_ARGUMENT } from '../terminal/command.ts'

/** The command. */
export const SETTINGS_COMMAND: CommandFacts = {
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
}
