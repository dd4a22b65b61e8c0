/** A client of `plinth mcp` over stdio, and projects in temporary folders. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Client as McpSdkClient } from '@modelcontextprotocol/client'
import { PLINTH, start, temporaryFolder } from '../support/command-line.ts'
import { Client, StdioClientTransport, StreamableHTTPClientTransport } from './client-library.ts'

/** The answer of a tool. */
export interface Answered {
  readonly ok: boolean
  readonly isError: boolean
  readonly [member: string]: unknown
}

/** A connected client. */
export interface McpClient {
  readonly client: McpSdkClient
  /** The process of the server. */
  readonly pid: number
  /** Calls a tool; gives up after `timeoutMs`, 60 s unless given. */
  call(tool: string, given: object, timeoutMs?: number): Promise<Answered>
  /** Ends the server as a client does that goes. */
  close(): Promise<void>
}

/** How to connect. */
export interface ConnectOptions {
  readonly env?: Readonly<Record<string, string>>
  /** `auto`: speaks the newest revision that both know; `legacy`: the one of 2025. */
  readonly mode?: 'auto' | 'legacy'
}

/** Starts a server on a folder and connects to it. It is always ended after the test. */
export async function connect(t: TestContext, folder: string, options: ConnectOptions = {}): Promise<McpClient> {
  const opened = await open(folder, options)
  t.after(opened.close)
  return opened
}

/** Starts a server on a folder and connects to it. */
export async function open(folder: string, { env, mode = 'auto' }: ConnectOptions = {}): Promise<McpClient> {
  const [command, ...args] = PLINTH
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(PATH|HOME|TMPDIR|NODE_COMPILE_CACHE)$/.test(name)))
  const transport = new StdioClientTransport({
    command,
    args: [...args, 'mcp', folder],
    cwd: folder,
    env: { ...(kept as Record<string, string>), ...env },
    stderr: 'ignore',
  })
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(transport)
  return clientOf(client, transport.pid ?? 0)
}

/** A server over HTTP. */
export interface HttpPlace {
  /** The process of the server, if the test has started one. */
  readonly pid?: number
  readonly url: string
  /** What callers send as `Authorization: Bearer`. */
  readonly token: string
}

/** Serves a folder over HTTP until the end of the test. */
export async function serveHttp(t: TestContext, folder: string): Promise<HttpPlace> {
  const server = start(t, [...PLINTH, 'mcp', folder, '--http', '0'], { cwd: folder })
  const url = /listening on (\S+);/.exec(await server.until(/listening on \S+;/))?.[1] ?? ''
  return { pid: server.process.pid ?? 0, url, token: readFileSync(join(folder, '.plinth/mcp/token'), 'utf8') }
}

/** Connects to a server over HTTP. */
export async function openHttp({ pid = 0, url, token }: HttpPlace, mode: 'auto' | 'legacy' = 'auto'): Promise<McpClient> {
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode } })
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: { authorization: `Bearer ${token}` } } }))
  return clientOf(client, pid)
}

function clientOf(client: McpSdkClient, pid: number): McpClient {
  return {
    client,
    pid,
    call: (tool, given, timeoutMs = 60_000) => callTool(client, { tool, given, timeoutMs }),
    close: () => client.close(),
  }
}

async function callTool(
  client: McpSdkClient,
  { tool, given, timeoutMs }: { readonly tool: string; readonly given: object; readonly timeoutMs: number },
): Promise<Answered> {
  const result = await client.callTool({ name: tool, arguments: given as Record<string, unknown> }, { timeout: timeoutMs })
  return { ...(result.structuredContent as { ok: boolean }), isError: result.isError === true }
}

/** A folder with these files, which is deleted after the test. */
export function projectFolder(t: TestContext, files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** A small design with accounts, in which `titel` is misspelt. */
export const MISSPELT = `name: notes
rules: { desk: auth.role == "desk" }
entities:
  Account:
    identity: { login: email, password: password, role: role }
    fields:
      email: { type: email, unique: true, read: id == auth.id || desk }
      password: { type: password, write: version == 1 || id == auth.id }
      role: { type: choice, values: [member, desk], default: member, write: 'false' }
    access: { create: 'true', read: id == auth.id || desk, update: id == auth.id, delete: 'false' }
  Note:
    fields:
      title: { type: text, max: 80 }
      author: { type: ref, entity: Account, inverse: notes, set: auth.id }
      rank: { type: number, default: 0 }
    access: { read: author == auth.id && titel != "", create: auth.id != null, update: author == auth.id, delete: author == auth.id }
    indexes: [[author, -createdAt]]
`

/** The same without the mistake. */
export const NOTES = MISSPELT.replace('titel', 'title')
