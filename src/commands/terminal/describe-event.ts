/** Texts for the events of commands. */

import { formatPath } from '../../base/diagnostic.ts'
import { unreachable } from '../../base/unreachable.ts'
import type { Pending } from '../../model/parts/goals.ts'
import { describeEmbedded, describeMigration } from './describe-database.ts'
import { type CommandEvent, diagnosticLines } from './event.ts'
import { count, plainText, seconds } from './layout.ts'
import type { Style } from './style.ts'

/** Returns the text for an event; empty for events that are not shown. */
export function describeEvent(event: CommandEvent, style: Style): string {
  switch (event.kind) {
    case 'database':
      return describeEmbedded(event.event, style)
    case 'migration':
      return describeMigration(event.event, style)
    case 'design-read':
      return diagnosticLines(event.diagnostics, style).join('\n')
    case 'migrated':
      return event.statements === 0 ? '' : style.dim(`database: ${count(event.statements, 'step')} applied in ${seconds(event.ms)}`)
    case 'listening':
      return firstScreen(event, style)
    case 'reloaded':
      return [reloadedLine(event, style), ...pendingLines(event.pending, style), ...unwrittenLines(event.unwritten, style)].join('\n')
    case 'kept':
      return [
        ...diagnosticLines(event.diagnostics, style),
        `${style.yellow('not reloaded')}: ${event.why}; the previous version keeps running`,
        ...(event.next === '' ? [] : [event.next]),
      ].join('\n')
    case 'logged':
      return describeLine(event, style)
    case 'verifying':
      return event.line
    case 'running':
      return event.text
    case 'draining':
      return style.dim('stopping: finishing the running requests')
    default:
      return unreachable(event)
  }
}

function reloadedLine({ file, ms, statements }: Extract<CommandEvent, { kind: 'reloaded' }>, style: Style): string {
  const database = statements === 0 ? '' : `, database: ${count(statements, 'step')} applied`
  return `${style.green('reloaded')} ${file} in ${seconds(ms)}${database}`
}

/** A line of the log with its fields. */
function describeLine({ level, message, fields }: Extract<CommandEvent, { kind: 'logged' }>, style: Style): string {
  const { err, ...rest } = fields
  const paint = { info: style.dim, warn: style.yellow, error: style.red } as const
  const facts = Object.entries(rest).map(([name, value]) =>
    onOneLine(`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`),
  )
  return [
    `${paint[level](onOneLine(`${level} ${message}`))} ${style.dim(facts.join(' '))}`.trimEnd(),
    ...(err === undefined ? [] : [plainText(String(err))]),
  ].join('\n')
}

/** Texts of requests and of code begin no line of their own. */
function onOneLine(text: string): string {
  return plainText(text).replaceAll('\n', ' ')
}

function firstScreen(event: Extract<CommandEvent, { kind: 'listening' }>, style: Style): string {
  return [
    `${style.green(style.bold(event.name))} is running at ${style.bold(event.url)} ${style.dim(`(${seconds(event.ms)})`)}`,
    ...(event.docs ? [`API reference: ${event.url}/docs, OpenAPI: ${event.url}/openapi.json`] : []),
    ...(event.try.length === 0 ? [] : ['', 'Try:', ...event.try.map((line) => `  ${style.cyan(line)}`)]),
    ...pendingLines(event.pending, style),
    ...unwrittenLines(event.unwritten, style),
    ...(event.watching === null ? [] : ['', style.dim(`Watching ${event.watching}; Ctrl-C stops.`)]),
  ].join('\n')
}

/** Lists the parts of a design that this version does not implement yet, so that none is silently ignored. */
export function pendingLines(pending: readonly Pending[], style: Style): readonly string[] {
  if (pending.length === 0) return []
  return ['', style.yellow('Not yet in effect:'), ...pending.map(({ path, feature }) => `  ${formatPath(path)} (${feature})`)]
}

/** Lists the code that the design names and that is not written yet. */
function unwrittenLines(unwritten: readonly string[], style: Style): readonly string[] {
  if (unwritten.length === 0) return []
  return ['', style.yellow('Not written yet:'), ...unwritten.map((what) => `  ${what}`)]
}
