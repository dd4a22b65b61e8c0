/** The catalogue of findings about jobs and schedules. */

import type { DiagnosticFacts } from '../../base/diagnostic.ts'

/** The findings about jobs and schedules, by code. */
export const JOB_FINDINGS = {
  'PLN-D620': {
    severity: 'error',
    title: 'Work without a stated identity',
    meaning:
      'Nobody has called a schedule, so there is no caller whose rules could apply. Work that passes the rules of the entities says so with ' +
      'as: system.',
    remedy: 'Add as: system to the schedule with run, or to the action that it calls.',
  },
  'PLN-D621': {
    severity: 'error',
    title: 'Input that a job cannot keep',
    meaning: 'The input of a job stays in the database until the job is done. It names rows by their ids, and holds no password.',
    remedy: 'Give the id of a row that was written before, and read it in the job.',
  },
  'PLN-D622': {
    severity: 'error',
    title: 'Cron expression without a time',
    meaning: 'A part of the expression is outside its range, or no date fits all of its parts.',
    remedy: 'Write minute (0-59), hour (0-23), day of month (1-31), month (1-12) and day of week (0-7, or sun to sat).',
  },
  'PLN-D623': {
    severity: 'error',
    title: 'Unknown job',
    meaning: 'The step enqueue adds a job that the design declares under jobs.',
    remedy: 'Correct the name, or declare the job.',
  },
  'PLN-D577': {
    severity: 'warning',
    title: 'Work that causes itself again',
    meaning:
      'A reaction or a job causes an event or a job, directly or through others, that leads to it again, and no condition can end this. Plinth gives up after 100 reactions and jobs that follow from one request.',
    remedy: 'Add a when that becomes false, such as when: title != before.title, or change what the action writes.',
  },
  'PLN-D578': {
    severity: 'note',
    title: 'Work that may cause itself again',
    meaning:
      'A reaction or a job may lead to itself again. Conditions decide whether it does, or it waits for a minute or longer each time, so that no limit ends it.',
    remedy: 'Make sure that a condition ends it, or that it is intended to go on.',
  },
} as const satisfies Record<string, DiagnosticFacts>
