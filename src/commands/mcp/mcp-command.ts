/** The row of `plinth mcp` in the table of commands. */

import type { CommandFacts } from '../terminal/command.ts'
import type { ProjectCommands } from './state/project.ts'

/** The command. `verify` loads the command that jobs run. */
export function mcpCommand(loadVerify: () => Promise<ProjectCommands['verify']>): CommandFacts {
  return {
    name: 'mcp',
    summary: 'serve the tools of the Model Context Protocol, with which an agent builds and proves a backend',
    arguments: [
      { name: 'folder', required: false, meaning: 'the project; tools read and write no file outside it. This folder unless given' },
    ],
    options: [{ name: 'allow-code', takes: 'flag', meaning: 'execute code that a design names; it may do all that you may' }],
    examples: [
      { line: 'plinth mcp', does: 'serves this folder to a client over stdin and stdout' },
      { line: 'plinth mcp shop', does: 'serves the folder shop' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { serveMcp } = await import('./serve-mcp.ts')
      const verify: ProjectCommands['verify'] = async (input, io) => (await loadVerify())(input, io)
      return (call, io) => serveMcp({ folder: call.argument('folder'), code: call.flag('allow-code') ? 'run' : 'leave' }, { verify }, io)
    },
  }
}
