/** What the backend is made of: its parts, its entities, and what happens without a request. */

import type { Model } from '../../model/model.ts'
import { html, type Markup } from '../../verify/report/page/markup.ts'
import { type Section, table } from '../../verify/report/page/section.ts'
import { type Box, boxDiagram } from './boxes.ts'
import { entityDiagram, ownFields, typeWord } from './entity-diagram.ts'
import { codeOr, row, sectionPage } from './inline.ts'

/** The page. */
export function architecturePage(model: Model): string {
  const sections: readonly (Section | null)[] = [
    { id: 'components', title: 'Components', body: components(model) },
    { id: 'entities', title: 'Entities', body: html`${entityDiagram(model)}${entityTables(model)}` },
    model.workflows.length === 0 ? null : { id: 'workflows', title: 'Workflows', body: workflows(model) },
    model.events.length === 0 ? null : { id: 'events', title: 'Events', body: events(model) },
    model.jobs.length + model.schedules.length === 0 ? null : { id: 'jobs', title: 'Jobs and schedules', body: jobs(model) },
  ]
  return sectionPage(
    `${model.name}: architecture`,
    model.description ?? 'What the backend is made of.',
    sections.filter((section) => section !== null),
  )
}

function components(model: Model): Markup {
  const { served, mail, broker, httpServices, webhooks, entities } = model
  const hasFiles = entities.some(({ fields }) => fields.some(({ type }) => type.kind === 'file'))
  const doors = [
    ...(served.rest === null ? [] : [`REST: ${served.rest}`]),
    ...(served.graphql ? ['GraphQL: /graphql'] : []),
    'health: /health/ready',
  ]
  const beside: readonly Box[] = [
    { title: 'PostgreSQL', lines: ['tables, sessions, jobs', 'the log of events'], column: 2 },
    ...(mail === null ? [] : [{ title: 'Mail server', lines: ['SMTP'], column: 2 }]),
    ...(broker === null ? [] : [{ title: broker.kind === 'nats' ? 'NATS JetStream' : 'Kafka', lines: ['messages'], column: 2 }]),
    ...(hasFiles ? [{ title: 'Storage of files', lines: ['a folder, or S3'], column: 2 }] : []),
    ...httpServices.map(({ name }) => ({ title: `Service ${name}`, lines: ['HTTP'], column: 2 })),
    ...webhooks.map(({ name }) => ({ title: `Webhook ${name}`, lines: ['signed messages'], column: 2 })),
  ]
  const instance = `${model.name}, one or more instances`
  const boxes: readonly Box[] = [
    { title: 'Clients', lines: ['browsers, apps, services'], column: 0 },
    { title: instance, lines: [...doors, 'workers: jobs and reactions'], column: 1 },
    ...beside,
  ]
  const links = [{ from: 'Clients', to: instance, line: 0 }, ...beside.map(({ title }) => ({ from: instance, to: title, line: 0 }))]
  return html`${boxDiagram(`The components of ${model.name}`, boxes, links)}
<p>Instances share no state but PostgreSQL. A request becomes one SQL statement that contains the rules of its caller.</p>`
}

function entityTables({ entities }: Model): Markup {
  return html`${entities.map((entity) => {
    const rows = ownFields(entity).map(({ name, column, type, optional, description }) =>
      row([name, typeWord(type), optional ? 'optional' : 'required', codeOr(column), description ?? '']),
    )
    return html`<h3>${entity.name}</h3>${entity.description === null ? null : html`<p>${entity.description}</p>`}
${table(`Fields of ${entity.name}`, ['field', 'type', 'needed', 'column', 'meaning'], rows)}
<p class="note">Table <code>${entity.table}</code>. Each row also has <code>id</code>, <code>createdAt</code>, <code>updatedAt</code> and <code>version</code>.</p>`
  })}`
}

function workflows(model: Model): Markup {
  return html`${model.workflows.map(({ name, entity, field, initial }) => {
    const rows = model.actions.flatMap(({ transition, allowSource, ...action }) =>
      transition?.workflow === name && action.entity === entity
        ? [row([action.name, transition.from.join(', '), transition.to, codeOr(allowSource, 'nobody'), codeOr(transition.guardSource)])]
        : [],
    )
    return html`<h3>${name}: ${entity}.${field}, begins as ${initial}</h3>${table(`Transitions of ${name}`, ['transition', 'from', 'to', 'who may', 'if'], rows)}`
  })}`
}

function events({ events: all }: Model): Markup {
  const rows = all.flatMap(({ entity, happening, reactions }) =>
    reactions.map(({ name, kind, whenSource }) => row([`${entity}.${happening}`, kind, name, codeOr(whenSource, 'always')])),
  )
  return html`<p>A reaction runs after the commit, and again until it succeeds.</p>${table('Reactions to events', ['event', 'kind', 'reaction', 'when'], rows)}`
}

function jobs({ jobs: all, schedules }: Model): Markup {
  return html`${
    all.length === 0
      ? null
      : table(
          'Jobs',
          ['job', 'queue', 'attempts', 'ends after'],
          all.map(({ kind, queue, retry, timeoutMs }) => row([kind, queue, String(retry.attempts), `${timeoutMs / 1_000} s`])),
        )
  }${
    schedules.length === 0
      ? null
      : table(
          'Schedules',
          ['schedule', 'times', 'time zone', 'calls'],
          schedules.map(({ name, cron, timeZone, calls }) => row([name, codeOr(cron), timeZone, calls ?? 'its own code'])),
        )
  }`
}
