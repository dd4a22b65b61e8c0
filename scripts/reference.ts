/**
 * Writes the reference pages that are made from tables in the code: `node --conditions=source scripts/reference.ts`; `--check` lists the
 * pages that are out of date. The texts of the tables come from the catalogues in `src/`.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { FAILURES } from '../src/base/failures/failure-catalogue.ts'
import { RULES } from '../src/base/failures/rules.ts'
import { COMMANDS } from '../src/commands/catalogue.ts'
import type { Mode } from '../src/commands/setup/settings/setting-facts.ts'
import { SETTINGS } from '../src/commands/setup/settings/setting-table.ts'
import type { CommandFacts } from '../src/commands/terminal/command.ts'
import { CATALOGUE } from '../src/design/findings/catalogue.ts'

const WRITTEN = '<!-- Written by scripts/reference.ts from the code; change it there. -->'

/** Each page by its path in the repository. */
export const PAGES: Readonly<Record<string, () => string>> = {
  'docs/reference/settings.md': settingsPage,
  'docs/reference/commands.md': commandsPage,
  'docs/reference/errors.md': errorsPage,
  'docs/reference/diagnostics.md': diagnosticsPage,
}

function settingsPage(): string {
  const shown = (value: string | null): string => (value === null ? '' : `\`${value}\``)
  const rows = Object.entries(SETTINGS).map(([name, facts]) => {
    const byMode: Readonly<Record<Mode, string | null>> = facts.default
    const production = facts.required ? '**required**' : shown(byMode.production)
    return [`\`${name}\`${facts.secret ? ' (secret)' : ''}`, facts.type.name, shown(byMode.development), production, facts.meaning]
  })
  return page('Settings', [
    'Plinth reads its settings from the environment. `plinth up` is for development. `plinth serve` and `plinth work` are for production and do not start if',
    'a setting is missing or wrong. The error names all of them at once, but never a value. `plinth settings check` asks the same without starting anything:',
    '',
    '```sh',
    'plinth settings          # lists all settings',
    'plinth settings check    # exit code 1 if plinth serve would not start, and why; --json for programs',
    '```',
    '',
    'A **secret** may also be in a file: `AUTH_KEYS_FILE=/run/secrets/auth-keys` names the file that has the value of `AUTH_KEYS`, as Docker and Kubernetes mount it.',
    'This works for the secrets in the table and for all variables that the design names. Line breaks at the end of the file do not count.',
    '',
    'In development, commands also read the file `.env` of the folder in which they run. Variables of the environment come first. `plinth serve` and `plinth work`',
    'never read it, and no command does if `NODE_ENV` is `production`.',
    '',
    ...table(['setting', 'type', 'in development', 'in production', 'meaning'], rows),
    '',
    'A design may name further variables, such as `BILLING_TOKEN`, for the addresses and secrets of [HTTP services](services.md) and of the [broker](broker.md),',
    'and the addresses of [other backends](backends.md). In production each of them is',
    '**required**; `plinth plan` lists them.',
  ])
}

function commandsPage(): string {
  return page('Commands', [
    'Every command has `--help` and `--json`. Exit codes: 0 done, 1 findings, 2 wrong usage, 3 an obstacle outside of Plinth (such as an unreachable database),',
    '70 a defect of Plinth. Colours appear only in a terminal, and never if `NO_COLOR` is set.',
    '',
    'With `--json`, the standard output is one JSON object with the same content as the text. `up` and `serve` write one object per line for each event, and',
    'the outcome last. If the exit code is not 0, the outcome has `error`, with `message`, `hint` (what to do next) and `exit`, and possibly other keys such as',
    '`findings`. If the exit code is 0, there is no `error`.',
    ...COMMANDS.flatMap(commandSection),
  ])
}

