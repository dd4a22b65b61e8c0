/** The states of a job. The table of commands reads them before anything else is loaded. */

/** The states of a job. */
export const JOB_STATES = ['waiting', 'running', 'dead'] as const

/** Whether a job waits, runs, or has failed for the last time. */
export type JobState = (typeof JOB_STATES)[number]
