/** Tools that are called in this process, without a server. */

import assert from 'node:assert/strict'
import { realpathSync } from 'node:fs'
import type { TestContext } from 'node:test'
import type { Project } from '../../src/commands/mcp/state/project.ts'
import { callTool } from '../../src/commands/mcp/tools/call-tool.ts'
import type { ToolAnswer } from '../../src/commands/mcp/tools/tool.ts'
import { TOOLS } from '../../src/commands/mcp/tools/tools.ts'
import { PLAIN } from '../../src/commands/terminal/style.ts'
import { projectFolder } from './mcp-client.ts'

/** The folder and the environment of a project; an empty temporary one, and none, unless given. */
export interface DirectPlace {
  readonly folder?: string
  readonly env?: Readonly<Record<string, string>>
}

/** A project whose tools are called in this process; nothing may start another one. */
export function directProject(t: TestContext, files: Readonly<Record<string, string>> = {}, place: DirectPlace = {}): Project {
  const root = realpathSync(place.folder ?? projectFolder(t, files))
  const stop = new AbortController().signal
  const io = {
    cwd: root,
    env: place.env ?? {},
    style: PLAIN,
    terminal: 'plain',
    observe: () => {},
    stop,
    self: { command: [], supervisor: null },
  } as const
  const refuse = () => assert.fail('nothing is run')
  return { root, code: 'leave', io, program: ['false'], commands: { verify: refuse, projectFiles: refuse, deliver: refuse } }
}

/** Calls a tool, whose answer must have the size of an answer. */
export async function callIn(
  project: Project,
  name: string,
  given: unknown,
): Promise<ToolAnswer & { readonly error?: { code: string; message: string; fix: string } }> {
  const tool = TOOLS.find((one) => one.name === name)
  assert.ok(tool !== undefined, `there is no tool ${name}`)
  const { answer } = await callTool(tool, given, { project, calls: new Map(), withinMs: 60_000 })
  assert.ok(JSON.stringify(answer).length <= 16_000, `${JSON.stringify(answer).length} characters`)
  return answer
}
