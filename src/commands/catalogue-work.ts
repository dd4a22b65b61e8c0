/** The part of the table of commands about work that runs after requests. */

import { JOB_STATES } from '../services/jobs/job-states.ts'
import { DELIVERY_STATES } from '../services/webhooks/delivery-states.ts'
import { type CommandFacts, DESIGN_ARGUMENT } from './terminal/command.ts'

/** The commands about reactions, jobs and schedules. */
export const WORK_COMMANDS: readonly CommandFacts[] = [
  {
    name: 'events',
    summary: 'show events that wait for their reactions or were given up; try them again, delete them, or replay old ones',
    arguments: [
      { name: 'do', required: false, meaning: 'list (unless given), show, retry, discard or replay' },
      { name: 'event', required: false, meaning: 'the number of an event' },
    ],
    options: [
      { name: 'design', takes: 'value', value: 'file', meaning: DESIGN_ARGUMENT.meaning },
      { name: 'reaction', takes: 'value', value: 'name', meaning: 'events of this reaction, such as "Post call notify"' },
      { name: 'all', takes: 'flag', meaning: 'with retry: all dead letters and waiting events; with discard: all dead letters' },
      { name: 'since', takes: 'value', value: 'moment', meaning: 'with replay: events from this moment on' },
      { name: 'until', takes: 'value', value: 'moment', meaning: 'with replay: events before this moment' },
    ],
    examples: [
      { line: 'plinth events', does: 'counts the events that wait and the dead letters, and lists the first ones' },
      { line: 'plinth events show 42', does: 'shows why an event failed, and its row' },
      { line: 'plinth events retry 42', does: 'tries a dead letter or a waiting event again at once, with all of its attempts' },
      { line: 'plinth events discard --reaction "Post call notify"', does: 'deletes all dead letters of a reaction' },
      { line: 'plinth events replay --reaction "Post call notify" --since 2026-11-29', does: 'delivers its events since then again' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { events } = await import('./events.ts')
      return (call, io) =>
        events(
          {
            doing: call.argument('do'),
            event: call.argument('event'),
            design: call.option('design'),
            reaction: call.option('reaction'),
            which: call.flag('all') ? 'all' : 'named',
            since: call.option('since'),
            until: call.option('until'),
          },
          io,
        )
    },
  },
  {
    name: 'webhooks',
    summary: 'show what was sent to receivers of webhooks, and what they answered; send messages again',
    arguments: [
      { name: 'do', required: false, meaning: 'list (unless given), show or replay' },
      { name: 'message', required: false, meaning: 'the number of a message' },
    ],
    options: [
      { name: 'design', takes: 'value', value: 'file', meaning: DESIGN_ARGUMENT.meaning },
      { name: 'webhook', takes: 'value', value: 'name', meaning: 'messages to this receiver, or to all subscriptions of this name' },
      { name: 'state', takes: 'value', value: 'state', choices: [...DELIVERY_STATES], meaning: 'only messages in this state' },
      { name: 'since', takes: 'value', value: 'moment', meaning: 'with replay: messages of events from this moment on' },
    ],
    examples: [
      { line: 'plinth webhooks', does: 'counts the messages of each receiver, and lists the last ones' },
      { line: 'plinth webhooks show 42', does: 'shows a message, its attempts and the beginning of the answers' },
      { line: 'plinth webhooks replay 42', does: 'sends a message again, with the same id' },
      { line: 'plinth webhooks replay --webhook crm --state failed', does: 'sends all messages again that the receiver did not take' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { webhooks } = await import('./webhooks.ts')
      return (call, io) =>
        webhooks(
          {
            doing: call.argument('do'),
            id: call.argument('message'),
            design: call.option('design'),
            webhook: call.option('webhook'),
            state: DELIVERY_STATES.find((one) => one === call.option('state')),
            since: call.option('since'),
          },
          io,
        )
    },
  },
  {
    name: 'jobs',
    summary: 'show jobs and schedules; run dead and waiting jobs at once, or delete them',
    arguments: [
      { name: 'do', required: false, meaning: 'list (unless given), show, retry or discard' },
      { name: 'id', required: false, meaning: 'the id of a job' },
    ],
    options: [
      { name: 'design', takes: 'value', value: 'file', meaning: DESIGN_ARGUMENT.meaning },
      { name: 'job', takes: 'value', value: 'name', meaning: 'jobs of this name; with retry and discard, all dead ones of it' },
      { name: 'state', takes: 'value', value: 'state', choices: [...JOB_STATES], meaning: 'list only jobs in this state' },
      { name: 'all', takes: 'flag', meaning: 'with retry and discard: all dead jobs' },
    ],
    examples: [
      { line: 'plinth jobs', does: 'counts the jobs, and shows the next times of schedules and the jobs that died' },
      { line: 'plinth jobs list --job remind --state waiting', does: 'lists the waiting jobs of one name' },
      { line: 'plinth jobs show 42', does: 'shows its input and why it failed' },
      { line: 'plinth jobs retry 42', does: 'runs a dead or a waiting job at once, with all of its attempts' },
      { line: 'plinth jobs retry --job remind', does: 'the same for all dead ones of a name' },
      { line: 'plinth jobs discard 42', does: 'deletes a dead or waiting job' },
    ],
    node: 'required',
    stops: 'at-once',
    load: async () => {
      const { jobs } = await import('./jobs.ts')
      return (call, io) =>
        jobs(
          {
            doing: call.argument('do'),
            id: call.argument('id'),
            design: call.option('design'),
            job: call.option('job'),
            state: JOB_STATES.find((state) => state === call.option('state')),
            which: call.flag('all') ? 'all' : 'named',
          },
          io,
        )
    },
  },
  {
    name: 'work',
    summary: 'run jobs, schedules and reactions to events in production, without an HTTP server',
    arguments: [DESIGN_ARGUMENT],
    options: [
      { name: 'queue', takes: 'values', value: 'queue', meaning: 'of the jobs, run only those of this queue; may be given more than once' },
    ],
    examples: [
      { line: 'WORK=off plinth serve', does: 'serves, and leaves jobs to other processes' },
      { line: 'plinth work', does: 'runs them, with the settings of plinth serve; as many processes as wanted' },
      { line: 'JOB_CONCURRENCY=2 plinth work --queue slow', does: 'two jobs at the same time, of the queue slow alone' },
    ],
    node: 'required',
    stops: 'drains',
    mode: 'production',
    load: async () => {
      const { work } = await import('./work.ts')
      return (call, io) => work({ design: call.argument('design'), queues: call.values('queue') }, io)
    },
  },
]
