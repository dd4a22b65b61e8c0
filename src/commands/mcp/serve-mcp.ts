/** `plinth mcp`: serves the tools over stdio or HTTP; as a job, does the work of one call. */

import { once } from 'node:events'
import { realpathSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { serveStdio } from '@modelcontextprotocol/server/stdio'
import type { Io, Outcome } from '../terminal/command.ts'
import { PLAIN } from '../terminal/style.ts'
import { UsageError } from '../terminal/usage-error.ts'
import { listenHttp, tokenFile } from './http-server.ts'
import { serverFactory } from './mcp-server.ts'
import type { Project, ProjectCommands } from './state/project.ts'
import { runJob } from './work/run-job.ts'

/** The arguments and options of the command. */
export interface McpInput {
  /** The folder of the project; the working directory unless given. */
  readonly folder: string | undefined
  readonly code: 'run' | 'leave'
  /** The job whose work is to be done in place of serving; undefined for none. */
  readonly job: string | undefined
  /** The port of HTTP; undefined for stdio. */
  readonly http: string | undefined
}

/** What the command is given besides. */
export interface McpDeps {
  readonly commands: ProjectCommands
  readonly io: Io
}

/** Serves until the client over stdio has gone, or this process is ended. @throws UsageError for a folder that is none, or a bad port. */
export async function serveMcp(input: McpInput, deps: McpDeps): Promise<Outcome> {
  const { io } = deps
  const project = projectOf(input, deps)
  if (input.job !== undefined) return runJob(project, input.job)
  if (input.http !== undefined) return overHttp(project, input.http)
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>()
  process.stdin.once('end', leave).once('close', leave)
  const handle = serveStdio(serverFactory(project), {
    onerror: (error) => io.observe({ kind: 'logged', level: 'warn', message: error.message, fields: {} }),
  })
  await gone
  await handle.close()
  return { exit: 0, data: { stopped: true }, text: '' }
}

/** @throws UsageError for what is no port; EnvironmentError for one in use. */
async function overHttp(project: Project, port: string): Promise<Outcome> {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError(`${port} is no port`, 'plinth mcp --http 0 takes a free one')
  const { url, server } = await listenHttp(project, Number(port))
  const said = `listening on ${url}; the token is in ${tokenFile(project.root)}`
  project.io.observe({ kind: 'logged', level: 'info', message: said, fields: {} })
  await once(server, 'close')
  return { exit: 0, data: { stopped: true }, text: '' }
}

/** The project of a folder. Commands that tools run are in the folder and print nothing. */
function projectOf({ folder, code }: McpInput, { commands, io }: McpDeps): Project {
  const path = resolve(io.cwd, folder ?? '.')
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UsageError(`${folder} is no folder`, 'name the folder of a project')
  const root = realpathSync(path)
  const { command } = io.self
  const at = command.indexOf('mcp')
  const quiet: Io = { ...io, cwd: root, style: PLAIN, terminal: 'plain' }
  return { root, code, io: quiet, program: at === -1 ? command : command.slice(0, at), commands }
}
