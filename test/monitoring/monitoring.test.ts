/** The alerts and the dashboard that Plinth brings: their rules under made-up series, and names that a running process shows. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parse } from 'yaml'
import { openMetrics } from '../../src/commands/serving/metrics/metrics.ts'
import { ROOT, temporaryFolder } from '../support/command-line.ts'

const ALERTS = join(ROOT, 'templates/monitoring/alerts.yml')
const DASHBOARD = join(ROOT, 'templates/monitoring/dashboard.json')
const PROMTOOL = [process.env.PROMTOOL ?? '', '/usr/bin/promtool'].find((path) => path !== '' && existsSync(path))
/** Without the program, a developer's run skips; CI has it. */
const without = PROMTOOL === undefined && process.env.CI !== 'true' ? { skip: 'needs promtool, of the Debian package prometheus' } : {}

interface Rule {
  readonly alert: string
  readonly expr: string
}

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

const rules = (parse(readFileSync(ALERTS, 'utf8')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
)
const { panels } = JSON.parse(readFileSync(DASHBOARD, 'utf8')) as { readonly panels: readonly Panel[] }
const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))

function promtool(...args: readonly string[]): void {
  execFileSync(PROMTOOL ?? assert.fail('CI needs promtool'), args, { stdio: 'pipe' })
}

function fileWith(t: TestContext, text: string): string {
  const file = join(temporaryFolder(t), 'rules.yml')
  writeFileSync(file, text)
  return file
}

test('the rules are valid, and each alert fires when it should and not before', without, (t) => {
  promtool('check', 'rules', ALERTS)
  promtool('test', 'rules', fileWith(t, readFileSync(join(import.meta.dirname, 'alerts.test.yml'), 'utf8').replace('ALERTS', ALERTS)))
})

test('the expressions of the dashboard are valid', without, (t) => {
  const recorded = shown.map((expr, i) => ({ record: `panel:${i}`, expr: expr.replaceAll('$__rate_interval', '5m') }))
  promtool('check', 'rules', fileWith(t, JSON.stringify({ groups: [{ name: 'dashboard', rules: recorded }] })))
})

test('each metric that an alert or a panel names is one that a process shows', async () => {
  const { body } = await openMetrics(Date.now).text()
  const known = new Set(
    [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) => (type === 'histogram' ? [`${name}_bucket`] : [name])),
  )
  const named = [...rules.map(({ expr }) => expr), ...shown].flatMap((expr) => expr.match(/\b(?:plinth|process|nodejs)_\w+/g) ?? [])
  assert.ok(named.length > 30)
  for (const name of named) assert.ok(known.has(name), `${name} is no metric`)
})

test('the reference says what to do about each alert', () => {
  const page = readFileSync(join(ROOT, 'docs/reference/metrics.md'), 'utf8')
  for (const { alert } of rules) assert.match(page, new RegExp(`^\\| \`${alert}\` \\| .{20,} \\| .{20,} \\|$`, 'm'), alert)
})