function commandSection(facts: CommandFacts): readonly string[] {
  const words = facts.arguments.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`))
  const options = facts.options.map(({ name, takes, value, choices, meaning }) => [
    `\`--${name}${takes === 'flag' ? '' : ` <${value ?? 'value'}>`}\``,
    `${meaning}${choices === undefined ? '' : ` (${choices.join(', ')})`}`,
  ])
  const rows = [...facts.arguments.map(({ name, meaning }) => [`\`${name}\``, meaning]), ...options]
  return [
    '',
    `## \`${['plinth', facts.name, ...words].join(' ')}\``,
    '',
    `${facts.summary.charAt(0).toUpperCase()}${facts.summary.slice(1)}.`,
    ...(rows.length === 0 ? [] : ['', ...table(['', ''], rows)]),
    '',
    '```sh',
    ...facts.examples.flatMap(({ line, does }) => [`# ${does}`, line]),
    '```',
  ]
}

function errorsPage(): string {
  // Each parameter of a detail gets its own name as value, so that the page shows where it is inserted.
  const names = new Proxy({}, { get: (_, name) => `{${String(name)}}` })
  const rows = Object.entries(FAILURES).map(([code, facts]) => [
    `\`${code}\``,
    String(facts.status),
    facts.title,
    (facts.detail as (params: object) => string)(names),
  ])
  return page('Errors', [
    'Every error is a problem document (RFC 9457, `application/problem+json`), unless the design gives [another form](logic.md#the-form-of-failures): `type`, `title`, `status`, `detail`, `code` and `traceId`. The meaning of a',
    '`code` never changes, so programs should decide by it; `detail` is for people. `validation_failed` also has `errors`, one `{ pointer, rule, message }` for',
    'each problem; `pointer` (RFC 6901) identifies the value in the body. `traceId`, 32 hexadecimal digits, finds the request in the log; every answer also',
    'has it in `X-Request-Id`. It is that of the `traceparent` of the request, if there is one.',
    '',
    ...table(['code', 'status', 'title', 'detail'], rows),
    '',
    '## Rules',
    '',
    'The rules that a value can break: `rule` of a problem. A check of the design has its own name as its rule. `messages` of',
    '[`errors`](logic.md#the-form-of-failures) may give each another message, and one for `empty`: a value that is an empty text or null, whatever its rule is.',
    '',
    ...table(
      ['rule', 'the value'],
      Object.entries(RULES).map(([rule, says]) => [`\`${rule}\``, says]),
    ),
  ])
}

function diagnosticsPage(): string {
  const sections = Object.entries(CATALOGUE).flatMap(([code, facts]) => [
    '',
    `## ${code} ${facts.title}`,
    '',
    `${facts.severity.charAt(0).toUpperCase()}${facts.severity.slice(1)}. ${facts.meaning} ${facts.remedy}`,
  ])
  return page('Findings in a design', [
    'All findings that Plinth can report about a design. `plinth plan` shows all findings of a design at once, each with its position. A design with an error',
    'is refused; a design with only warnings and notes is accepted. The meaning of a code never changes.',
    ...sections,
  ])
}

function page(title: string, lines: readonly string[]): string {
  return `# ${title}\n\n${WRITTEN}\n\n${lines.join('\n')}\n`
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]): string => `| ${cells.map(cellText).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)]
}

/** A cell of a table: `|` would end it anywhere, `<` begins a tag except in code, where a backslash would be shown. */
function cellText(text: string): string {
  return text.replaceAll(/`[^`]*`|[|<]/g, (part) => (part.length > 1 ? part.replaceAll('|', '\\|') : `\\${part}`))
}

/** The pages whose file differs from what the code says, by path. */
export function stalePages(root: string): readonly string[] {
  return Object.entries(PAGES).flatMap(([path, render]) => (readIfThere(join(root, path)) === render() ? [] : [path]))
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

if (import.meta.main) {
  const root = dirname(import.meta.dirname)
  const stale = stalePages(root)
  if (process.argv.includes('--check')) {
    for (const path of stale) console.error(`${path} is out of date; run: npm run reference`)
    process.exitCode = stale.length === 0 ? 0 : 1
  } else {
    for (const path of stale) writeFileSync(join(root, path), PAGES[path]?.() ?? '')
    console.log(stale.length === 0 ? 'reference: up to date' : `reference: wrote ${stale.join(', ')}`)
  }
}
