/** `plinth agent install`: writes what an agent needs to know of Plinth into a project. */

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { isObject } from '../../base/is-object.ts'
import { ownPackage } from '../../embed/own-package.ts'
import type { Io, Outcome } from '../terminal/command.ts'
import { UsageError } from '../terminal/usage-error.ts'

/** The arguments and options of the command. */
export interface AgentInput {
  readonly action: string
  readonly folder: string | undefined
  /** Whether files that exist with another text are replaced. */
  readonly existing: 'keep' | 'replace'
}

const FILES = [
  { from: 'files/backend-developer.md', to: '.claude/agents/backend-developer.md' },
  { from: 'files/SKILL.md', to: '.claude/skills/plinth/SKILL.md' },
  { from: 'language.md', to: '.claude/skills/plinth/references/language.md' },
] as const

const BEGIN = '<!-- plinth: begin -->'
const END = '<!-- plinth: end -->'
const SERVER = { command: 'npx', args: ['--no', '--', 'plinth', 'mcp'] }

/** A file, and the text that it should have. */
interface Wanted {
  readonly path: string
  readonly text: string
  /** Whether what others wrote in the file stays. */
  readonly joins: boolean
}

/**
 * Writes the files that are not there, and puts the section of AGENTS.md and the server of .mcp.json into those that are. Other files that
 * exist stay as they are, unless they are to be replaced.
 *
 * @throws UsageError for another action, and for an .mcp.json that is no JSON.
 */
export async function agentFiles({ action, folder, existing }: AgentInput, io: Io): Promise<Outcome> {
  if (action !== 'install') throw new UsageError(`there is no plinth agent ${action}`, 'plinth agent install')
  const root = resolve(io.cwd, folder ?? '.')
  const states = wantedFiles(root).map(({ path, text, joins }) => {
    const before = textAt(root, path)
    if (before === text) return { path, state: 'unchanged' as const }
    if (before !== null && !joins && existing === 'keep') return { path, state: 'kept' as const }
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
    return { path, state: before === null ? ('written' as const) : ('changed' as const) }
  })
  const kept = states.filter(({ state }) => state === 'kept').length
  const hint = kept === 0 ? [] : ['Kept files have another text; --force replaces them.']
  return {
    exit: 0,
    data: { folder: root, files: states },
    text: [...states.map(({ path, state }) => `${state.padEnd(9)}  ${path}`), ...hint].join('\n'),
  }
}

function wantedFiles(root: string): readonly Wanted[] {
  const template = (name: string): string => readFileSync(join(ownPackage().root, 'templates/agent', name), 'utf8')
  return [
    ...FILES.map(({ from, to }) => ({ path: to, text: template(from), joins: false })),
    { path: 'AGENTS.md', text: withSection(textAt(root, 'AGENTS.md') ?? '', template('files/AGENTS.md')), joins: true },
    { path: '.mcp.json', text: withServer(textAt(root, '.mcp.json')), joins: true },
  ]
}

function textAt(root: string, path: string): string | null {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : null
}

/** A document with the section between its marks; at the end if it has none yet. */
function withSection(document: string, section: string): string {
  const marked = `${BEGIN}\n${section.trim()}\n${END}`
  const [from, to] = [document.indexOf(BEGIN), document.indexOf(END)]
  if (from !== -1 && to > from) return `${document.slice(0, from)}${marked}${document.slice(to + END.length)}`
  return document.trim() === '' ? `${marked}\n` : `${document.trimEnd()}\n\n${marked}\n`
}

function withServer(text: string | null): string {
  const found = text === null ? {} : jsonOf(text)
  const servers = isObject(found.mcpServers) ? found.mcpServers : {}
  return `${JSON.stringify({ ...found, mcpServers: { ...servers, plinth: servers.plinth ?? SERVER } }, null, 2)}\n`
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    if (isObject(value)) return value
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw new UsageError('.mcp.json is no JSON object', 'correct it, or delete it')
}
