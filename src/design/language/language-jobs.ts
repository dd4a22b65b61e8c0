/** The design language, as data: jobs and schedules. */

import type { FormKey, MapForm, ObjectForm } from './form.ts'
import { DESCRIPTION } from './language-fields.ts'
import { CODE, NAME, OWN_TRANSACTION, SPAN } from './language-forms.ts'
import { INPUTS } from './language-logic.ts'
import { STEPS, VALUES_BY_NAME } from './language-steps.ts'

const RETRY = {
  form: {
    kind: 'object',
    title: 'retry',
    keys: {
      attempts: {
        form: { kind: 'integer', min: 1, max: 100 },
        required: false,
        description: 'All runs, with the first one; 10 unless given.',
        example: 5,
      },
      first: {
        form: SPAN,
        required: false,
        description: 'The pause before the second run; 10s unless given. Each further pause is twice as long.',
        example: '30s',
      },
      most: { form: SPAN, required: false, description: 'The longest pause; 1h unless given.', example: '10m' },
    },
  } satisfies ObjectForm,
  required: false,
  description: 'How often it runs again after it failed, and after which pauses. Each pause is shorter by chance, by up to a half.',
  example: { attempts: 5, first: '30s' },
} as const satisfies FormKey

const TIMEOUT = {
  form: SPAN,
  required: false,
  description: 'How long one run may take; 1m unless given, 1h at most.',
  example: '5m',
} as const satisfies FormKey

const RUN = {
  form: CODE,
  required: false,
  description: 'Code: a function, or the path of one.',
  example: './jobs/report.ts#report',
} as const satisfies FormKey

/** Jobs by name. */
export const JOBS = {
  kind: 'map',
  max: 200,
  of: {
    kind: 'object',
    title: 'job',
    keys: {
      description: DESCRIPTION,
      as: {
        form: { kind: 'enum', values: ['caller', 'system'] },
        required: true,
        description: 'Whose rules apply when it runs: those of the account that added it, or with system none.',
        example: 'caller',
      },
      input: {
        form: INPUTS,
        required: false,
        description: 'What it needs, by name, as the input of an action.',
        example: { month: 'text' },
      },
      steps: {
        form: STEPS,
        required: false,
        description: 'What it does, in order, in one transaction.',
        example: [{ update: 'input.ticket', set: { remindedAt: 'now()' } }],
      },
      run: { ...RUN, description: 'Code in place of steps: a function, or the path of one.' },
      transaction: OWN_TRANSACTION,
      queue: {
        form: NAME,
        required: false,
        description: 'The queue, by which plinth work --queue chooses; default unless given.',
        example: 'slow',
      },
      priority: {
        form: { kind: 'integer', min: -100, max: 100 },
        required: false,
        description: 'Jobs with a higher number run first; 0 unless given.',
        example: 10,
      },
      concurrency: {
        form: { kind: 'integer', min: 1, max: 1_000 },
        required: false,
        description: 'How many run at the same time, in all processes together; any number unless given.',
        example: 2,
      },
      retry: RETRY,
      timeout: TIMEOUT,
      unique: {
        form: { kind: 'list', of: NAME, min: 0, max: 8 },
        required: false,
        description:
          'Inputs: the job is not added while another one with the same values of them waits. An empty list: while any other one waits.',
        example: ['ticket'],
      },
      delay: { form: SPAN, required: false, description: 'How long it waits before its first run.', example: '10m' },
    },
  },
} as const satisfies MapForm

/** Schedules by name. */
export const SCHEDULES = {
  kind: 'map',
  max: 200,
  of: {
    kind: 'object',
    title: 'schedule',
    keys: {
      description: DESCRIPTION,
      cron: {
        form: {
          kind: 'text',
          max: 100,
          pattern: {
            source: '^[0-9*,/-]+ [0-9*,/-]+ [0-9*,/-]+ [0-9A-Za-z*,/-]+ [0-9A-Za-z*,/-]+$',
            says: 'five fields: minute, hour, day of month, month, day of week',
          },
        },
        required: true,
        description: 'Five fields: minute, hour, day of month, month, day of week.',
        example: '0 3 * * *',
      },
      timeZone: { form: NAME, required: false, description: 'An IANA zone; UTC unless given.', example: 'Europe/Berlin' },
      as: {
        form: { kind: 'enum', values: ['system'] },
        required: false,
        description: 'Whose rules apply to the code of run. A schedule has no caller, so its code states system.',
        example: 'system',
      },
      run: RUN,
      transaction: OWN_TRANSACTION,
      call: { form: NAME, required: false, description: 'The action of the design to run, in place of code.', example: 'overdue' },
      input: {
        form: VALUES_BY_NAME,
        required: false,
        description: 'The inputs of that action: an expression (CEL) or a constant each. dueAt is the time of the run.',
        example: { until: 'dueAt' },
      },
      missed: {
        form: { kind: 'enum', values: ['once', 'skip', 'all'] },
        required: false,
        description: 'What is done about times at which no process ran: one run for all of them (unless given), none, or one for each.',
        example: 'skip',
      },
      retry: RETRY,
      timeout: TIMEOUT,
    },
  },
} as const satisfies MapForm
