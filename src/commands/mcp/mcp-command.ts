/** The row of `plinth mcp` in the table of commands. */

import type { CommandFacts } from '../terminal/command.ts'
import type { ProjectCommands } from './state/project.ts'

/** The command. `loadCommands` loads what its jobs take from other commands. */
export function mcpCommand(loadCommands: () => Promise<ProjectCommands>): CommandFacts {
  return {
    name: 'mcp',
    summary: 'serve the tools of the Model Context Protocol, with which an agent builds and proves a backend',
    arguments: [
      { name: 'folder', required: false, meaning: 'the project; tools read and write no file outside it. This folder unless given' },
    ],
    options: [
      { name: 'allow-code', takes: 'flag', meaning: 'execute code that a design names; it may do all that you may' },
      {
        name: 'http',
        takes: 'value',
        value: 'port',
        meaning: 'serve over HTTP on 127.0.0.1, with the token in .plinth/mcp/token; 0 takes a free port',
      },
      {
        name: 'job',
        takes: 'value',
        value: 'id',
        meaning: 'do the work of a job that a tool has made, and serve nothing; tools start it so',
      },
    ],
    examples: [
      { line: 'plinth mcp', does: 'serves this folder to a client over stdin and stdout' },
      { line: 'plinth mcp shop', does: 'serves the folder shop' },
      { line: 'plinth mcp --http 4100', does: 'serves it at http://127.0.0.1:4100/mcp, to clients that send the token' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const [{ serveMcp }, commands] = await Promise.all([import('./serve-mcp.ts'), loadCommands()])
      return (call, io) =>
        serveMcp(
          {
            folder: call.argument('folder'),
            code: call.flag('allow-code') ? 'run' : 'leave',
            job: call.option('job'),
            http: call.option('http'),
          },
          { commands, io },
        )
    },
  }
}

/** `plinth agent install`. */
export const AGENT_COMMAND: CommandFacts = {
  name: 'agent',
  summary: 'write what an agent needs into a project: an agent definition, a skill, a section of AGENTS.md, and .mcp.json',
  arguments: [
    { name: 'action', required: true, meaning: 'install' },
    { name: 'folder', required: false, meaning: 'the project; this folder unless given' },
  ],
  options: [{ name: 'force', takes: 'flag', meaning: 'replace the agent definition and the skill if they have another text' }],
  examples: [{ line: 'plinth agent install', does: 'lets an agent build the backend of this project with the tools of plinth mcp' }],
  node: 'required',
  stops: 'at-once',
  load: async () => {
    const { agentFiles } = await import('./agent-files.ts')
    return (call, io) =>
      agentFiles(
        { action: call.argument('action') ?? '', folder: call.argument('folder'), existing: call.flag('force') ? 'replace' : 'keep' },
        io,
      )
  },
}
