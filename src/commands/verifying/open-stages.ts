/** Sets up several backends of one design, so that a run asks them at the same time. */

import type { Stage } from '../../verify/run/stage.ts'
import { joinedLogs } from './backend/kept-log.ts'
import { type OpenStage, openStage, type StageOptions } from './open-stage.ts'

/** Several stages. The first one has the log and the secrets of all. */
export interface OpenStages extends OpenStage {
  readonly further: readonly Stage[]
}

/** What to set up. */
export interface StagesOptions extends StageOptions {
  /** How many more backends there are, each with one instance and a database of its own. */
  readonly further: number
}

/** Sets the stages up at once. @throws EnvironmentError as `openStage`. */
export async function openStages({ further, ...options }: StagesOptions): Promise<OpenStages> {
  const opening = [openStage(options), ...Array.from({ length: further }, () => openStage({ ...options, instances: 1 }))]
  const opened = (await Promise.allSettled(opening)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((one) => one.close()))
  }
  if (opened.length < opening.length) await close()
  const [first, ...others] = (await Promise.all(opening)) as [OpenStage, ...OpenStage[]]
  const stages = opened.map(({ stage }) => stage)
  return {
    ...first,
    stage: {
      ...first.stage,
      secrets: stages.flatMap(({ secrets = [] }) => secrets),
      log: () => joinedLogs(stages.flatMap(({ log }) => log?.() ?? [])),
    },
    further: others.map(({ stage }) => stage),
    close,
  }
}
