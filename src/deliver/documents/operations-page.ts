/** How to set up and run the backend: from nothing to production, upgrades, backups, alerts, and all settings. */

import type { Model } from '../../model/model.ts'
import { hasEncryptedFields } from '../../model/privacy/sealed.ts'
import { html, type Markup } from '../../verify/report/page/markup.ts'
import { type Section, table } from '../../verify/report/page/section.ts'
import { codeOr, inline, row, sectionPage } from './inline.ts'
import type { DeliveredSetting } from './setting.ts'

/** What the page is made of. */
export interface OperationsParts {
  readonly model: Model
  readonly settings: readonly DeliveredSetting[]
  /** The name of each alert, why it fires, and what to do. */
  readonly alerts: readonly (readonly string[])[]
}

/** The page. */
export function operationsPage({ model, settings, alerts }: OperationsParts): string {
  const required = settings.filter((setting) => setting.required)
  const sections: readonly Section[] = [
    { id: 'development', title: 'On your machine', body: development() },
    { id: 'production', title: 'Production', body: production(model, required) },
    { id: 'upgrade', title: 'Upgrade and roll back', body: upgrade() },
    { id: 'backup', title: 'Backups', body: backup(model) },
    { id: 'monitoring', title: 'Monitoring', body: monitoring() },
    { id: 'runbook', title: 'When an alert fires', body: runbook(alerts) },
    { id: 'settings', title: 'Settings', body: settingsTable(settings) },
  ]
  return sectionPage(`${model.name}: set-up and operations`, 'All commands run in the folder code.', sections)
}

function commands(label: string, text: string): Markup {
  return html`<pre tabindex="0" role="region" aria-label="${label}">${text}</pre>`
}

function development(): Markup {
  return html`<p>You need npm and any Node from 20 on; <code>npm ci</code> installs the Node that the backend runs on, and a PostgreSQL.</p>
${commands('Commands for development', 'npm ci\nnpm test\nnpm start')}
<p><code>npm start</code> prints the address and what to try first. Its data is in <code>.plinth/</code>; mails are shown at <code>/dev/mail</code> and sent to nobody.</p>`
}

function production(model: Model, required: readonly DeliveredSetting[]): Markup {
  const admin =
    model.identity?.role === null || model.identity === null
      ? null
      : html`<p>The first account with a role is made on a computer that reaches the database:</p>${commands('Command for the first account', firstAccount(model))}`
  return html`<ol><li>A database of PostgreSQL 15 or newer, with a role that owns it (for migrations) and one that does not (for serving): <code>deploy/database/roles.sql</code>.</li>
<li>The settings below. The backend does not start without those that are required, and names them: ${required.map(({ name }, i) => html`${i > 0 ? ', ' : ''}<code>${name}</code>`)}.</li>
<li><code>npm run migrate</code> makes the tables. <code>migrations/</code> has the same as SQL, for review.</li>
<li><code>npm run serve</code> serves. Any number of instances may share the database; work that runs later can have processes of its own (<code>WORK=off</code>, <code>npm run work</code>).</li>
<li><code>GET /health/ready</code> answers 200 when an instance serves, and 503 while it starts, stops or lacks its database. SIGTERM lets running requests end.</li></ol>${admin}`
}

/** The command names each field that an account must have. */
function firstAccount({ identity, entities }: Model): string {
  const fields = entities.find(({ name }) => name === identity?.entity)?.fields ?? []
  const needed = fields.filter(
    ({ name, system, optional, default: preset, type }) =>
      system === null &&
      !optional &&
      preset === null &&
      type.kind !== 'computed' &&
      ![identity?.login, identity?.password, identity?.role].includes(name),
  )
  return ['npx plinth grant ada@example.com <role> --create', ...needed.map(({ name }) => `--set ${name}=…`)].join(' ')
}

function upgrade(): Markup {
  return html`${commands('Commands for an upgrade', 'npx plinth migrate --dry-run\nnpm run migrate')}
<p>The first command shows every step and its SQL and changes nothing. Steps that delete data or lock large tables are refused until <code>--allow</code> names their hazard. What the new design no longer
has stays in the database, so instances of the version before go on: migrate first, then replace the instances one by one.</p>
<p><b>Roll back</b> by deploying the version before: <code>npm run migrate</code> in its folder, then start its instances. Running instances of either version go on meanwhile. Tables and columns that were added stay unused, and come back with
the next upgrade. Only after a step with <code>--allow deletes-data</code> is a backup needed.</p>
<p>The pipelines use <code>deploy/kubernetes/deploy.sh</code>. If the instances of a new version do not become ready, it puts the version before back in the same order, and the job fails: look at
<code>kubectl logs</code> of the instances that did not start. <code>kubectl rollout undo</code> alone is not enough: the database stays migrated, and instances of the version before that start then refuse it. If the
step back would delete data, its migration is refused; instances that still run go on, and you decide: deploy a version that is mended, or migrate by hand with <code>--allow</code>.</p>`
}

function backup(model: Model): Markup {
  const hasFiles = model.entities.some(({ fields }) => fields.some(({ type }) => type.kind === 'file'))
  return html`${commands('Commands for a backup', 'sh deploy/database/backup.sh backup.dump\nsh deploy/database/restore.sh backup.dump')}
<p><code>DATABASE_URL</code> names the role that owns the tables. Stop all instances before a restoration, which replaces everything or, after an error, nothing.</p>
<p>The database holds all state: rows, accounts, sessions, jobs, and the log of events.${hasFiles ? ' The bytes of files are in the storage that FILES names; back it up as well.' : ''}
Keep <code>AUTH_KEYS</code> where secrets are kept: with other keys, all access tokens end.${
    hasEncryptedFields(model)
      ? html` Keep <code>ENCRYPTION_KEYS</code> there as well, as long as a backup of their time: without them, nobody can read the encrypted fields again.`
      : null
  }</p>`
}

function monitoring(): Markup {
  return html`<p>With <code>METRICS_PORT</code>, each process shows metrics for Prometheus at <code>/metrics</code>, on a port of its own that needs no sign-in: open it to the monitoring only. Alert rules and a dashboard for
Grafana are in <code>node_modules/plinth/templates/monitoring</code>. The log is one JSON object a line on standard output; the trace id of an answer finds its lines.</p>`
}

function runbook(alerts: OperationsParts['alerts']): Markup {
  return table(
    'Alerts',
    ['alert', 'why', 'what to do'],
    alerts.map((cells) => row(cells.map(inline))),
  )
}

function settingsTable(settings: readonly DeliveredSetting[]): Markup {
  const rows = settings.map(({ name, meaning, required, secret, usual }) =>
    row([html`<code>${name}</code>`, required ? html`<b>required</b>` : codeOr(usual), secret ? 'secret' : '', inline(meaning)]),
  )
  return html`<p>All settings come from the environment.</p>${table('All settings', ['setting', 'usual value', 'kind', 'meaning'], rows)}`
}
